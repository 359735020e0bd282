//! Weights files for tests.

use burn::store::{ModuleStore as _, SafetensorsStore, bridge};
use safetensors::tensor::{Dtype, TensorView};
use std::path::Path;

/// The name, shape and values of a tensor.
type NamedTensor = (String, Vec<usize>, Vec<f32>);

/// Writes f32 tensors to a `.safetensors` file.
pub(crate) fn save_tensors(state: &[NamedTensor], path: &Path) {
    let bytes: Vec<_> = (state.iter())
        .map(|(name, shape, values)| {
            (name, shape, values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
        })
        .collect();
    let views =
        bytes.iter().map(|(name, shape, bytes)| (*name, TensorView::new(Dtype::F32, shape.to_vec(), bytes).unwrap()));
    safetensors::serialize_to_file(views, None, path).unwrap();
}

/// The shape and values of a tensor in a `.safetensors` file.
pub(crate) fn read_tensor(path: &Path, name: &str) -> (Vec<usize>, Vec<f32>) {
    let mut store = SafetensorsStore::from_file(path);
    let tensor = store.get_tensor(name).unwrap().unwrap_or_else(|| panic!("{} has no {name}", path.display()));
    let data = bridge::to_data(tensor).unwrap();
    (data.shape().to_vec(), data.try_to_vec().unwrap())
}
