//! The file of moments.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::MetricError;
use super::feature_set::FeatureOrigin;
use super::moments::Moments;
use super::tensor_file::{self, Tensor, TensorFile, TensorValues};

const MEAN: &str = "mean";
const COVARIANCE: &str = "covariance";

/// The metadata of the file.
#[derive(Serialize, Deserialize)]
struct Metadata {
    count: usize,
    origin: Option<FeatureOrigin>,
}

impl Moments {
    /// Writes a `.safetensors` file: `mean` (float64 [d]), `covariance` (float64 [d, d], divided by N − 1), and the
    /// count and the origin of the features as JSON under the metadata key `jem`.
    ///
    /// # Errors
    ///
    /// If there are fewer than two rows or their number is not known, or the file cannot be written.
    pub fn save(&self, path: &Path, origin: Option<&FeatureOrigin>) -> Result<(), MetricError> {
        let (d, covariance) = (self.dimension(), self.covariance()?);
        let tensors = vec![
            (MEAN, Tensor { shape: vec![d], values: TensorValues::F64(self.mean()) }),
            (COVARIANCE, Tensor { shape: vec![d, d], values: TensorValues::F64(&covariance) }),
        ];
        tensor_file::write(path, tensors, &Metadata { count: self.known_count()?, origin: origin.cloned() })
    }

    /// Reads a file of [`Moments::save`].
    ///
    /// # Errors
    ///
    /// If the file cannot be read, a tensor or the count is missing, a tensor has another type or shape, or the values
    /// are not valid for [`Moments::from_statistics`].
    pub fn read(path: &Path) -> Result<(Self, Option<FeatureOrigin>), MetricError> {
        let file = TensorFile::open(path)?;
        let wrong = |reason: String| MetricError::Format { path: path.into(), reason };
        let shape = |tensor: &str, found: Vec<usize>, expected: String| {
            Err(MetricError::Shape { path: path.into(), tensor: tensor.into(), found, expected })
        };
        let ((found, mean), (square, covariance)) = (file.read_f64(MEAN)?, file.read_f64(COVARIANCE)?);
        let &[d @ 1..=usize::MAX] = &found[..] else { return shape(MEAN, found, "[dimensions]".into()) };
        if square != [d, d] {
            return shape(COVARIANCE, square, format!("[{d}, {d}], because `{MEAN}` has {d} values"));
        }
        let metadata: Option<Metadata> = file.metadata()?;
        let Metadata { count, origin } = metadata.ok_or_else(|| wrong("its metadata has no count of images".into()))?;
        let moments =
            Moments::from_statistics(Some(count), mean, &covariance).map_err(|error| wrong(error.to_string()))?;
        Ok((moments, origin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::Rows;

    #[test]
    fn saved_moments_are_read_with_their_origin() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reference.safetensors");
        let values = [1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0, 34.0];
        let moments = Moments::from_rows(&Rows::new(&values, 2).unwrap());
        moments.save(&path, None).unwrap();
        let (read, origin) = Moments::read(&path).unwrap();
        assert_eq!((read.count(), read.mean(), origin), (Some(4), moments.mean(), None));
        let (read, kept) = (read.covariance().unwrap(), moments.covariance().unwrap());
        let near = read.iter().zip(&kept).all(|(read, kept)| (read / kept - 1.0).abs() < 1e-15);
        assert!(near, "{read:?} {kept:?}");
    }

    #[test]
    fn one_image_is_not_saved() {
        let folder = tempfile::tempdir().unwrap();
        let one = Moments::from_rows(&Rows::new(&[1.0, 2.0], 2).unwrap());
        let error = one.save(&folder.path().join("one.safetensors"), None).unwrap_err();
        assert_eq!(error.to_string(), "1 image(s) have no covariance");
    }

    #[test]
    fn a_file_without_a_covariance_or_a_count_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.safetensors");
        let wide =
            |shape: &[usize], values: &'static [f64]| Tensor { shape: shape.into(), values: TensorValues::F64(values) };
        let wrong = |tensors| {
            tensor_file::write(&path, tensors, &Metadata { count: 3, origin: None }).unwrap();
            Moments::read(&path).unwrap_err().to_string()
        };
        let error = wrong(vec![(MEAN, wide(&[2], &[0.0; 2]))]);
        assert!(error.ends_with("no tensor `covariance` among [\"mean\"]"), "{error}");
        let error = wrong(vec![(MEAN, wide(&[2], &[0.0; 2])), (COVARIANCE, wide(&[4], &[0.0; 4]))]);
        assert!(error.ends_with("`covariance` is [4], not [2, 2], because `mean` has 2 values"), "{error}");
        let error = wrong(vec![(MEAN, wide(&[1], &[0.0])), (COVARIANCE, wide(&[1, 1], &[-1.0]))]);
        assert!(error.ends_with("the variance of column 0 is negative"), "{error}");
        let tensors = vec![(MEAN, wide(&[1], &[0.0])), (COVARIANCE, wide(&[1, 1], &[1.0]))];
        tensor_file::write(&path, tensors, &serde_json::json!({})).unwrap();
        let error = Moments::read(&path).unwrap_err().to_string();
        assert!(error.contains("missing field `count`"), "{error}");
    }
}
