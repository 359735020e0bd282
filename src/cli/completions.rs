use std::process::ExitCode;

use clap::Args;
use clap_complete::{Shell, generate};

use super::format::print_data;
use super::{CliError, help};

#[derive(Args)]
pub struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

/// Prints the completion script of a shell.
pub fn run(args: &CompletionsArgs) -> Result<ExitCode, CliError> {
    print_data(&script(args.shell))?;
    Ok(ExitCode::SUCCESS)
}

fn script(shell: Shell) -> String {
    let mut bytes = Vec::new();
    generate(shell, &mut help::command(), "jem", &mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_of_each_shell_completes_commands_and_options() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let script = script(shell);
            assert!(script.contains("completions") && script.contains("cache-limit"), "{shell}: {script}");
        }
    }
}
