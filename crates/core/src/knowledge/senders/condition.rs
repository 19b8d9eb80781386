//! What about a publication brings a habit of a sender out, what was found, and what to change.

use serde::Deserialize;

use super::Publication;
use super::content_type::ContentType;
use crate::text::escape::escaped;
use crate::text::mx_pattern::MxPatternError;
use crate::text::policy::{Mode, PolicyFault, PolicyFaultKind, PolicyField, PolicyReading};
use crate::text::sts_record::StsRecordReading;
use crate::text::txt_record::RecordFaultKind;

/// What about a publication brings a habit of a sender out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// Some line of the file is empty or holds nothing but white space.
    BlankLine,
    /// A byte order mark stands at the beginning of the file.
    Bom,
    /// A byte order mark stands right before the version.
    BomBeforeVersion,
    /// The name of some mx line ends with a dot.
    MxTrailingDot,
    /// Some mx line holds an IPv4 address, which the grammar allows.
    MxIpAddress,
    /// The mode is none and there is no mx line, which RFC 8461 3.2 allows.
    MxMissingInModeNone,
    /// The version, the mode or the `max_age` has more than one line.
    RepeatedField,
    /// The mode or the `max_age` has more than one line, and the last says something else than the
    /// first.
    RepeatedFieldDiffers,
    /// Another field comes before the version.
    VersionNotFirst,
    /// `max_age` is below this number of seconds.
    MaxAgeBelow(u64),
    /// `max_age` is above this number of seconds.
    MaxAgeAbove(u64),
    /// The file is longer than this number of bytes.
    BodyOverBytes(usize),
    /// The media type is missing or not text/plain; case and parameters do not count.
    ContentTypeNotTextPlain,
    /// The media type is text/plain, followed by something that is no `name=value`.
    ContentTypeParameterMalformed,
    /// The file holds a character outside ASCII, other than a byte order mark, and the Content-Type
    /// names no charset or ASCII.
    NonAsciiWithoutCharset,
    /// Fetching took longer than this number of milliseconds.
    FetchOverMillis(u64),
    /// The record holds a second id.
    RecordRepeatedId,
    /// White space stands before the first semicolon of the record.
    RecordSpaceBeforeSemicolon,
}

/// A condition that is met.
pub(super) struct Met {
    /// What was seen: one sentence.
    pub(super) found: String,
    /// What to change: one sentence.
    pub(super) fix: String,
}

/// Longest excerpt in a sentence, in characters.
const EXCERPT_CHARS: usize = 80;
/// Longest name of a host, with a wildcard and a dot around it.
const NAME_CHARS: usize = 256;

impl Condition {
    /// What was found and what to change, where the condition is met.
    pub(super) fn met(self, publication: &Publication<'_>) -> Option<Met> {
        let policy = publication.policy;
        match self {
            Self::BlankLine => blank_line(policy),
            Self::Bom => bom(policy),
            Self::BomBeforeVersion => bom(policy).filter(|_| begins_with_version(policy)),
            Self::MxTrailingDot => mx_trailing_dot(policy),
            Self::MxIpAddress => mx_ip_address(policy),
            Self::MxMissingInModeNone => mx_missing_in_mode_none(policy),
            Self::RepeatedField => {
                repeated_field(policy, &["version", "mode", "max_age"], |_, _| true)
            }
            Self::RepeatedFieldDiffers => repeated_field(policy, &["mode", "max_age"], says_else),
            Self::VersionNotFirst => version_not_first(policy),
            Self::MaxAgeBelow(least) => max_age(
                policy,
                |secs| secs < least,
                "Write “max_age: 1209600”, two weeks",
            ),
            Self::MaxAgeAbove(most) => max_age(
                policy,
                |secs| secs > most,
                "Write “max_age: 31536000”, 365 days",
            ),
            Self::BodyOverBytes(most) => body_over(publication.body, most),
            Self::ContentTypeNotTextPlain => {
                content_type(publication, |header| !header.is_text_plain)
            }
            Self::ContentTypeParameterMalformed => content_type(publication, |header| {
                header.is_text_plain && !header.is_well_formed
            }),
            Self::NonAsciiWithoutCharset => non_ascii_without_charset(publication),
            Self::FetchOverMillis(most) => fetch_over(publication.fetch_millis?, most),
            Self::RecordRepeatedId => record_repeated_id(publication.record?),
            Self::RecordSpaceBeforeSemicolon => record_space(publication.record?),
        }
    }
}

