//! Arrays in NumPy's `.npy` format, version 1 to 3
//! (<https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>).

/// An array of floats in C or Fortran order.
pub(super) struct NumpyArray<'a> {
    pub(super) shape: Vec<usize>,
    /// Whether the type is `<f8`, not `<f4`.
    is_f64: bool,
    /// Whether columns are contiguous, not rows.
    is_fortran: bool,
    bytes: &'a [u8],
}

impl<'a> NumpyArray<'a> {
    /// Parses the header and checks the length of the data. The error is the problem.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, String> {
        let rest = bytes.strip_prefix(b"\x93NUMPY").ok_or("it is not a .npy file")?;
        let truncated = "it ends in its header";
        // Two bytes of version, then the length of the header: two bytes in version 1, four bytes in later versions.
        let (length, rest) = match rest.split_first_chunk::<4>() {
            Some((&[1, _, low, high], rest)) => (usize::from(u16::from_le_bytes([low, high])), rest),
            Some((&[_, _, low, high], rest)) => {
                let (&[third, fourth], rest) = rest.split_first_chunk::<2>().ok_or(truncated)?;
                (u32::from_le_bytes([low, high, third, fourth]) as usize, rest)
            }
            None => return Err(truncated.into()),
        };
        let (header, bytes) = rest.split_at_checked(length).ok_or(truncated)?;
        let header = std::str::from_utf8(header).map_err(|_| "its header is not text")?;
        let entry = |name: &str| header.split_once(&format!("'{name}':")).map(|(_, rest)| rest.trim_start());
        let is_f64 = match entry("descr") {
            Some(rest) if rest.starts_with("'<f4'") => false,
            Some(rest) if rest.starts_with("'<f8'") => true,
            Some(rest) => {
                let found = rest.split(',').next().unwrap_or_default();
                return Err(format!("its values are {found}, not '<f4' or '<f8'"));
            }
            None => return Err("its header has no `descr`".into()),
        };
        let is_fortran = match entry("fortran_order") {
            Some(rest) if rest.starts_with("False") => false,
            Some(rest) if rest.starts_with("True") => true,
            _ => return Err("its header has no `fortran_order`".into()),
        };
        let shape = entry("shape").and_then(|rest| rest.strip_prefix('(')?.split_once(')')).map(|(inside, _)| inside);
        let sides = shape.ok_or("its header has no `shape`")?.split(',').map(str::trim);
        let sides = sides.filter(|side| !side.is_empty()).map(str::parse);
        let shape: Vec<usize> = sides.collect::<Result<_, _>>().map_err(|_| "its shape is not a list of integers")?;
        let width = if is_f64 { 8usize } else { 4 };
        if shape.iter().try_fold(width, |product, &side| product.checked_mul(side)) != Some(bytes.len()) {
            return Err(format!("it has {} bytes, not those of {shape:?}", bytes.len()));
        }
        if is_fortran && shape.len() > 2 {
            return Err("it is in Fortran order, but not a matrix".into());
        }
        Ok(Self { shape, is_f64, is_fortran, bytes })
    }

    /// The values row by row, rounded to f32; values beyond its range become infinite.
    pub(super) fn to_f32(&self) -> Vec<f32> {
        self.values(|value| value as f32, |value| value)
    }

    /// The values row by row.
    pub(super) fn to_f64(&self) -> Vec<f64> {
        self.values(|value| value, f64::from)
    }

    fn values<T: Copy>(&self, from_f64: impl Fn(f64) -> T, from_f32: impl Fn(f32) -> T) -> Vec<T> {
        let values: Vec<T> = match self.is_f64 {
            true => self.bytes.as_chunks().0.iter().map(|&bytes| from_f64(f64::from_le_bytes(bytes))).collect(),
            false => self.bytes.as_chunks().0.iter().map(|&bytes| from_f32(f32::from_le_bytes(bytes))).collect(),
        };
        match self.shape[..] {
            [rows, columns] if self.is_fortran => {
                (0..rows * columns).map(|at| values[at % columns * rows + at / columns]).collect()
            }
            _ => values,
        }
    }
}
