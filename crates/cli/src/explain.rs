//! `mta-sts explain`: what a bounce or a line of a mail log says, without the network.

use std::fmt::Write as _;

use mta_sts_core::rules::{Rule, rule};
use mta_sts_core::{
    Bounce, BounceMatch, BounceVerdict, Domain, Evidence, OtherBounce, SenderRule, TlsReport,
    read_bounce,
};
use serde::Serialize;

use crate::args::ExplainArgs;
use crate::exit::Exit;
use crate::text::{FAINT, STRONG, write_indented};
use crate::{input, output};

/// An e-mail may have pictures and the mail that came back in it; its text is read up to
/// [`Bounce::MAX_BYTES`].
const MAX_FILE_BYTES: usize = 8 * 1024 * 1024;

/// What to do where the text doesn’t say what failed.
const LOOK_FIRST: &str = "Check the domain of the recipient with mta-sts check: it shows what is \
                          wrong with the mail server or the policy.";

/// What a text says, for a program and for a person.
#[derive(Serialize)]
struct Explained<'a> {
    format: &'static str,
    outcome: Outcome,
    /// The first line for a person.
    verdict: String,
    software: Option<&'static str>,
    rule: Option<SenderRule>,
    finding: Option<Page>,
    /// The kind of a bounce about something else.
    kind: Option<&'static str>,
    status: Option<&'a str>,
    recipient_domain: Option<&'a str>,
    mx_host: Option<&'a str>,
    excerpt: Option<&'a str>,
    meaning: Option<String>,
    fix: Option<String>,
    /// The command that looks at the same from here.
    check: Option<String>,
    matched: Option<Matched>,
    /// Whether the rest of a long text was not read.
    cut: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    Refused,
    SomethingElse,
    Unknown,
    NoFailure,
}

#[derive(Serialize)]
struct Page {
    code: &'static str,
    title: &'static str,
    help: String,
}

/// The entry of the catalogue that decided.
#[derive(Serialize)]
struct Matched {
    id: &'static str,
    evidence: Evidence,
    source: &'static str,
    checked: String,
}

pub(crate) fn run(args: &ExplainArgs, json: bool) -> anyhow::Result<Exit> {
    let bytes = input::read(&args.file, MAX_FILE_BYTES)?;
    let bounce = read_bounce(&mta_sts_reports::bounce_text(&bytes));
    let mut explained = Explained::of(&bounce);
    explained.cut |= bytes.len() > MAX_FILE_BYTES;
    if explained.outcome == Outcome::NoFailure && TlsReport::read_all(&bytes).is_ok() {
        "This is a TLS report, not a bounce. Read it with mta-sts report."
            .clone_into(&mut explained.verdict);
    }
    if json {
        output::print_json(&explained)?;
    } else {
        output::print(&in_words(&explained))?;
    }
    Ok(explained.exit())
}

impl<'a> Explained<'a> {
    fn of(bounce: &'a Bounce) -> Self {
        let mut explained = Self {
            format: "mta-sts-explain/1",
            outcome: Outcome::NoFailure,
            verdict: "No failed delivery was found in this text: it isn’t a bounce or a line of a \
                      mail log that says why."
                .to_owned(),
            software: bounce.software.map(|it| it.name.as_str()),
            rule: None,
            finding: None,
            kind: None,
            status: bounce.status.as_deref(),
            recipient_domain: bounce.recipient_domain.as_ref().map(Domain::as_str),
            mx_host: bounce.mx_host.as_deref(),
            excerpt: bounce.excerpt.as_deref(),
            meaning: None,
            fix: None,
            check: None,
            matched: None,
            cut: bounce.cut,
        };
        match &bounce.verdict {
            BounceVerdict::Refused(refused) => explained.refused(*refused),
            BounceVerdict::Other(other) => explained.other(other),
            BounceVerdict::Unknown => {
                explained.outcome = Outcome::Unknown;
                "A delivery failed, but nothing in this text is known here, so it can’t be told \
                 whether it is about MTA-STS, DANE or TLS."
                    .clone_into(&mut explained.verdict);
            }
            BounceVerdict::NoFailure => {}
        }
        explained
    }

    fn refused(&mut self, refused: BounceMatch) {
        let page = refused.finding().and_then(rule);
        let by = refused.rule().in_words();
        let sender = self.software.unwrap_or("The sender");
        let host = self.mx_host.unwrap_or("the mail server");
        self.verdict = match page {
            Some(page) => format!("{sender} didn’t deliver to {host} ({by}): {}.", page.title),
            None => format!("{sender} didn’t deliver to {host} because of {by}."),
        };
        self.outcome = Outcome::Refused;
        self.rule = Some(refused.rule());
        let mut meaning = refused.because();
        let why = page.map(|page| page.section("Why it matters"));
        meaning.extend(why.as_deref());
        self.meaning = (!meaning.is_empty()).then(|| meaning.join("\n"));
        let own_fix = refused.known.fix.clone();
        let fix = own_fix.or_else(|| page.map(|page| page.section("How to fix")));
        self.fix = Some(fix.unwrap_or_else(|| LOOK_FIRST.to_owned()));
        self.check = self
            .recipient_domain
            .map(|it| format!("mta-sts check {it}"));
        self.finding = page.map(Page::of);
        self.matched = Some(Matched {
            id: &refused.known.id,
            evidence: refused.evidence(),
            source: &refused.known.source,
            checked: refused.known.checked.to_string(),
        });
    }

    fn other(&mut self, other: &'static OtherBounce) {
        self.outcome = Outcome::SomethingElse;
        self.verdict = format!(
            "This bounce is about {}, not about MTA-STS, DANE or TLS.",
            other.what
        );
        self.kind = Some(&other.id);
        self.meaning = Some(other.meaning.clone());
        self.matched = Some(Matched {
            id: &other.id,
            evidence: other.evidence,
            source: &other.source,
            checked: other.checked.to_string(),
        });
    }

    fn exit(&self) -> Exit {
        match self.outcome {
            Outcome::Refused => Exit::Found,
            Outcome::SomethingElse => Exit::Fine,
            Outcome::Unknown | Outcome::NoFailure => Exit::NotChecked,
        }
    }
}

impl Page {
    fn of(rule: &'static Rule) -> Self {
        Self {
            code: rule.code,
            title: rule.title,
            help: format!("docs/findings.md#{}", rule.code),
        }
    }
}

/// The verdict first, then what was seen, what it means and what to do.
fn in_words(explained: &Explained<'_>) -> String {
    let mut text = String::new();
    let _ = write!(text, "{STRONG}{}{STRONG:#}", explained.verdict);
    if let Some(page) = &explained.finding {
        let _ = write!(text, "  {FAINT}[{}]{FAINT:#}", page.code);
    }
    text.push('\n');
    let seen = explained.excerpt.map(|excerpt| format!("“{excerpt}”"));
    let about = [
        ("Sent by", explained.software),
        ("Recipient", explained.recipient_domain),
        ("Mail server", explained.mx_host),
        ("Status", explained.status),
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
    if explained.outcome == Outcome::Refused
        && let Some(matched) = &explained.matched
    {
        let sure = match matched.evidence {
            Evidence::Doc => "These words are documented, or in the source code that writes them",
            Evidence::CommonKnowledge => "These words are known from several public sources",
            Evidence::Unverified => "This isn’t certain: take it as a hint",
        };
        let Matched {
            source, checked, ..
        } = matched;
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
        anstream::adapter::strip_str(&in_words(&Explained::of(&bounce))).to_string()
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
