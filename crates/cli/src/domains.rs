//! `mta-sts domains`: the domains in the window, read from its saved work.

use std::fmt::Write as _;

use anstyle::Style;
use mta_sts_core::Severity;
use mta_sts_domains::{Store, Summary, data_folder, table_json};
use time::OffsetDateTime;

use crate::args::DomainsArgs;
use crate::exit::{CliError, Exit};
use crate::output;
use crate::text::{STRONG, safe, style};

pub(crate) fn run(args: &DomainsArgs, json: bool) -> anyhow::Result<Exit> {
    let folder = data_folder(args.practice)
        .ok_or_else(|| CliError::not_checked("this system has no folder for saved work"))?;
    let read = Store::read(&folder);
    for remark in &read.remarks {
        output::warn(&format!("{}\n", safe(remark)));
    }
    let now = OffsetDateTime::now_utc();
    let mut lines: Vec<Summary> = read.domains.iter().map(|work| work.summary(now)).collect();
    lines.sort_by(|one, other| one.urgency().cmp(&other.urgency()));
    if json {
        output::print(&table_json(&lines))?;
    } else {
        output::print(&table(&lines))?;
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

/// The table of all domains.
fn table(lines: &[Summary]) -> String {
    if lines.is_empty() {
        return "No domain yet. The window saves every domain you check.\n".to_owned();
    }
    let cells: Vec<[String; 4]> = lines
        .iter()
        .map(|line| {
            let next = match line.next_on {
                Some(date) => format!(
                    "{}: {}",
                    mta_sts_core::day(date.midnight().assume_utc()),
                    line.next
                ),
                None => line.next.clone(),
            };
            let checked = line
                .checked_at
                .map_or_else(|| "never".to_owned(), mta_sts_core::day);
            let domain = line.domain.to_unicode();
            [domain, line.standing.to_text(), next, checked].map(|cell| safe(&cell))
        })
        .collect();
    let headings = ["Domain", "State", "Next", "Checked"].map(str::to_owned);
    let width = |column: usize| {
        let all = cells.iter().chain([&headings]);
        all.map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths = [0, 1, 2, 3].map(width);
    let mut text = String::new();
    for (place, row) in [&headings].into_iter().chain(&cells).enumerate() {
        let style = match place.checked_sub(1).and_then(|place| lines.get(place)) {
            None => STRONG,
            Some(line) => line.severity.map_or(Style::new(), style),
        };
        for (column, cell) in row.iter().enumerate() {
            let gap = widths[column] - cell.chars().count() + 2;
            // Only the state has the colour; the whole heading is bold.
            let style = if place == 0 || column == 1 {
                style
            } else {
                Style::new()
            };
            let _ = write!(text, "{style}{cell}{style:#}{:gap$}", "");
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}
