//! `mta-sts domains`: the domains in the window, read from its saved work.

use mta_sts_core::Severity;
use mta_sts_domains::{Store, Summary, Work, data_folder, table_json};

use crate::args::DomainsArgs;
use crate::exit::{CliError, Exit};
use crate::{output, text};

pub(crate) fn run(args: &DomainsArgs, json: bool) -> anyhow::Result<Exit> {
    let folder = data_folder(args.practice)
        .ok_or_else(|| CliError::not_checked("this system has no folder for saved work"))?;
    let read = Store::read(&folder);
    for remark in &read.remarks {
        output::warn(&format!("{}\n", text::safe(remark)));
    }
    let mut lines: Vec<Summary> = read.domains.iter().map(Work::summary).collect();
    lines.sort_by(|one, other| one.urgency().cmp(&other.urgency()));
    if json {
        output::print(&table_json(&lines))?;
    } else {
        output::print(&text::domains(&lines))?;
    }
    let unread = if read.remarks.is_empty() {
        Exit::Fine
    } else {
        Exit::NotChecked
    };
    Ok(lines.iter().map(exit).fold(unread, Exit::or_worse))
}

fn exit(line: &Summary) -> Exit {
    match line.severity {
        Some(Severity::Problem | Severity::Attention) => Exit::Found,
        Some(Severity::NotChecked) => Exit::NotChecked,
        Some(Severity::Note) | None => Exit::Fine,
    }
}
