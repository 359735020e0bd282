use super::*;
use safetensors::tensor::{Dtype, SafeTensors};
use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};

const UNLIMITED: u64 = u64::MAX;

/// Changes the bytes of a file.
type Damage<'a> = &'a dyn Fn(&mut Vec<u8>);

fn spec(key: &str, rows: usize) -> ArraySpec {
    ArraySpec { key: key.to_owned(), dtype: Dtype::U8, shape: vec![rows, 2], chunk: 3 }
}

/// Row i is (i, 2i).
fn rows(range: Range<usize>) -> Result<Vec<u8>, PrepareError> {
    Ok(range.flat_map(|i| [i as u8, (2 * i) as u8]).collect())
}

fn never(range: Range<usize>) -> Result<Vec<u8>, PrepareError> {
    panic!("rows {range:?} were computed again");
}

/// The ranges of rows that were computed, as (start, end).
fn computed(cache: &Cache, spec: &ArraySpec) -> Vec<(usize, usize)> {
    let computed = RefCell::new(Vec::new());
    let compute = |range: Range<usize>| {
        computed.borrow_mut().push((range.start, range.end));
        rows(range)
    };
    let array = cache.array(spec, compute).unwrap();
    assert!((0..array.rows()).all(|i| array.row(i) == [i as u8, (2 * i) as u8]));
    computed.into_inner()
}

/// Whether the file of the array exists.
fn exists(cache: &Cache, spec: &ArraySpec) -> bool {
    path_of(cache.folder(), spec).exists()
}

fn cache(limit: u64) -> (tempfile::TempDir, Cache) {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::new(folder.path().join("cache"), limit);
    (folder, cache)
}

#[test]
fn an_array_is_computed_once_and_is_a_safetensors_file() {
    let (_folder, cache) = cache(UNLIMITED);
    assert_eq!(computed(&cache, &spec("a", 8)), [(0, 3), (3, 6), (6, 8)]);
    let array = cache.array(&spec("a", 8), never).unwrap();
    assert_eq!((array.rows(), array.row_length(), array.row(7)), (8, 2, &[7, 14][..]));
    let bytes = std::fs::read(&cache.files().unwrap()[0].path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(file.tensor("values").unwrap().data(), rows(0..8).unwrap());
    assert_eq!(file.tensor("chunks").unwrap().shape(), [3, 32]);
}

#[test]
fn chunks_before_a_failure_are_not_computed_again() {
    let (_folder, cache) = cache(UNLIMITED);
    let fails = |range: Range<usize>| match range.start {
        6 => Err(PrepareError::OneClass),
        _ => rows(range),
    };
    assert!(matches!(cache.array(&spec("a", 8), fails), Err(PrepareError::OneClass)));
    assert_eq!(cache.files().unwrap().iter().map(|file| file.partial).collect::<Vec<_>>(), [true]);
    assert_eq!(computed(&cache, &spec("a", 8)), [(6, 8)]);
    assert!(!cache.files().unwrap()[0].partial);
}

#[test]
fn a_partially_written_chunk_is_computed_again() {
    let (_folder, cache) = cache(UNLIMITED);
    let spec = spec("a", 8);
    drop(cache.array(&spec, rows).unwrap());
    let complete = path_of(cache.folder(), &spec);
    let mut bytes = std::fs::read(&complete).unwrap();
    let place = spec.rows_range(spec.header().len(), 1);
    bytes[place.start + 1..place.end].fill(0);
    std::fs::write(complete.with_extension(PARTIAL_EXTENSION), bytes).unwrap();
    std::fs::remove_file(complete).unwrap();
    assert_eq!(computed(&cache, &spec), [(3, 6)]);
}

#[test]
fn the_damaged_chunks_of_an_array_are_computed_again() {
    let (_folder, cache) = cache(UNLIMITED);
    let spec = spec("a", 8);
    drop(cache.array(&spec, rows).unwrap());
    let path = path_of(cache.folder(), &spec);
    let undamaged = std::fs::read(&path).unwrap();
    let last = undamaged.len() - 1;
    let damages: [(Damage, &[(usize, usize)]); 4] = [
        (&|bytes| bytes[last] ^= 1, &[(6, 8)]),
        (&|bytes| bytes[spec.digest_range(spec.header().len(), 0).start] ^= 1, &[(0, 3)]),
        (&|bytes| bytes[20] ^= 1, &[(0, 3), (3, 6), (6, 8)]),
        (&|bytes| bytes.truncate(last), &[(0, 3), (3, 6), (6, 8)]),
    ];
    for (damage, expected) in damages {
        let mut bytes = undamaged.clone();
        damage(&mut bytes);
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(computed(&cache, &spec), expected);
        assert_eq!(std::fs::read(&path).unwrap(), undamaged);
        assert_eq!(cache.files().unwrap().len(), 1);
    }
}

#[test]
fn one_of_several_threads_that_need_an_array_computes_it() {
    let (_folder, cache) = cache(UNLIMITED);
    let chunks = AtomicUsize::new(0);
    let need = || {
        let array = cache.array(&spec("a", 8), |range| {
            chunks.fetch_add(1, Ordering::SeqCst);
            std::thread::sleep(std::time::Duration::from_millis(20));
            rows(range)
        });
        assert_eq!(array.unwrap().row(5), [5, 10]);
    };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(need);
        }
    });
    assert_eq!(chunks.into_inner(), 3);
    assert_eq!(cache.files().unwrap().len(), 1, "only the array remains");
}

#[test]
fn the_least_recently_used_arrays_are_evicted_above_the_limit() {
    let (_folder, cache) = cache(30_000);
    let large = |key| ArraySpec { chunk: 500, ..spec(key, 5000) };
    drop(cache.array(&large("a"), rows).unwrap());
    drop(cache.array(&large("b"), rows).unwrap());
    let old = |key| {
        let file = File::open(path_of(cache.folder(), &large(key))).unwrap();
        file.set_times(FileTimes::new().set_modified(SystemTime::UNIX_EPOCH)).unwrap();
    };
    // "a" was used after it.
    old("b");
    let in_use = cache.array(&large("a"), never).unwrap();
    drop(cache.array(&large("c"), rows).unwrap());
    assert!(exists(&cache, &large("a")) && !exists(&cache, &large("b")) && exists(&cache, &large("c")));
    // An array in use is not evicted, even if it is the oldest.
    old("a");
    drop(cache.array(&large("d"), rows).unwrap());
    assert!(exists(&cache, &large("a")) && !exists(&cache, &large("c")));
    drop(in_use);
    let error = cache.array(&ArraySpec { chunk: 9000, ..spec("e", 20_000) }, rows).err().unwrap();
    assert!(matches!(error, PrepareError::Full { limit: 30_000, .. }), "{error}");
}

#[test]
fn files_of_subfolders_count_and_are_evicted_except_fits() {
    let folder = tempfile::tempdir().unwrap();
    for name in
        ["moments/a.safetensors", "tables/b.npy", "tables/b.part", "tables/b.lock", "fits/c/encoder.safetensors"]
    {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, [1; 5000]).unwrap();
    }
    let names = |files: Vec<CacheFile>| {
        let mut names: Vec<String> =
            files.iter().map(|file| file.path.file_name().unwrap().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    };
    let cache = Cache::new(folder.path().to_owned(), 100);
    assert_eq!(names(cache.files().unwrap()), ["a.safetensors", "b.npy"]);
    assert_eq!(names(cache.above_limit().unwrap()), ["a.safetensors", "b.npy"]);
}
