//! `mta-sts explain`: what a bounce or a line of a mail log says, without the network.

use std::fmt::Write as _;

use mta_sts_core::{BounceOutcome, Evidence, ExplainedBounce, TlsReport, read_bounce};

use crate::args::ExplainArgs;
use crate::exit::Exit;
use crate::text::{FAINT, STRONG, write_indented};
use crate::{input, output};

/// An e-mail may have pictures and the mail that came back in it; its text is read up to
/// [`Bounce::MAX_BYTES`].
const MAX_FILE_BYTES: usize = 8 * 1024 * 1024;

pub(crate) fn run(args: &ExplainArgs, json: bool) -> anyhow::Result<Exit> {
    let bytes = input::read(&args.file, MAX_FILE_BYTES)?;
    let bounce = read_bounce(&mta_sts_reports::bounce_text(&bytes));
    let mut explained = ExplainedBounce::of(&bounce);
    explained.cut |= bytes.len() > MAX_FILE_BYTES;
    if explained.outcome == BounceOutcome::NoFailure && TlsReport::read_all(&bytes).is_ok() {
        "This is a TLS report, not a bounce. Read it with mta-sts report."
            .clone_into(&mut explained.verdict);
    }
    if json {
        output::print_json(&explained)?;
    } else {
        output::print(&in_words(&explained))?;
    }
    Ok(exit(&explained))
}

fn exit(explained: &ExplainedBounce) -> Exit {
    match explained.outcome {
        BounceOutcome::Refused => Exit::Found,
        BounceOutcome::SomethingElse => Exit::Fine,
        BounceOutcome::Unknown | BounceOutcome::NoFailure => Exit::NotChecked,
    }
}

/// The verdict first, then what was seen, what it means and what to do.
fn in_words(explained: &ExplainedBounce) -> String {
    let mut text = String::new();
    let _ = write!(text, "{STRONG}{}{STRONG:#}", explained.verdict);
    if let Some(page) = &explained.finding {
        let _ = write!(text, "  {FAINT}[{}]{FAINT:#}", page.code);
    }
    text.push('\n');
    let seen = explained
        .excerpt
        .as_ref()
        .map(|excerpt| format!("“{excerpt}”"));
    let about = [
        ("Sent by", explained.software),
        ("Recipient", explained.recipient_domain.as_deref()),
        ("Mail server", explained.mx_host.as_deref()),
        ("Status", explained.status.as_deref()),
    ];
    if let Some(seen) = &seen {
        let _ = writeln!(text, "\n{STRONG}Seen{STRONG:#}");
        write_indented(&mut text, "", seen);
        for (name, value) in about {
            if let Some(value) = value {
                write_indented(&mut text, "", &format!("{name}: {value}"));
            }
        }
    }
    for (heading, paragraph) in [
        ("What it means", &explained.meaning),
        ("How to fix it", &explained.fix),
        ("Check it", &explained.check),
    ] {
        if let Some(paragraph) = paragraph {
            let _ = writeln!(text, "\n{STRONG}{heading}{STRONG:#}");
            write_indented(&mut text, "", paragraph);
        }
    }
    if explained.outcome == BounceOutcome::Refused
        && let Some(matched) = &explained.matched
    {
        let sure = match matched.evidence {
            Evidence::Doc => "These words are documented, or in the source code that writes them",
            Evidence::CommonKnowledge => "These words are known from several public sources",
            Evidence::Unverified => "This isn’t certain: take it as a hint",
        };
        let (source, checked) = (matched.source, &matched.checked);
        let _ = writeln!(text, "\n{FAINT}{sure}. See {source} ({checked}).{FAINT:#}");
    }
    if explained.cut {
        let _ = writeln!(
            text,
            "{FAINT}The text is long; only its beginning was read.{FAINT:#}"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        let bounce = read_bounce(text.as_bytes());
        anstream::adapter::strip_str(&in_words(&ExplainedBounce::of(&bounce))).to_string()
    }

    #[test]
    fn the_verdict_comes_first_and_the_command_to_check_last() {
        let text = plain(
            "Nov 28 09:12:13 a postfix/smtp[7]: 4F: to=<ann@example.com>, \
             relay=mx1.example.com[192.0.2.1]:25, dsn=4.7.4, status=deferred (TLS is required, but \
             was not offered by host mx1.example.com[192.0.2.1])",
        );
        let first = "Postfix didn’t deliver to mx1.example.com (required TLS): STARTTLS is not \
                     offered.  [starttls-missing]\n\nSeen\n  “Nov 28";
        assert!(text.starts_with(first), "{text}");
        let places: Vec<Option<usize>> = [
            "\nSeen\n",
            "\n  Mail server: mx1.example.com\n",
            "\nWhat it means\n",
            "\nHow to fix it\n",
            "\nCheck it\n  mta-sts check example.com\n",
            "\nThese words are documented",
        ]
        .iter()
        .map(|part| text.find(part))
        .collect();
        assert!(
            places.iter().all(Option::is_some) && places.is_sorted(),
            "{text}"
        );
    }

    #[test]
    fn another_kind_of_bounce_is_told_in_one_sentence() {
        let text = plain("550 5.2.2 <ann@example.com>: no room");
        let verdict = "This bounce is about a full mailbox, not about MTA-STS, DANE or TLS.\n";
        assert!(text.starts_with(verdict), "{text}");
        assert!(!text.contains("How to fix"), "{text}");
    }
}