/// The value of the field that counts (RFC 8461 3.2).
pub(super) fn first_value<'a>(policy: &'a PolicyReading, key: &str) -> Option<&'a str> {
    fields(policy, key).next().map(|field| field.value.as_str())
}

fn fields<'a>(policy: &'a PolicyReading, key: &str) -> impl Iterator<Item = &'a PolicyField> {
    policy.fields.iter().filter(move |field| field.key == key)
}

fn faults<'a>(
    policy: &'a PolicyReading,
    kind: &PolicyFaultKind,
) -> impl Iterator<Item = &'a PolicyFault> {
    policy
        .faults
        .iter()
        .filter(move |fault| fault.kind == *kind)
}

fn blank_line(policy: &PolicyReading) -> Option<Met> {
    let fault = faults(policy, &PolicyFaultKind::BlankLine).next()?;
    Some(Met {
        found: format!("Line {} of the policy is empty.", fault.line),
        fix: format!(
            "Delete line {} and every other empty line, and upload the file again.",
            fault.line
        ),
    })
}

fn bom(policy: &PolicyReading) -> Option<Met> {
    faults(policy, &PolicyFaultKind::Bom).next()?;
    Some(Met {
        found: "There is an invisible byte order mark before the first line of the policy.".into(),
        fix: "Save the file as “UTF-8 without byte order mark”, and upload it again.".into(),
    })
}

fn begins_with_version(policy: &PolicyReading) -> bool {
    let first = policy.fields.first();
    first.is_some_and(|field| field.line == 1 && field.key == "version")
}

