//! What rules about the policy file share: its faults in words, and correct lines to replace them.

use crate::rules::case::Case;
use crate::rules::coverage::covered::mx_hosts;
use crate::rules::finding::{Findings, Subject};
use crate::text::mx_pattern::MxPattern;
use crate::text::policy::{
    MaxAge, Mode, Policy, PolicyFault, PolicyFaultKind, PolicyReading, SyntaxCause,
};
use crate::text::wording::{in_quotes, in_words};

/// Faults or lines that a sentence lists.
const MAX_LISTED: usize = 10;

/// The `max_age` of a policy if nothing better is known: a week.
const WEEK_SECS: u32 = 604_800;

/// The file as read; `None` where it was not fetched, or is longer than senders read.
pub(crate) fn reading<'a>(case: &'a Case<'_>) -> Option<&'a PolicyReading> {
    let is_cut = case.response().is_some_and(|response| response.too_large);
    case.policy.as_ref().filter(|_| !is_cut)
}

/// Whether a web page, of any size, came back instead of the file.
pub(crate) fn is_html(case: &Case<'_>) -> bool {
    let mut faults = case.policy.iter().flat_map(|reading| &reading.faults);
    faults.any(|fault| fault.kind == PolicyFaultKind::Html)
}

/// Whether two policies were joined without a line break, so that the last line of one and the first
/// of the other are on one line, and what follows appears twice.
pub(crate) fn is_two_files_in_one(case: &Case<'_>) -> bool {
    let has = |claims: fn(&PolicyFaultKind) -> bool| !faults(case, claims).is_empty();
    has(|kind| *kind == PolicyFaultKind::Syntax(SyntaxCause::FieldsOnOneLine))
        && has(|kind| matches!(kind, PolicyFaultKind::DuplicateField { .. }))
}

/// Reports the faults that a rule claims, all in one finding, and the fix for them.
pub(crate) fn report_faults<F: Into<String>>(
    case: &Case<'_>,
    findings: &mut Findings,
    claims: impl Fn(&PolicyFaultKind) -> bool,
    fix: impl FnOnce(&[&PolicyFault]) -> F,
) {
    let faults = faults(case, claims);
    if !faults.is_empty() {
        findings.report(
            Subject::policy_host(&case.facts.domain),
            evidence(case, &faults),
            fix(&faults),
        );
    }
}

/// The faults that a rule claims.
pub(crate) fn faults<'a>(
    case: &'a Case<'_>,
    claims: impl Fn(&PolicyFaultKind) -> bool,
) -> Vec<&'a PolicyFault> {
    let all = reading(case).map_or(&[][..], |reading| &reading.faults);
    all.iter()
        .filter(|fault| claims(&fault.kind))
        .take(MAX_LISTED)
        .collect()
}

/// Where the faults are and what they are.
pub(crate) fn evidence(case: &Case<'_>, faults: &[&PolicyFault]) -> String {
    let url = case.facts.domain.policy_url();
    if faults.iter().all(|fault| is_of_the_whole_file(&fault.kind)) {
        let kinds: Vec<String> = faults.iter().map(|fault| fault.kind.to_string()).collect();
        return format!("In {url}: {}.", kinds.join("; "));
    }
    let places: Vec<String> = faults.iter().map(|fault| with_place(fault)).collect();
    format!("In {url}, {}.", places.join("; "))
}

fn is_of_the_whole_file(kind: &PolicyFaultKind) -> bool {
    matches!(
        kind,
        PolicyFaultKind::Empty
            | PolicyFaultKind::VersionMissing
            | PolicyFaultKind::ModeMissing
            | PolicyFaultKind::MaxAgeMissing
            | PolicyFaultKind::MxMissing
    )
}

fn with_place(fault: &PolicyFault) -> String {
    let PolicyFault {
        line, found, kind, ..
    } = fault;
    if found.is_empty() {
        format!("line {line}: {kind}")
    } else {
        format!("line {line} at {}: {kind}", in_quotes(found, 100))
    }
}

/// Lines of a policy, each in quotes.
pub(crate) fn quoted_lines<T: AsRef<str>>(lines: &[T]) -> String {
    let mut quotes: Vec<String> = lines
        .iter()
        .take(MAX_LISTED)
        .map(|line| in_quotes(line.as_ref(), 300))
        .collect();
    if lines.len() > MAX_LISTED {
        quotes.push(format!("{} more", lines.len() - MAX_LISTED));
    }
    in_words(quotes)
}

