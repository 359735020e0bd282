use super::*;
use safetensors::tensor::{Dtype, SafeTensors};
use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};

const UNLIMITED: u64 = u64::MAX;

/// Does something to a file's bytes.
type Damage<'a> = &'a dyn Fn(&mut Vec<u8>);

fn spec(key: &str, rows: usize) -> ArraySpec {
    ArraySpec { key: key.to_owned(), dtype: Dtype::U8, shape: vec![rows, 2], chunk: 3 }
}

/// Row i is (i, 2i).
fn rows(range: Range<usize>) -> Result<Vec<u8>, PrepareError> {
    Ok(range.flat_map(|i| [i as u8, (2 * i) as u8]).collect())
}

fn never(range: Range<usize>) -> Result<Vec<u8>, PrepareError> {
    panic!("rows {range:?} were made again");
}

/// First and end of the ranges of rows that were asked for.
fn asked(cache: &Cache, spec: &ArraySpec) -> Vec<(usize, usize)> {
    let asked = RefCell::new(Vec::new());
    let make = |range: Range<usize>| {
        asked.borrow_mut().push((range.start, range.end));
        rows(range)
    };
    let array = cache.array(spec, make).unwrap();
    assert!((0..array.rows()).all(|i| array.row(i) == [i as u8, (2 * i) as u8]));
    asked.into_inner()
}

/// Whether the array is there, whatever it holds.
fn holds(cache: &Cache, spec: &ArraySpec) -> bool {
    path_of(cache.folder(), spec).exists()
}

fn cache(limit: u64) -> (tempfile::TempDir, Cache) {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::new(folder.path().join("cache"), limit);
    (folder, cache)
}

#[test]
fn an_array_is_made_once_and_is_a_safetensors_file() {
    let (_folder, cache) = cache(UNLIMITED);
    assert_eq!(asked(&cache, &spec("a", 8)), [(0, 3), (3, 6), (6, 8)]);
    let array = cache.array(&spec("a", 8), never).unwrap();
    assert_eq!((array.rows(), array.row_length(), array.row(7)), (8, 2, &[7, 14][..]));
    let bytes = std::fs::read(&cache.files().unwrap()[0].path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(file.tensor("values").unwrap().data(), rows(0..8).unwrap());
    assert_eq!(file.tensor("chunks").unwrap().shape(), [3, 32]);
}

#[test]
fn what_was_made_before_a_failure_is_not_made_again() {
    let (_folder, cache) = cache(UNLIMITED);
    let fails = |range: Range<usize>| match range.start {
        6 => Err(PrepareError::OneClass),
        _ => rows(range),
    };
    assert!(matches!(cache.array(&spec("a", 8), fails), Err(PrepareError::OneClass)));
    assert_eq!(cache.files().unwrap().iter().map(|file| file.partial).collect::<Vec<_>>(), [true]);
    assert_eq!(asked(&cache, &spec("a", 8)), [(6, 8)]);
    assert!(!cache.files().unwrap()[0].partial);
}

#[test]
fn a_chunk_that_was_half_written_is_made_again() {
    let (_folder, cache) = cache(UNLIMITED);
    let spec = spec("a", 8);
    drop(cache.array(&spec, rows).unwrap());
    let whole = path_of(cache.folder(), &spec);
    let mut bytes = std::fs::read(&whole).unwrap();
    let place = spec.rows_at(spec.header().len(), 1);
    bytes[place.start + 1..place.end].fill(0);
    std::fs::write(whole.with_extension(PART), bytes).unwrap();
    std::fs::remove_file(whole).unwrap();
    assert_eq!(asked(&cache, &spec), [(3, 6)]);
}

#[test]
fn a_damaged_array_is_found_and_mended_where_it_is_damaged() {
    let (_folder, cache) = cache(UNLIMITED);
    let spec = spec("a", 8);
    drop(cache.array(&spec, rows).unwrap());
    let path = path_of(cache.folder(), &spec);
    let sound = std::fs::read(&path).unwrap();
    let last = sound.len() - 1;
    let damages: [(Damage, &[(usize, usize)]); 4] = [
        (&|bytes| bytes[last] ^= 1, &[(6, 8)]),
        (&|bytes| bytes[spec.digest_at(spec.header().len(), 0).start] ^= 1, &[(0, 3)]),
        (&|bytes| bytes[20] ^= 1, &[(0, 3), (3, 6), (6, 8)]),
        (&|bytes| bytes.truncate(last), &[(0, 3), (3, 6), (6, 8)]),
    ];
    for (damage, expected) in damages {
        let mut bytes = sound.clone();
        damage(&mut bytes);
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(asked(&cache, &spec), expected);
        assert_eq!(std::fs::read(&path).unwrap(), sound);
        assert_eq!(cache.files().unwrap().len(), 1);
    }
}

#[test]
fn of_several_who_need_an_array_at_once_one_makes_it() {
    let (_folder, cache) = cache(UNLIMITED);
    let made = AtomicUsize::new(0);
    let need = || {
        let array = cache.array(&spec("a", 8), |range| {
            made.fetch_add(1, Ordering::SeqCst);
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
    assert_eq!(made.into_inner(), 3);
    assert_eq!(cache.files().unwrap().len(), 1, "nothing but the array stays");
}

#[test]
fn the_cache_stays_within_its_limit_by_what_was_unused_for_longest() {
    let (_folder, cache) = cache(30_000);
    let large = |key| ArraySpec { chunk: 500, ..spec(key, 5000) };
    drop(cache.array(&large("a"), rows).unwrap());
    drop(cache.array(&large("b"), rows).unwrap());
    let old = |key| {
        let file = File::open(path_of(cache.folder(), &large(key))).unwrap();
        file.set_times(FileTimes::new().set_modified(SystemTime::UNIX_EPOCH)).unwrap();
    };
    // "a" has been used since.
    old("b");
    let held = cache.array(&large("a"), never).unwrap();
    drop(cache.array(&large("c"), rows).unwrap());
    assert!(holds(&cache, &large("a")) && !holds(&cache, &large("b")) && holds(&cache, &large("c")));
    // What is held stays, even if it is the oldest.
    old("a");
    drop(cache.array(&large("d"), rows).unwrap());
    assert!(holds(&cache, &large("a")) && !holds(&cache, &large("c")));
    drop(held);
    let error = cache.array(&ArraySpec { chunk: 9000, ..spec("e", 20_000) }, rows).err().unwrap();
    assert!(matches!(error, PrepareError::Full { limit: 30_000, .. }), "{error}");
}

#[test]
fn what_lies_below_counts_and_goes_but_for_fits() {
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
    assert_eq!(names(cache.superfluous().unwrap()), ["a.safetensors", "b.npy"]);
}
