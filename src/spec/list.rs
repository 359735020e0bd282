//! Constant lists of words that are joined at compile time.

/// The lists one after the other.
///
/// # Panics
///
/// While compiling, if `N` is not the number of words in all lists.
pub const fn concat<const N: usize>(lists: &[&[&'static str]]) -> [&'static str; N] {
    let mut words = [""; N];
    let (mut list, mut count) = (0, 0);
    while list < lists.len() {
        let mut i = 0;
        while i < lists[list].len() {
            words[count] = lists[list][i];
            count += 1;
            i += 1;
        }
        list += 1;
    }
    assert!(count == N, "N is the number of words in all lists");
    words
}
