use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Command};
use clap_mangen::Man;

use super::format::{print, print_data};
use super::{CliError, help};

#[derive(Args)]
pub struct ManArgs {
    /// Write a page for every command to this folder [default: print the page jem(1)]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// Prints the manual page jem(1), or writes the pages of all commands to a folder.
pub fn run(args: &ManArgs) -> Result<ExitCode, CliError> {
    let pages = pages()?;
    match (&args.out, pages.first()) {
        (Some(folder), _) => write(folder, &pages)?,
        (None, Some((_, page))) => print_data(page)?,
        (None, None) => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// The file name and the text of every page, jem(1) first.
fn pages() -> Result<Vec<(String, String)>, CliError> {
    let mut root = help::command().disable_help_subcommand(true);
    root.build();
    let mut pages = Vec::new();
    add_pages(root, &mut pages)?;
    Ok(pages)
}

fn add_pages(command: Command, pages: &mut Vec<(String, String)>) -> Result<(), CliError> {
    let man = Man::new(command.clone()).source(concat!("jem ", env!("CARGO_PKG_VERSION"))).manual("jem manual");
    let mut page = Vec::new();
    man.render(&mut page).map_err(CliError::Output)?;
    pages.push((man.get_filename(), String::from_utf8_lossy(&page).into_owned()));
    let below = command.get_subcommands().filter(|command| !command.is_hide_set());
    below.cloned().try_for_each(|command| add_pages(command, pages))
}

fn write(folder: &Path, pages: &[(String, String)]) -> Result<(), CliError> {
    let failed = |path: &Path, error: std::io::Error| CliError::Usage {
        what: format!("{}: cannot be written: {error}", path.display()),
        help: "choose a writable folder: jem man --out FOLDER".to_owned(),
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    for (name, page) in pages {
        let path = folder.join(name);
        std::fs::write(&path, page).map_err(|error| failed(&path, error))?;
    }
    print(&format!("{}: {} pages\n", folder.display(), pages.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_with_its_examples() {
        let pages = pages().unwrap();
        assert_eq!(pages[0].0, "jem.1");
        for name in ["jem-run.1", "jem-data-fetch.1", "jem-eval-fid.1", "jem-man.1"] {
            let (_, page) = pages.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("{name}"));
            assert!(page.contains("Examples:") && page.contains("SYNOPSIS"), "{page}");
        }
        assert!(!pages.iter().any(|(name, _)| name.contains("train-run")));
    }
}
