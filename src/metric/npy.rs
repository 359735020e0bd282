//! Arrays in NumPy's `.npy` format, version 1 to 3
//! (<https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>).

/// An array of floating-point numbers: its sides, and its numbers in C or in Fortran order.
pub(super) struct NumpyArray<'a> {
    pub(super) shape: Vec<usize>,
    /// `<f4` or `<f8`.
    wide: bool,
    /// Whether columns, and not rows, lie together.
    fortran: bool,
    bytes: &'a [u8],
}

impl<'a> NumpyArray<'a> {
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
        let fortran = match entry("fortran_order") {
            Some(rest) if rest.starts_with("False") => false,
            Some(rest) if rest.starts_with("True") => true,
            _ => return Err("its header does not say in which order it is".into()),
        };
        let shape = entry("shape").and_then(|rest| rest.strip_prefix('(')?.split_once(')')).map(|(inside, _)| inside);
        let sides = shape.ok_or("its header names no `shape`")?.split(',').map(str::trim);
        let sides = sides.filter(|side| !side.is_empty()).map(str::parse);
        let shape: Vec<usize> = sides.collect::<Result<_, _>>().map_err(|_| "its shape is not of numbers")?;
        let width = if wide { 8usize } else { 4 };
        if shape.iter().try_fold(width, |product, &side| product.checked_mul(side)) != Some(bytes.len()) {
            return Err(format!("it holds {} bytes, not those of {shape:?}", bytes.len()));
        }
        if fortran && shape.len() > 2 {
            return Err("it is in Fortran order, and no matrix".into());
        }
        Ok(Self { shape, wide, fortran, bytes })
    }

    /// The numbers, row by row, rounded to 32 bits: what is beyond their range becomes infinite.
    pub(super) fn narrow(&self) -> Vec<f32> {
        self.numbers(|wide| wide as f32, |narrow| narrow)
    }

    /// The numbers, row by row.
    pub(super) fn wide(&self) -> Vec<f64> {
        self.numbers(|wide| wide, f64::from)
    }

    fn numbers<T: Copy>(&self, of_wide: impl Fn(f64) -> T, of_narrow: impl Fn(f32) -> T) -> Vec<T> {
        let values: Vec<T> = match self.wide {
            true => self.bytes.as_chunks().0.iter().map(|&bytes| of_wide(f64::from_le_bytes(bytes))).collect(),
            false => self.bytes.as_chunks().0.iter().map(|&bytes| of_narrow(f32::from_le_bytes(bytes))).collect(),
        };
        match self.shape[..] {
            [rows, columns] if self.fortran => {
                (0..rows * columns).map(|at| values[at % columns * rows + at / columns]).collect()
            }
            _ => values,
        }
    }
}
