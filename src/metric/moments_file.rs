//! The file that keeps moments, such as a reference's.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::MetricError;
use super::feature_set::FeatureOrigin;
use super::moments::Moments;
use super::tensor_file::{self, Numbers, Tensor, TensorFile};

const MEAN: &str = "mean";
const COVARIANCE: &str = "covariance";

/// What the file says beside its tensors.
#[derive(Serialize, Deserialize)]
struct About {
    count: usize,
    origin: Option<FeatureOrigin>,
}

impl Moments {
    /// Writes a `.safetensors` file: `mean` (float64 [d]), `covariance` (float64 [d, d], of N − 1), and the count and how
    /// the features were made as JSON under the metadata's key `jem`.
    ///
    /// # Errors
    ///
    /// If fewer than two rows were gathered or their number is not known, or the file cannot be written.
    pub fn save(&self, path: &Path, origin: Option<&FeatureOrigin>) -> Result<(), MetricError> {
        let (d, covariance) = (self.dimension(), self.covariance()?);
        let tensors = vec![
            (MEAN, Tensor { shape: vec![d], numbers: Numbers::Wide(self.mean()) }),
            (COVARIANCE, Tensor { shape: vec![d, d], numbers: Numbers::Wide(&covariance) }),
        ];
        tensor_file::write(path, tensors, &About { count: self.known_count()?, origin: origin.cloned() })
    }

    /// Reads what [`Moments::save`] wrote.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, lacks a tensor or the count, or a tensor has another type or shape, or is not what
    /// [`Moments::from_statistics`] takes.
    pub fn read(path: &Path) -> Result<(Self, Option<FeatureOrigin>), MetricError> {
        let file = TensorFile::open(path)?;
        let wrong = |reason: String| MetricError::Format { path: path.into(), reason };
        let shape = |tensor: &str, found: Vec<usize>, expected: String| {
            Err(MetricError::Shape { path: path.into(), tensor: tensor.into(), found, expected })
        };
        let ((found, mean), (square, covariance)) = (file.wide(MEAN)?, file.wide(COVARIANCE)?);
        let &[d @ 1..=usize::MAX] = &found[..] else { return shape(MEAN, found, "[numbers]".into()) };
        if square != [d, d] {
            return shape(COVARIANCE, square, format!("[{d}, {d}], as `{MEAN}` has {d} numbers"));
        }
        let about: Option<About> = file.about()?;
        let About { count, origin } = about.ok_or_else(|| wrong("its metadata has no count of images".into()))?;
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
    fn what_was_saved_is_read_with_its_origin() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reference.safetensors");
        let values = [1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0, 34.0];
        let moments = Moments::of(&Rows::new(&values, 2).unwrap());
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
        let one = Moments::of(&Rows::new(&[1.0, 2.0], 2).unwrap());
        let error = one.save(&folder.path().join("one.safetensors"), None).unwrap_err();
        assert_eq!(error.to_string(), "1 image(s) have no covariance");
    }

    #[test]
    fn a_file_without_a_covariance_or_a_count_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.safetensors");
        let wide =
            |shape: &[usize], values: &'static [f64]| Tensor { shape: shape.into(), numbers: Numbers::Wide(values) };
        let wrong = |tensors| {
            tensor_file::write(&path, tensors, &About { count: 3, origin: None }).unwrap();
            Moments::read(&path).unwrap_err().to_string()
        };
        let error = wrong(vec![(MEAN, wide(&[2], &[0.0; 2]))]);
        assert!(error.ends_with("no tensor `covariance` among [\"mean\"]"), "{error}");
        let error = wrong(vec![(MEAN, wide(&[2], &[0.0; 2])), (COVARIANCE, wide(&[4], &[0.0; 4]))]);
        assert!(error.ends_with("`covariance` is [4], not [2, 2], as `mean` has 2 numbers"), "{error}");
        let error = wrong(vec![(MEAN, wide(&[1], &[0.0])), (COVARIANCE, wide(&[1, 1], &[-1.0]))]);
        assert!(error.ends_with("the variance of column 0 is negative"), "{error}");
        let tensors = vec![(MEAN, wide(&[1], &[0.0])), (COVARIANCE, wide(&[1, 1], &[1.0]))];
        tensor_file::write(&path, tensors, &serde_json::json!({})).unwrap();
        let error = Moments::read(&path).unwrap_err().to_string();
        assert!(error.contains("missing field `count`"), "{error}");
    }
}
