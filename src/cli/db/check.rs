use std::process::ExitCode;

use clap::Args;

use crate::train::verify;

use super::super::format::{Field, Format, FormatArgs, Records, print};
use super::{CliError, Global};

#[derive(Args)]
pub struct CheckArgs {
    #[command(flatten)]
    format: FormatArgs,
}

/// Lists all faults. The exit code is 4 if there are any.
pub fn run(global: &Global, args: &CheckArgs) -> Result<ExitCode, CliError> {
    let store = global.open_to_read()?;
    let mut findings = store.check()?;
    // If the database is damaged, its rows about checkpoints are not reliable.
    let folders = match findings.is_empty() {
        true => {
            let (folders, more) = verify(&store)?;
            findings.extend(more);
            format!(", {folders} checkpoints")
        }
        false => "; the checkpoints were not checked".to_owned(),
    };
    let mut records = Records::new(&["subject", "fault", "remedy"]);
    for finding in &findings {
        records.push([&finding.subject, &finding.fault, &finding.remedy].map(Field::text).into());
    }
    match args.format.format {
        Format::Table => {
            let counted = match findings.len() {
                0 => "no faults".to_owned(),
                1 => "1 fault".to_owned(),
                count => format!("{count} faults"),
            };
            let table = if records.is_empty() { String::new() } else { format!("{}\n\n", records.table()) };
            print(&format!("{table}{}: {counted} in the database{folders}\n", store.path().display()))?;
        }
        format => records.print(format)?,
    }
    Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(4) })
}
