//! The header of NumPy's `.npy` format, version 1 to 3
//! (<https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>).

/// The header of an array.
#[derive(Debug)]
pub struct NpyHeader {
    /// The offset of the values in bytes.
    pub start: usize,
    /// The data type as in the header, with quotes: `'<f4'`.
    pub descr: String,
    /// Whether columns are contiguous, not rows.
    pub is_fortran: bool,
    /// The length of each axis.
    pub shape: Vec<usize>,
}

impl NpyHeader {
    /// Parses the header at the start of `bytes`. The values of the array may be missing.
    ///
    /// # Errors
    ///
    /// The problem, with "it" for the file.
    pub fn parse(bytes: &[u8]) -> Result<Self, &'static str> {
        let rest = bytes.strip_prefix(b"\x93NUMPY").ok_or("it is not a .npy file")?;
        let truncated = "it ends in the header";
        // Two bytes of version, then the length of the header: two bytes in version 1, four bytes in later versions.
        let (length, rest) = match rest.split_first_chunk::<4>() {
            Some((&[1, _, low, high], rest)) => (usize::from(u16::from_le_bytes([low, high])), rest),
            Some((&[_, _, low, high], rest)) => {
                let (&[third, fourth], rest) = rest.split_first_chunk::<2>().ok_or(truncated)?;
                (u32::from_le_bytes([low, high, third, fourth]) as usize, rest)
            }
            None => return Err(truncated),
        };
        let (header, values) = rest.split_at_checked(length).ok_or(truncated)?;
        let header = std::str::from_utf8(header).map_err(|_| "the header is not UTF-8")?;
        let entry = |name: &str| header.split_once(&format!("'{name}':")).map(|(_, rest)| rest.trim_start());
        let descr = entry("descr").ok_or("the header has no `descr`")?;
        let is_fortran = match entry("fortran_order") {
            Some(rest) if rest.starts_with("False") => false,
            Some(rest) if rest.starts_with("True") => true,
            _ => return Err("the header has no valid `fortran_order`"),
        };
        let shape = entry("shape").and_then(|rest| rest.strip_prefix('(')?.split_once(')')).map(|(inside, _)| inside);
        let lengths = shape.ok_or("the header has no valid `shape`")?.split(',').map(str::trim);
        let lengths = lengths.filter(|length| !length.is_empty()).map(str::parse);
        Ok(Self {
            start: bytes.len() - values.len(),
            descr: descr.split([',', '}']).next().unwrap_or_default().trim_end().to_owned(),
            is_fortran,
            shape: lengths.collect::<Result<_, _>>().map_err(|_| "the shape is not a tuple of integers")?,
        })
    }

    /// The size of the values in bytes, if one has `width` bytes. `None` if it is too large for this machine.
    pub fn size(&self, width: usize) -> Option<usize> {
        self.shape.iter().try_fold(width, |product, &length| product.checked_mul(length))
    }

    /// Reorders the values of the file row by row. Only a matrix in Fortran order changes; an array of more dimensions
    /// in that order is not supported.
    pub fn row_major<T: Copy>(&self, values: Vec<T>) -> Vec<T> {
        match self.shape[..] {
            [rows, columns] if self.is_fortran => {
                (0..rows * columns).map(|at| values[at % columns * rows + at / columns]).collect()
            }
            _ => values,
        }
    }
}
