//! The memory of results, which is used again.
//!
//! A training step needs buffers of the same lengths as the step before. New memory from the system must be cleared, page
//! by page, before a kernel can overwrite it, which took a tenth of a step with narrow networks (`benches/README.md`).
//! So the memory of a tensor that was dropped is kept for the next result of the same length.

use std::collections::VecDeque;
use std::mem::MaybeUninit;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

use burn::tensor::{AllocationProperty, Bytes};
use burn_std::{AccessError, AccessPolicy, AllocationController};

/// Values of the shortest buffer that is kept; the allocator is fast for shorter ones.
const SHORTEST: usize = 4096;
/// Bytes of the buffers that are kept, at most; the oldest is freed first.
const LIMIT: usize = 512 << 20;

/// Buffers that nobody uses, in the order in which they were put back.
struct Pool {
    buffers: VecDeque<Vec<f32>>,
    bytes: usize,
}

impl Pool {
    const fn new() -> Self {
        Self { buffers: VecDeque::new(), bytes: 0 }
    }

    /// A buffer of this length. The one that was put back last is most likely still in the processor's cache.
    fn take(&mut self, length: usize) -> Option<Vec<f32>> {
        let index = self.buffers.iter().rposition(|buffer| buffer.len() == length)?;
        let buffer = self.buffers.remove(index)?;
        self.bytes -= size_of_val(&buffer[..]);
        Some(buffer)
    }

    /// Keeps a buffer, and frees the oldest ones while there are more than `limit` bytes.
    fn put_back(&mut self, buffer: Vec<f32>, limit: usize) {
        self.bytes += size_of_val(&buffer[..]);
        self.buffers.push_back(buffer);
        while self.bytes > limit {
            let Some(oldest) = self.buffers.pop_front() else { break };
            self.bytes -= size_of_val(&oldest[..]);
        }
    }
}

static POOL: Mutex<Pool> = Mutex::new(Pool::new());

/// A buffer of `length` values for a result that overwrites all of them. What they are before does not matter.
pub(super) fn overwritten(length: usize) -> Vec<f32> {
    match reused(length) {
        Some(mut buffer) => {
            // A kernel that reads what it did not write is found by the tests.
            if cfg!(test) {
                buffer.fill(f32::NAN);
            }
            buffer
        }
        None => vec![if cfg!(test) { f32::NAN } else { 0.0 }; length],
    }
}

/// A buffer of `length` zeros, for a result that is added up.
pub(super) fn zeros(length: usize) -> Vec<f32> {
    match reused(length) {
        Some(mut buffer) => {
            buffer.fill(0.0);
            buffer
        }
        None => vec![0.0; length],
    }
}

fn reused(length: usize) -> Option<Vec<f32>> {
    match length < SHORTEST {
        true => None,
        false => POOL.lock().unwrap_or_else(PoisonError::into_inner).take(length),
    }
}

/// A buffer that is put back when it is dropped, for what a kernel needs in between. What is in it does not matter.
pub(super) fn temporary(length: usize) -> Temporary {
    Temporary(overwritten(length))
}

/// The values of [`temporary`].
pub(super) struct Temporary(Vec<f32>);

impl Deref for Temporary {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.0
    }
}

impl DerefMut for Temporary {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.0
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        put_back(std::mem::take(&mut self.0));
    }
}

/// Keeps a buffer for [`overwritten`] and [`zeros`].
fn put_back(buffer: Vec<f32>) {
    if buffer.len() >= SHORTEST {
        POOL.lock().unwrap_or_else(PoisonError::into_inner).put_back(buffer, LIMIT);
    }
}

/// The bytes of a tensor, whose memory is put back when the last tensor that shares it is dropped.
pub(super) fn bytes(values: Vec<f32>) -> Bytes {
    if values.len() < SHORTEST {
        return Bytes::from_elems(values);
    }
    let length = size_of_val(&values[..]);
    // SAFETY: all `length` bytes of the values are initialized.
    unsafe { Bytes::from_controller(Box::new(PooledMemory { values }), length) }
}

/// The memory of a tensor, which goes back to the pool when it is dropped.
struct PooledMemory {
    values: Vec<f32>,
}

impl AllocationController for PooledMemory {
    fn alloc_align(&self) -> usize {
        align_of::<f32>()
    }

    fn property(&self) -> AllocationProperty {
        AllocationProperty::Other
    }

    unsafe fn memory_mut(&mut self, _policy: AccessPolicy) -> Result<&mut [MaybeUninit<u8>], AccessError> {
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut self.values);
        // SAFETY: `MaybeUninit<u8>` has the layout of `u8`, and by the contract of this function the caller writes
        // initialized bytes only.
        Ok(unsafe { std::slice::from_raw_parts_mut(bytes.as_mut_ptr().cast(), bytes.len()) })
    }

    fn memory(&self, _policy: AccessPolicy) -> Result<&[MaybeUninit<u8>], AccessError> {
        let bytes: &[u8] = bytemuck::cast_slice(&self.values);
        // SAFETY: `MaybeUninit<u8>` has the layout of `u8`, and behind a shared reference nothing is written.
        Ok(unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len()) })
    }
}

impl Drop for PooledMemory {
    fn drop(&mut self) {
        put_back(std::mem::take(&mut self.values));
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Tensor, TensorData};

    use super::*;

    #[test]
    fn the_memory_of_a_dropped_tensor_is_used_again() {
        // No other test has buffers of this length.
        let length = SHORTEST + 4241;
        let values = overwritten(length);
        let address = values.as_ptr();
        let shared = bytes(values);
        let copy = shared.clone();
        drop(shared);
        drop(copy);
        let again = zeros(length);
        assert_eq!(again.as_ptr(), address);
        assert!(again.iter().all(|value| *value == 0.0));
    }

    #[test]
    fn the_oldest_buffers_are_freed_first() {
        let mut pool = Pool::new();
        for length in [10, 20, 30] {
            pool.put_back(vec![0.0; length], 4 * 50);
        }
        assert_eq!(pool.bytes, 4 * 50);
        assert_eq!(pool.take(10), None);
        assert_eq!(pool.take(30).map(|buffer| buffer.len()), Some(30));
        pool.put_back(vec![0.0; 60], 4 * 50);
        assert_eq!((pool.buffers.len(), pool.bytes), (0, 0), "one that is too large is not kept");
    }

    #[test]
    fn burn_reads_and_changes_tensors_in_this_memory() {
        let length = SHORTEST + 16;
        let values: Vec<f32> = (0..length).map(|i| i as f32).collect();
        let data = TensorData::from_bytes(bytes(values.clone()), [length], burn::tensor::DType::F32);
        let tensor = Tensor::<1>::from_data(data, &Device::flex());
        let (kept, changed) = (tensor.clone(), tensor.add_scalar(1.0).mul_scalar(2.0));
        let expected: Vec<f32> = values.iter().map(|value| 2.0 * (value + 1.0)).collect();
        assert_eq!(changed.into_data().try_to_vec::<f32>().unwrap(), expected);
        assert_eq!(kept.into_data().try_to_vec::<f32>().unwrap(), values);
    }
}
