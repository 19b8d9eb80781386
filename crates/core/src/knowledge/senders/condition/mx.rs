//! The mx lines of a policy, and the MX hosts.

use idna::punycode;

use super::{EXCERPT_CHARS, Met, NAME_CHARS, Publication, faults, fields, first_value};
use crate::text::domain::{MAX_LABEL_OCTETS, MAX_NAME_OCTETS};
use crate::text::escape::escaped;
use crate::text::mx_pattern::{MxPattern, MxPatternError, punycode_of};
use crate::text::policy::{Mode, PolicyFaultKind, PolicyField, PolicyReading};

pub(super) fn trailing_dot(policy: &PolicyReading) -> Option<Met> {
    let kind = PolicyFaultKind::MxInvalid(MxPatternError::TrailingDot);
    let line = faults(policy, &kind).next()?.line;
    // The excerpt of the fault may be cut; the field is whole.
    let field = fields(policy, "mx").find(|field| field.line == line)?;
    let bare = field.value.trim_end_matches('.');
    Some(Met {
        found: format!(
            "Line {line} is “mx: {}”.",
            escaped(&field.value, NAME_CHARS)
        ),
        fix: format!(
            "Write “mx: {}”, remove the last dot from every other mx line, and upload the file \
             again.",
            escaped(bare, NAME_CHARS)
        ),
    })
}

pub(super) fn ip_address(policy: &PolicyReading) -> Option<Met> {
    let kind = PolicyFaultKind::MxInvalid(MxPatternError::IpAddress);
    let fault = faults(policy, &kind).next()?;
    let found = escaped(&fault.found, EXCERPT_CHARS);
    Some(Met {
        found: format!("Line {} is “mx: {found}”, an IP address.", fault.line),
        fix: format!(
            "Delete line {} or put the mail server’s name there, and upload the file again.",
            fault.line
        ),
    })
}

pub(super) fn missing_in_mode_none(policy: &PolicyReading) -> Option<Met> {
    let is_none = first_value(policy, "mode") == Some(Mode::None.as_str());
    let is_missing = fields(policy, "mx").next().is_none();
    (is_none && is_missing).then(|| Met {
        found: "The mode is none and the policy has no mx line.".into(),
        fix: "Keep the mx lines that the policy had before, and upload the file again.".into(),
    })
}

pub(super) fn hyphens_third_fourth(policy: &PolicyReading) -> Option<Met> {
    let is_met = |label: &str| label.get(2..4) == Some("--") && punycode_of(label).is_none();
    let (field, label) = label_where(policy, is_met)?;
    Some(Met {
        found: format!(
            "{}, and its part “{}” has hyphens in third and fourth place.",
            line_is(field),
            escaped(label, NAME_CHARS)
        ),
        fix: format!(
            "Give that mail server another name, in its MX record and on line {}, and upload the \
             file again.",
            field.line
        ),
    })
}

pub(super) fn undecodable_ace(policy: &PolicyReading) -> Option<Met> {
    let is_met = |label: &str| {
        punycode_of(label).is_some_and(|encoded| punycode::decode_to_string(encoded).is_none())
    };
    let (field, label) = label_where(policy, is_met)?;
    let label = escaped(label, NAME_CHARS);
    Some(Met {
        found: format!(
            "{}, and its part “{label}” can’t be decoded to an international name.",
            line_is(field)
        ),
        fix: format!(
            "Correct “{label}” on line {}, and upload the file again.",
            field.line
        ),
    })
}

pub(super) fn too_long(policy: &PolicyReading) -> Option<Met> {
    let is_too_long = |field: &&PolicyField| {
        let name = without_wildcard(&field.value);
        let is_long_label = |label: &str| label.len() > MAX_LABEL_OCTETS;
        name.len() > MAX_NAME_OCTETS || name.split('.').any(is_long_label)
    };
    let field = fields(policy, "mx").find(is_too_long)?;
    Some(Met {
        found: format!("{}, which is longer than the DNS allows.", line_is(field)),
        fix: format!(
            "Delete line {}, since no mail server can have that name, and upload the file again.",
            field.line
        ),
    })
}

/// Where a line without a wildcard matches the host as well, that line is enough.
pub(super) fn wildcard_over_ace_host(publication: &Publication<'_>) -> Option<Met> {
    let policy = publication.policy.policy.as_ref()?;
    let ace_hosts = publication.mx_hosts.iter();
    let mut ace_hosts = ace_hosts.filter(|host| punycode_of(host).is_some());
    ace_hosts.find_map(|host| {
        let matching = policy.mx().iter().filter(|pattern| pattern.matches(host));
        let matching: Vec<&MxPattern> = matching.collect();
        let wildcard = matching.first()?;
        let host = escaped(host, NAME_CHARS);
        matching.iter().all(|line| line.is_wildcard()).then(|| Met {
            found: format!("Only “mx: {wildcard}” matches the mail server {host}."),
            fix: format!("Add the line “mx: {host}”, and upload the file again."),
        })
    })
}

pub(super) fn tls_fault_outside_enforce(publication: &Publication<'_>) -> Option<Met> {
    let host = escaped(publication.refused_host?, NAME_CHARS);
    let mode: Mode = first_value(publication.policy, "mode")?.parse().ok()?;
    let names_hosts = fields(publication.policy, "mx").next().is_some();
    (mode != Mode::Enforce && names_hosts).then(|| Met {
        found: format!("The mode is {mode}, and the encryption of {host} has a problem."),
        fix: format!("Fix the encryption of {host}, as described in the findings about it."),
    })
}

/// The first mx line with a label for which `is_met` holds, and that label.
fn label_where(
    policy: &PolicyReading,
    is_met: impl Fn(&str) -> bool,
) -> Option<(&PolicyField, &str)> {
    fields(policy, "mx").find_map(|field| {
        let mut labels = without_wildcard(&field.value).split('.');
        let label = labels.find(|label| is_met(label))?;
        Some((field, label))
    })
}

fn without_wildcard(value: &str) -> &str {
    value.strip_prefix("*.").unwrap_or(value)
}

/// How a sentence about a line begins.
fn line_is(field: &PolicyField) -> String {
    let name = escaped(&field.value, NAME_CHARS);
    format!("Line {} is “mx: {name}”", field.line)
}
