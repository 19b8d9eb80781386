//! What changed on purpose or not: the published policy with its id, and what senders report.

use mta_sts_core::facts::KnownPolicy;
use mta_sts_core::{Domain, MxPattern, Policy, PolicyReading, SessionFailures, day, escaped};

use super::{MAX_NAME_CHARS, Message, MessageKind};
use crate::work::Work;

/// Lines of a policy that a sentence lists.
const MAX_LINES: usize = 10;

/// A change of the policy, of its id, or of both.
pub(super) struct Published<'a> {
    before: &'a KnownPolicy,
    now: &'a KnownPolicy,
}

impl<'a> Published<'a> {
    /// `None` where nothing changed.
    pub(super) fn new(before: &'a KnownPolicy, now: &'a KnownPolicy) -> Option<Self> {
        let is_same = now.id == before.id && now.text == before.text;
        (!is_same).then_some(Self { before, now })
    }

    pub(super) fn message(&self, domain: &Domain, work: Option<&Work>) -> Message {
        let is_own = work.is_some_and(|work| self.is_of(work));
        let what = self.what();
        let (text, fix) = if is_own {
            let text = format!("The policy that you made in the window is published now: {what}.");
            (text, None)
        } else {
            let text = format!(
                "What is published has changed since {}, and it doesn’t come from the window: {what}.",
                day(self.before.at)
            );
            let fix = "If you changed it yourself, there is nothing to do. If not, find out who \
                       changed it at the web host or the DNS provider, and publish your own version \
                       again with a new id.";
            (text, Some(fix.to_owned()))
        };
        Message {
            kind: MessageKind::Changed,
            code: None,
            subject: Some(domain.policy_host()),
            worse: !is_own,
            text,
            fix,
        }
    }

    /// Whether the window published it: it saw this version everywhere, or is about to.
    fn is_of(&self, work: &Work) -> bool {
        let Some(id) = &self.now.id else {
            return false;
        };
        let is_draft = work.draft.as_ref().is_some_and(|it| it.id.as_str() == id);
        let mut served = work.history.policies.iter();
        let is_this = |text: &str| text == self.now.text;
        is_draft
            || served.any(|it| {
                it.everywhere_since.is_some() && it.id.as_ref() == Some(id) && is_this(&it.text)
            })
    }

    /// What is different, as the rest of a sentence.
    fn what(&self) -> String {
        let mut parts = Vec::new();
        let read = |known: &KnownPolicy| PolicyReading::read(known.text.as_bytes()).policy;
        if let (Some(before), Some(now)) = (read(self.before), read(self.now)) {
            if now.mode() != before.mode() {
                parts.push(format!(
                    "the mode was {} and is {}",
                    before.mode(),
                    now.mode()
                ));
            }
            if now.max_age() != before.max_age() {
                let (before, now) = (before.max_age().secs(), now.max_age().secs());
                parts.push(format!("the max_age was {before} and is {now}"));
            }
            parts.extend(only_in(&now, &before).map(|it| format!("the policy now lists {it}")));
            parts.extend(only_in(&before, &now).map(|it| format!("it no longer lists {it}")));
        }
        if parts.is_empty() && self.now.text != self.before.text {
            parts.push("the file is written differently and means the same".to_owned());
        }
        if let Some(id) = self
            .now
            .id
            .as_ref()
            .filter(|it| Some(*it) != self.before.id.as_ref())
        {
            let before = self.before.id.as_deref().unwrap_or("missing");
            parts.push(format!(
                "the id was {} and is {}",
                escaped(before, 40),
                escaped(id, 40)
            ));
        }
        parts.join("; ")
    }
}

fn only_in(one: &Policy, other: &Policy) -> Option<String> {
    let own = one.mx().iter().filter(|it| !other.mx().contains(it));
    let names: Vec<String> = own.take(MAX_LINES).map(MxPattern::to_string).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Failures in TLS reports that weren’t there.
pub(super) fn grown(failure: &SessionFailures, sessions: u64) -> Message {
    let connections = match sessions {
        1 => "1 more connection that failed".to_owned(),
        count => format!("{count} more connections that failed"),
    };
    let host = failure.mx.as_deref();
    let with = host.map_or_else(String::new, |mx| {
        format!(" with {}", escaped(mx, MAX_NAME_CHARS))
    });
    Message {
        kind: MessageKind::Reports,
        code: None,
        subject: failure.mx.clone(),
        worse: true,
        text: format!(
            "Senders report {connections}{with}. {}. In all: {}",
            failure.title,
            failure.evidence()
        ),
        fix: Some(failure.advice.clone()),
    }
}
