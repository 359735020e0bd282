//! What commands say of runs that only older revisions of an experiment have, and that are still to be trained.

use crate::store::{Store, StoreError, Superseded};

/// What `jem queue` says of what earlier files of an experiment left in the queue; `None` when there is nothing.
///
/// # Errors
///
/// If the database cannot be read.
pub fn left_by_older(store: &Store, experiment: &str) -> Result<Option<String>, StoreError> {
    let left = store.superseded(Some(experiment))?;
    let drop = format!("`jem cancel --superseded --experiment {}` drops such runs", shell_word(experiment));
    let lines: Vec<String> = left.iter().map(sentence).collect();
    Ok((!lines.is_empty()).then(|| format!("{}, to be trained last; {drop}", lines.join("; "))))
}

/// What `jem status` says of them: a line an experiment and revision, and how to drop them.
pub fn lines(left: &[Superseded]) -> String {
    let lines: String = left.iter().map(|left| format!("{}: {}\n", left.experiment, sentence(left))).collect();
    match lines.is_empty() {
        true => lines,
        false => format!("{lines}`jem cancel --superseded` drops such runs, `jem list --superseded` shows them"),
    }
}

fn sentence(left: &Superseded) -> String {
    let Superseded { revision, queued, running, .. } = left;
    let (queued, running) = (*queued, *running);
    let runs = |count: u64| if count == 1 { "1 run".to_owned() } else { format!("{count} runs") };
    let of = format!("that only revision {revision} has");
    let stay = |count: u64| if count == 1 { "stays queued" } else { "stay queued" };
    let are = |count: u64| if count == 1 { "is running" } else { "are running" };
    match (queued, running) {
        (_, 0) => format!("{} {of} {}", runs(queued), stay(queued)),
        (0, _) => format!("{} {of} {}", runs(running), are(running)),
        _ => format!("{} {of} {}, and {running} {}", runs(queued), stay(queued), are(running)),
    }
}

/// A name as a shell reads it back.
fn shell_word(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    match name.chars().all(is_plain) && !name.starts_with('-') {
        true => name.to_owned(),
        false => format!("'{}'", name.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_run_and_several_are_counted_by_where_they_stand() {
        let say = |queued, running| sentence(&Superseded { experiment: "e".into(), revision: 3, queued, running });
        assert_eq!(say(1, 0), "1 run that only revision 3 has stays queued");
        assert_eq!(say(0, 2), "2 runs that only revision 3 has are running");
        assert_eq!(say(2, 1), "2 runs that only revision 3 has stay queued, and 1 is running");
    }

    #[test]
    fn a_name_can_be_pasted_into_a_shell() {
        assert_eq!(shell_word("oxford-small"), "oxford-small");
        assert_eq!(shell_word("my sweep"), "'my sweep'");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
    }
}
