//! Parse, call, print the error and its causes, and exit with its code.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    match jem::cli::run(jem::cli::Arguments::parse()) {
        Ok(code) => code,
        Err(error) => error.report(),
    }
}
