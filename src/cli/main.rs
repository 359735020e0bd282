//! From the words of the command line to an exit code.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::screen::{note, note_raw, visible, write, write_raw};

use super::{Arguments, CliError, run};

/// Parses the process's command line, carries the command out, prints the error and its causes, and gives the exit
/// code. Help that was asked for goes to standard output, whatever is wrong to standard error.
pub fn main() -> ExitCode {
    let carried_out = match Arguments::try_parse() {
        Ok(arguments) => run(arguments),
        Err(answer) => answered(&answer),
    };
    carried_out.unwrap_or_else(|error| error.report())
}

/// Prints what clap has to say: the help, the version, or what is wrong with the command line.
fn answered(answer: &clap::Error) -> Result<ExitCode, CliError> {
    let plain = answer.render().to_string();
    let coloured = answer.render().ansi().to_string();
    let code = ExitCode::from(u8::try_from(answer.exit_code()).unwrap_or(2));
    match answer.use_stderr() {
        true if has_colours(std::io::stderr().is_terminal()) => note_raw(&coloured),
        true => note(plain.trim_end()),
        false if has_colours(std::io::stdout().is_terminal()) => {
            write_raw(coloured.as_bytes()).map_err(CliError::Output)?;
        }
        false => write(&plain).map_err(CliError::Output)?,
    }
    Ok(code)
}

/// Whether to use colours. They are control characters too: where a word of the user's has some, which help and errors
/// repeat, all are written out, and there are no colours.
fn has_colours(is_terminal: bool) -> bool {
    let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let able = std::env::var_os("TERM").is_some_and(|terminal| terminal != "dumb");
    let values = std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("JEM_"));
    let mut words = std::env::args_os().chain(values.map(|(_, value)| value));
    is_terminal && wanted && able && words.all(|word| is_plain(&word))
}

fn is_plain(word: &OsStr) -> bool {
    word.to_str().is_some_and(|word| matches!(visible(word), Cow::Borrowed(_)))
}