/// The mx lines for the live MX hosts; if those are not known, what such a line looks like.
pub(crate) fn mx_lines(case: &Case<'_>) -> String {
    let lines: Vec<String> = patterns_for_hosts(case)
        .iter()
        .map(|pattern| format!("mx: {pattern}"))
        .collect();
    if lines.is_empty() {
        "“mx: ” and the host name for each of your MX records".to_owned()
    } else {
        quoted_lines(&lines)
    }
}

fn patterns_for_hosts(case: &Case<'_>) -> Vec<MxPattern> {
    mx_hosts(case)
        .into_iter()
        .filter_map(|host| MxPattern::parse(host).ok())
        .collect()
}

/// Every line of a correct file, for a file that is something else altogether. Keeps the values that
/// are in it, as far as they can be read.
pub(crate) fn whole_file(case: &Case<'_>) -> String {
    let named = Named::of(case);
    let mode = named.mode.unwrap_or(Mode::Testing);
    let max_age = named.max_age.map_or(WEEK_SECS, MaxAge::secs);
    let mx = if named.mx.is_empty() {
        patterns_for_hosts(case)
    } else {
        named.mx
    };
    let policy = MaxAge::new(max_age)
        .ok()
        .and_then(|max_age| Policy::new(mode, max_age, mx).ok());
    match policy.map(|policy| policy.write()) {
        Some(text) => quoted_lines(&text.lines().collect::<Vec<_>>()),
        None => format!(
            "“version: STSv1”, “mode: {mode}”, {} and “max_age: {max_age}”",
            mx_lines(case)
        ),
    }
}

/// What a text says in whatever form: good values behind the names of fields.
#[derive(Default)]
struct Named {
    mode: Option<Mode>,
    max_age: Option<MaxAge>,
    mx: Vec<MxPattern>,
}

impl Named {
    fn of(case: &Case<'_>) -> Self {
        let mut named = Self::default();
        let body = case.response().map(|response| &response.body.0[..]);
        let body = String::from_utf8_lossy(body.unwrap_or_default());
        // What ends a line, or a value, in JSON, in a record, in RTF and in escaped texts.
        let plain = body.replace("\\n", "\n").replace("\\par", "\n");
        let mut key = String::new();
        for part in plain.split(|c: char| "\n\r;,\"'{}[]".contains(c)) {
            let part = part.trim();
            let part = part.split(" #").next().unwrap_or(part);
            let value = match part.split_once([':', '=']) {
                Some((name, value)) => {
                    name.trim()
                        .to_ascii_lowercase()
                        .replace('-', "_")
                        .clone_into(&mut key);
                    value
                }
                None if ["mode", "mx", "max_age"].contains(&part) => {
                    part.clone_into(&mut key);
                    ""
                }
                None => part,
            };
            named.take(&key, value.trim_start_matches('-').trim());
        }
        named
    }

    fn take(&mut self, key: &str, value: &str) {
        match key {
            "mode" => self.mode = self.mode.or_else(|| value.parse().ok()),
            "max_age" => self.max_age = self.max_age.or_else(|| value.parse().ok()),
            "mx" => {
                let pattern = MxPattern::parse(value).ok();
                let whole = pattern.filter(|it| it.as_str().contains('.') && !self.mx.contains(it));
                self.mx.extend(whole);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Observed;
    use crate::rules::testing::{healthy, response, set_policy};

    #[test]
    fn a_whole_file_keeps_what_could_be_read() {
        let mut facts = healthy();
        set_policy(&mut facts, "mode: enforce\nmax_age: 86400\nmx 1\n");
        assert_eq!(
            whole_file(&Case::of(&facts)),
            "“version: STSv1”, “mode: enforce”, “mx: mx1.example.com”, “mx: mx2.example.com” and \
             “max_age: 86400”"
        );
    }

    #[test]
    fn without_known_hosts_the_lines_are_described() {
        let mut facts = healthy();
        set_policy(&mut facts, "{}");
        facts.mx = Observed::NotAsked;
        let lines = whole_file(&Case::of(&facts));
        assert!(
            lines.starts_with("“version: STSv1”, “mode: testing”, “mx: ” and"),
            "{lines}"
        );
    }

    #[test]
    fn a_file_that_was_cut_is_not_read() {
        let mut facts = healthy();
        response(&mut facts).too_large = true;
        assert_eq!(reading(&Case::of(&facts)), None);
    }
}
