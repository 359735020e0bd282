//! Messages about superseded runs: queued or running runs that only older revisions of an experiment have.

use crate::store::{Store, StoreError, SupersededRuns};

/// The message of `jem queue` about the superseded runs of an experiment; `None` if there are none.
///
/// # Errors
///
/// If the database cannot be read.
pub fn superseded_note(store: &Store, experiment: &str) -> Result<Option<String>, StoreError> {
    let superseded = store.superseded(Some(experiment))?;
    let remedy = format!("cancel them with `jem cancel --superseded --experiment {}`", shell_word(experiment));
    let lines: Vec<String> = superseded.iter().map(sentence).collect();
    Ok((!lines.is_empty()).then(|| format!("{}; they are trained last; {remedy}", lines.join("; "))))
}

/// The lines of `jem status` about superseded runs: one for each experiment and revision, and how to cancel them.
pub fn lines(superseded: &[SupersededRuns]) -> String {
    let lines: String = superseded.iter().map(|runs| format!("{}: {}\n", runs.experiment, sentence(runs))).collect();
    match lines.is_empty() {
        true => lines,
        false => format!("{lines}`jem list --superseded` lists these runs, `jem cancel --superseded` cancels them"),
    }
}

/// `2 queued runs and 1 running run only in revision 3`.
fn sentence(superseded: &SupersededRuns) -> String {
    let SupersededRuns { revision, queued, running, .. } = superseded;
    let count = |count: u64, state: &str| format!("{count} {state} {}", if count == 1 { "run" } else { "runs" });
    let runs = match (*queued, *running) {
        (queued, 0) => count(queued, "queued"),
        (0, running) => count(running, "running"),
        (queued, running) => format!("{} and {}", count(queued, "queued"), count(running, "running")),
    };
    format!("{runs} only in revision {revision}")
}

/// A name, quoted for a shell if necessary.
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
    fn superseded_runs_are_counted_by_state() {
        let text = |queued, running| sentence(&SupersededRuns { experiment: "e".into(), revision: 3, queued, running });
        assert_eq!(text(1, 0), "1 queued run only in revision 3");
        assert_eq!(text(0, 2), "2 running runs only in revision 3");
        assert_eq!(text(2, 1), "2 queued runs and 1 running run only in revision 3");
    }

    #[test]
    fn a_name_can_be_pasted_into_a_shell() {
        assert_eq!(shell_word("oxford-small"), "oxford-small");
        assert_eq!(shell_word("my sweep"), "'my sweep'");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
    }
}
