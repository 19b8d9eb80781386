//! The table of all domains, to export: CSV for a spreadsheet and JSON for a program.

use mta_sts_core::{Domain, Severity};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::standing::Summary;

/// The format name that every exported JSON carries.
pub const TABLE_FORMAT: &str = "mta-sts-domains/1";

#[derive(Serialize)]
struct Table<'a> {
    format: &'static str,
    domains: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    domain: &'a Domain,
    state: &'static str,
    since: Option<String>,
    until: Option<String>,
    severity: Option<Severity>,
    text: String,
    next: &'a str,
    next_on: Option<String>,
    checked_at: Option<String>,
}

fn iso(date: time::Date) -> String {
    format!(
        "{:04}-{:02}-{:02}",
        date.year(),
        u8::from(date.month()),
        date.day()
    )
}

fn moment(at: OffsetDateTime) -> Option<String> {
    at.format(&Rfc3339).ok()
}

impl<'a> Line<'a> {
    fn of(summary: &'a Summary) -> Self {
        Self {
            domain: &summary.domain,
            state: summary.standing.name(),
            since: summary.standing.since().and_then(moment),
            until: summary.standing.until().and_then(moment),
            severity: summary.severity,
            text: summary.standing.to_text(),
            next: &summary.next,
            next_on: summary.next_on.map(iso),
            checked_at: summary.checked_at.and_then(moment),
        }
    }
}

/// The table as JSON, format [`TABLE_FORMAT`].
#[must_use]
pub fn table_json(lines: &[Summary]) -> String {
    let table = Table {
        format: TABLE_FORMAT,
        domains: lines.iter().map(Line::of).collect(),
    };
    serde_json::to_string_pretty(&table).unwrap_or_default() + "\n"
}

/// The domains in a table that was exported as JSON; `None` if the text is not such a table.
#[must_use]
pub fn table_domains(json: &str) -> Option<Vec<Domain>> {
    #[derive(Deserialize)]
    struct Read {
        format: String,
        domains: Vec<ReadLine>,
    }
    #[derive(Deserialize)]
    struct ReadLine {
        domain: Domain,
    }
    let read: Read = serde_json::from_str(json).ok()?;
    let domains = read.domains.into_iter().map(|line| line.domain);
    (read.format == TABLE_FORMAT).then(|| domains.collect())
}

/// The table as CSV (RFC 4180) with headings. A spreadsheet takes no cell for a formula.
#[must_use]
pub fn table_csv(lines: &[Summary]) -> String {
    let mut csv = String::from("Domain,State,Next,Next on,Checked at\r\n");
    for line in lines.iter().map(Line::of) {
        let domain = line.domain.to_unicode();
        let cells = [
            domain.as_str(),
            &line.text,
            line.next,
            line.next_on.as_deref().unwrap_or_default(),
            line.checked_at.as_deref().unwrap_or_default(),
        ];
        let cells: Vec<String> = cells.into_iter().map(cell).collect();
        csv += &cells.join(",");
        csv += "\r\n";
    }
    csv
}

/// One cell, in quotes. Spreadsheets run text that starts like a formula, so an apostrophe goes
/// first.
fn cell(text: &str) -> String {
    let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if risky { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use mta_sts_core::Facts;
    use time::macros::datetime;

    use super::*;
    use crate::work::Work;

    fn lines() -> Vec<Summary> {
        let names = ["example.com", "b\u{fc}cher.example"];
        names
            .map(|name| {
                let domain = Domain::parse(name).unwrap();
                let mut work = Work::new(domain.clone());
                work.take_facts(Facts::new(domain, datetime!(2026-11-23 12:00 UTC)));
                work.summary(datetime!(2026-11-23 12:00 UTC))
            })
            .to_vec()
    }

    #[test]
    fn the_json_of_a_table_names_its_domains_again() {
        let json = table_json(&lines());
        let domains = table_domains(&json).unwrap();
        assert_eq!(
            domains,
            lines().into_iter().map(|it| it.domain).collect::<Vec<_>>()
        );
        assert_eq!(table_domains("{}"), None);
        assert_eq!(table_domains(&json.replace("domains/1", "domains/2")), None);
    }

    #[test]
    fn the_csv_has_one_line_a_domain_under_its_headings() {
        let csv = table_csv(&lines());
        assert_eq!(
            csv.lines().nth(1).unwrap(),
            "\"example.com\",\"Couldn’t be checked\",\"Check again\",\"\",\"2026-11-23T12:00:00Z\""
        );
        assert!(
            csv.lines()
                .nth(2)
                .unwrap()
                .starts_with("\"b\u{fc}cher.example\"")
        );
        assert_eq!(csv.matches("\r\n").count(), 3);
    }

    #[test]
    fn no_cell_is_a_formula_and_quotes_stay_within_their_cell() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(cell(formula), format!("\"'{formula}\""));
        }
        assert_eq!(cell("a \"b\", c"), "\"a \"\"b\"\", c\"");
    }
}
