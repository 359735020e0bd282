//! Matrices in NumPy's `.npy` format, version 1 to 3
//! (<https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>).

/// A matrix of floating-point numbers in C order: its rows, its columns and its bytes' width.
pub(super) struct NumpyMatrix<'a> {
    pub(super) shape: Vec<usize>,
    /// `<f4` or `<f8`.
    wide: bool,
    bytes: &'a [u8],
}

impl<'a> NumpyMatrix<'a> {
    /// Reads the header, and holds the length of what follows against it. The error says what is wrong.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, String> {
        let rest = bytes.strip_prefix(b"\x93NUMPY").ok_or("it is no .npy file")?;
        let cut = "it ends in its header";
        // Two bytes of version, and a length of two bytes in version 1, of four since.
        let (length, rest) = match rest.split_first_chunk::<4>() {
            Some((&[1, _, low, high], rest)) => (usize::from(u16::from_le_bytes([low, high])), rest),
            Some((&[_, _, low, high], rest)) => {
                let (&[third, fourth], rest) = rest.split_first_chunk::<2>().ok_or(cut)?;
                (u32::from_le_bytes([low, high, third, fourth]) as usize, rest)
            }
            None => return Err(cut.into()),
        };
        let (header, bytes) = rest.split_at_checked(length).ok_or(cut)?;
        let header = std::str::from_utf8(header).map_err(|_| "its header is no text")?;
        let entry = |name: &str| header.split_once(&format!("'{name}':")).map(|(_, rest)| rest.trim_start());
        let wide = match entry("descr") {
            Some(rest) if rest.starts_with("'<f4'") => false,
            Some(rest) if rest.starts_with("'<f8'") => true,
            Some(rest) => {
                let found = rest.split(',').next().unwrap_or_default();
                return Err(format!("it holds {found}, not '<f4' or '<f8'"));
            }
            None => return Err("its header names no `descr`".into()),
        };
        if !entry("fortran_order").is_some_and(|rest| rest.starts_with("False")) {
            return Err("it is in Fortran order".into());
        }
        let shape = entry("shape").and_then(|rest| rest.strip_prefix('(')?.split_once(')')).map(|(inside, _)| inside);
        let sides = shape.ok_or("its header names no `shape`")?.split(',').map(str::trim);
        let sides = sides.filter(|side| !side.is_empty()).map(str::parse);
        let shape: Vec<usize> = sides.collect::<Result<_, _>>().map_err(|_| "its shape is not of numbers")?;
        let width = if wide { 8usize } else { 4 };
        if shape.iter().try_fold(width, |product, &side| product.checked_mul(side)) != Some(bytes.len()) {
            return Err(format!("it holds {} bytes, not those of {shape:?}", bytes.len()));
        }
        Ok(Self { shape, wide, bytes })
    }

    /// The numbers, row by row, rounded to 32 bits: what is beyond their range becomes infinite.
    pub(super) fn narrow(&self) -> Vec<f32> {
        match self.wide {
            true => self.bytes.as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes) as f32).collect(),
            false => self.bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect(),
        }
    }
}
