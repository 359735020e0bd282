//! From the arguments of the process to its exit code.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::FromArgMatches as _;

use crate::screen::{note, note_raw, visible, write, write_raw};

use super::{Arguments, CliError, help, run};

/// Parses the command line of the process, runs the command, prints its error, and returns the exit code. Requested
/// help goes to standard output, errors go to standard error.
pub fn main() -> ExitCode {
    let parsed = help::command().try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches));
    let result = match parsed {
        Ok(arguments) => run(arguments),
        Err(message) => print_message(&message),
    };
    result.unwrap_or_else(|error| error.report())
}

/// Prints a message of clap: the help, the version, or an error of the command line.
fn print_message(message: &clap::Error) -> Result<ExitCode, CliError> {
    let plain = message.render().to_string();
    let coloured = message.render().ansi().to_string();
    let code = ExitCode::from(u8::try_from(message.exit_code()).unwrap_or(2));
    match message.use_stderr() {
        true if has_colours(std::io::stderr().is_terminal()) => note_raw(&coloured),
        true => note(plain.trim_end()),
        false if has_colours(std::io::stdout().is_terminal()) => {
            write_raw(coloured.as_bytes()).map_err(CliError::Output)?;
        }
        false => write(&plain).map_err(CliError::Output)?,
    }
    Ok(code)
}

/// Whether to use colours. Colours are control characters. If an argument or a variable of the user has control
/// characters, which help and errors repeat, all control characters are escaped, and there are no colours.
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
