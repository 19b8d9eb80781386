//! What a bounce or a line of a mail log says, in sentences: the verdict, what it means and what to do.

use serde::Serialize;

use crate::knowledge::bounce::{Bounce, BounceMatch, BounceVerdict, OtherBounce, SenderRule};
use crate::knowledge::catalogue::Evidence;
use crate::rules::{Rule, rule};
use crate::text::domain::Domain;

/// What to do where the text doesn’t say what failed.
const LOOK_FIRST: &str = "Check the domain of the recipient with mta-sts check: it shows what is \
                          wrong with the mail server or the policy.";

/// What a bounce or a line of a mail log says, for a program and for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplainedBounce {
    format: &'static str,
    /// What it is.
    pub outcome: BounceOutcome,
    /// The first line for a person.
    pub verdict: String,
    /// The software that wrote it.
    pub software: Option<&'static str>,
    /// The rule that the sender applied.
    pub rule: Option<SenderRule>,
    /// The finding that it belongs to.
    pub finding: Option<FindingPage>,
    /// The kind of a bounce about something else.
    pub kind: Option<&'static str>,
    /// The enhanced status code.
    pub status: Option<String>,
    /// The domain of the recipient.
    pub recipient_domain: Option<String>,
    /// The mail server that was to receive the mail.
    pub mx_host: Option<String>,
    /// The words that decided. Safe to show.
    pub excerpt: Option<String>,
    /// What it means.
    pub meaning: Option<String>,
    /// What to do.
    pub fix: Option<String>,
    /// The command that looks at the same from here.
    pub check: Option<String>,
    /// The entry of the catalogue that decided.
    pub matched: Option<MatchedBounce>,
    /// Whether the rest of a long text was not read.
    pub cut: bool,
}

/// What a bounce turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BounceOutcome {
    /// A mail server was refused for its TLS, its certificate or the policy.
    Refused,
    /// It is about something else.
    SomethingElse,
    /// A failure of a kind that isn’t known.
    Unknown,
    /// No failure was found.
    NoFailure,
}

/// The page of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingPage {
    /// Its code.
    pub code: &'static str,
    /// Its title, which begins in lower case.
    pub title: &'static str,
    /// Where it is in the documentation.
    pub help: String,
}

/// The entry of the catalogue that decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MatchedBounce {
    /// Its name.
    pub id: &'static str,
    /// What it rests on.
    pub evidence: Evidence,
    /// Where the words are written: a web address.
    pub source: &'static str,
    /// When it was last compared with its source.
    pub checked: String,
}

impl ExplainedBounce {
    /// What a text says that was read.
    #[must_use]
    pub fn of(bounce: &Bounce) -> Self {
        let mut explained = Self {
            format: "mta-sts-explain/1",
            outcome: BounceOutcome::NoFailure,
            verdict: "No failed delivery was found in this text: it isn’t a bounce or a line of a \
                      mail log that says why."
                .to_owned(),
            software: bounce.software.map(|it| it.name.as_str()),
            rule: None,
            finding: None,
            kind: None,
            status: bounce.status.clone(),
            recipient_domain: bounce.recipient_domain.as_ref().map(Domain::to_string),
            mx_host: bounce.mx_host.clone(),
            excerpt: bounce.excerpt.clone(),
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
                explained.outcome = BounceOutcome::Unknown;
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
        let host = self.mx_host.as_deref().unwrap_or("the mail server");
        self.verdict = match page {
            Some(page) => format!("{sender} didn’t deliver to {host} ({by}): {}.", page.title),
            None => format!("{sender} didn’t deliver to {host} because of {by}."),
        };
        self.outcome = BounceOutcome::Refused;
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
            .as_ref()
            .map(|it| format!("mta-sts check {it}"));
        self.finding = page.map(FindingPage::of);
        self.matched = Some(MatchedBounce {
            id: &refused.known.id,
            evidence: refused.evidence(),
            source: &refused.known.source,
            checked: refused.known.checked.to_string(),
        });
    }

    fn other(&mut self, other: &'static OtherBounce) {
        self.outcome = BounceOutcome::SomethingElse;
        self.verdict = format!(
            "This bounce is about {}, not about MTA-STS, DANE or TLS.",
            other.what
        );
        self.kind = Some(&other.id);
        self.meaning = Some(other.meaning.clone());
        self.matched = Some(MatchedBounce {
            id: &other.id,
            evidence: other.evidence,
            source: &other.source,
            checked: other.checked.to_string(),
        });
    }
}

impl FindingPage {
    fn of(rule: &'static Rule) -> Self {
        Self {
            code: rule.code,
            title: rule.title,
            help: format!("docs/findings.md#{}", rule.code),
        }
    }
}