fn mx_trailing_dot(policy: &PolicyReading) -> Option<Met> {
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

fn mx_ip_address(policy: &PolicyReading) -> Option<Met> {
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

fn mx_missing_in_mode_none(policy: &PolicyReading) -> Option<Met> {
    let is_none = first_value(policy, "mode") == Some(Mode::None.as_str());
    let is_missing = fields(policy, "mx").next().is_none();
    (is_none && is_missing).then(|| Met {
        found: "The mode is none and the policy has no mx line.".into(),
        fix: "Keep the mx lines that the policy had before, and upload the file again.".into(),
    })
}

/// The first of `keys` with two lines or more, where `matters` holds for the first and the last.
fn repeated_field(
    policy: &PolicyReading,
    keys: &[&str],
    matters: fn(&PolicyField, &PolicyField) -> bool,
) -> Option<Met> {
    keys.iter().find_map(|key| {
        let first = fields(policy, key).next()?;
        let last = fields(policy, key).last()?;
        (first.line != last.line && matters(first, last)).then(|| Met {
            found: format!(
                "Line {} is “{key}: {}”, and line {} is “{key}: {}”.",
                first.line,
                escaped(&first.value, EXCERPT_CHARS),
                last.line,
                escaped(&last.value, EXCERPT_CHARS),
            ),
            fix: format!("Keep only the “{key}” line that you mean, and upload the file again."),
        })
    })
}

/// Whether the last of several lines can be read and says something else than the first. What
/// senders make of one that cannot be read is not told.
fn says_else(first: &PolicyField, last: &PolicyField) -> bool {
    let number = |field: &PolicyField| field.value.parse::<u64>().ok();
    if first.key == "mode" {
        last.value.parse::<Mode>().is_ok() && first.value != last.value
    } else {
        number(last).is_some() && number(first) != number(last)
    }
}

fn version_not_first(policy: &PolicyReading) -> Option<Met> {
    let fault = faults(policy, &PolicyFaultKind::VersionNotFirst).next()?;
    Some(Met {
        found: format!("The version is on line {} of the policy.", fault.line),
        fix: "Move “version: STSv1” to the first line, and upload the file again.".into(),
    })
}

fn max_age(policy: &PolicyReading, is_met: impl Fn(u64) -> bool, fix: &str) -> Option<Met> {
    let secs: u64 = first_value(policy, "max_age")?.parse().ok()?;
    is_met(secs).then(|| Met {
        found: format!("The max_age of the policy is {secs} seconds."),
        fix: format!("{fix}, and upload the file again."),
    })
}

fn body_over(body: &[u8], most: usize) -> Option<Met> {
    (body.len() > most).then(|| Met {
        found: format!("The policy is {} bytes long.", body.len()),
        fix: format!(
            "Shorten the policy to {most} bytes, for example with a wildcard instead of many mx \
             lines, and upload it again."
        ),
    })
}

fn content_type(
    publication: &Publication<'_>,
    is_met: impl Fn(&ContentType) -> bool,
) -> Option<Met> {
    let header = publication.content_type?;
    is_met(&ContentType::read(header)).then(|| Met {
        found: sent_as(header),
        fix: LABEL_FIX.into(),
    })
}

const LABEL_FIX: &str =
    "Make the web server send the file with “Content-Type: text/plain; charset=utf-8”.";

fn sent_as(header: &str) -> String {
    if header.trim().is_empty() {
        "The policy is sent without a Content-Type.".into()
    } else {
        let header = escaped(header, EXCERPT_CHARS);
        format!("The policy is sent with “Content-Type: {header}”.")
    }
}

fn non_ascii_without_charset(publication: &Publication<'_>) -> Option<Met> {
    let header = publication.content_type?;
    let bytes = publication.body;
    // A mark before the version has a condition of its own.
    let text = match bytes.strip_prefix("\u{feff}".as_bytes()) {
        Some(after) if begins_with_version(publication.policy) => after,
        _ => bytes,
    };
    let read = ContentType::read(header);
    let is_read_as_ascii = match read.charset.as_deref() {
        None => true,
        Some(charset) => matches!(charset, "us-ascii" | "ascii"),
    };
    (!text.is_ascii() && read.is_text_plain && is_read_as_ascii).then(|| Met {
        found: format!("{} It contains characters outside ASCII.", sent_as(header)),
        fix: LABEL_FIX.into(),
    })
}

fn fetch_over(millis: u64, most: u64) -> Option<Met> {
    (millis > most).then(|| Met {
        found: format!("Fetching the policy took {millis} milliseconds from here."),
        fix: format!("Make the web server answer within {most} milliseconds."),
    })
}

fn record_repeated_id(record: &str) -> Option<Met> {
    let reading = StsRecordReading::read(record);
    let id = &reading.record.as_ref()?.id;
    let is_second_id = |kind: &RecordFaultKind<_>| matches!(kind, RecordFaultKind::DuplicateField { key } if key == "id");
    let mut kinds = reading.faults.iter().map(|fault| &fault.kind);
    kinds.any(is_second_id).then(|| Met {
        found: format!(
            "The record “{}” has more than one id.",
            escaped(record, EXCERPT_CHARS)
        ),
        fix: format!("Keep only the first id in the record: “v=STSv1; id={id};”."),
    })
}

fn record_space(record: &str) -> Option<Met> {
    let reading = StsRecordReading::read(record);
    let id = &reading.record.as_ref()?.id;
    let mut kinds = reading.faults.iter().map(|fault| &fault.kind);
    kinds
        .any(|kind| *kind == RecordFaultKind::SpaceBeforeSemicolon)
        .then(|| Met {
            found: format!(
                "The record “{}” has a space before the first semicolon.",
                escaped(record, EXCERPT_CHARS)
            ),
            fix: format!("Write the record without that space: “v=STSv1; id={id};”."),
        })
}
