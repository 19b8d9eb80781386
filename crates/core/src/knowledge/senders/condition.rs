//! What about a publication brings a habit of a sender out, what was found, and what to change.
//! What is about the mail servers of a policy is in `condition/mx.rs`, what is about the TXT texts
//! at the name of the record in `condition/record.rs`.

mod mx;
mod record;

use serde::Deserialize;

use super::Publication;
use super::content_type::ContentType;
use crate::text::escape::escaped;
use crate::text::policy::{
    MaxAge, MaxAgeError, Mode, PolicyFault, PolicyFaultKind, PolicyField, PolicyReading,
};
use record::OtherText;

/// What about a publication brings a habit of a sender out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// Some line of the file is empty or contains nothing but white space.
    BlankLine,
    /// Some line of the file consists of one or more spaces and tabs.
    WhiteSpaceLine,
    /// Some line of the file has two or more colons.
    SecondColon,
    /// The file begins with a byte order mark.
    Bom,
    /// The file begins with a byte order mark and the version.
    BomBeforeVersion,
    /// The file begins with a byte order mark and the mode.
    BomBeforeMode,
    /// The name of some mx line ends with a dot.
    MxTrailingDot,
    /// Some mx line contains an IPv4 address, which the grammar allows.
    MxIpAddress,
    /// The mode is none and there is no mx line, which RFC 8461 3.2 allows.
    MxMissingInModeNone,
    /// A part of the name of some mx line has hyphens in third and fourth place and does not begin
    /// with `xn--`. The grammar allows it; RFC 5891 4.2.3.1 reserves such names.
    MxHyphensThirdFourth,
    /// A part of the name of some mx line begins with `xn--`, and the rest is no Punycode (RFC 3492).
    MxUndecodableAce,
    /// The name of some mx line, or a part of it, is longer than the DNS allows (RFC 1035 2.3.4).
    MxTooLong,
    /// Only lines with a wildcard match some MX host whose name begins with `xn--`.
    WildcardOverAceHost,
    /// The policy does not enforce, and some MX host that it names would be refused if it did.
    TlsFaultOutsideEnforce,
    /// The version, the mode or the `max_age` has more than one line.
    RepeatedField,
    /// The mode or the `max_age` has more than one line, and the last says something else than the
    /// first.
    RepeatedFieldDiffers,
    /// The version or the mode has more than one line, and the last is invalid.
    RepeatedModeInvalid,
    /// The `max_age` has more than one line, and the last is no number of 1 to 10 digits.
    RepeatedMaxAgeInvalid,
    /// Another field comes before the version.
    VersionNotFirst,
    /// `max_age` is below this number of seconds.
    MaxAgeBelow(u64),
    /// `max_age` is above this number of seconds.
    MaxAgeAbove(u64),
    /// The first `max_age` line ends after this number of bytes.
    MaxAgeAfterBytes(usize),
    /// The file is longer than this number of bytes, and the first `max_age` line ends within them.
    BodyOverBytes(usize),
    /// The media type is missing or not text/plain; case and parameters do not count.
    ContentTypeNotTextPlain,
    /// The media type is text/plain, followed by something that is no `name=value`.
    ContentTypeParameterMalformed,
    /// The file has a character outside ASCII, other than a byte order mark, and the Content-Type
    /// names no charset or ASCII.
    NonAsciiWithoutCharset,
    /// Fetching took longer than this number of milliseconds.
    FetchOverMillis(u64),
    /// The record has a second id.
    RecordRepeatedId,
    /// The record has a second `v`, with another version.
    RecordRepeatedVersionDiffers,
    /// There is white space before the first semicolon of the record.
    RecordSpaceBeforeSemicolon,
    /// There is white space after the last semicolon of the record, and nothing else.
    RecordSpaceAtEnd,
    /// The name of the record has another text: `v=STSv1`, white space and a semicolon.
    RecordBesideSpaced,
    /// The name of the record has another text: `v=STSv1`, and then neither white space nor a
    /// semicolon.
    RecordBesideLongerVersion,
    /// The name of the record has a text of any other kind.
    RecordBesideOtherText,
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
            Self::WhiteSpaceLine => white_space_line(publication.body),
            Self::SecondColon => second_colon(policy),
            Self::Bom => bom(policy),
            Self::BomBeforeVersion => bom(policy).filter(|_| begins_with(policy, "version")),
            Self::BomBeforeMode => bom(policy).filter(|_| begins_with(policy, "mode")),
            Self::MxTrailingDot => mx::trailing_dot(policy),
            Self::MxIpAddress => mx::ip_address(policy),
            Self::MxMissingInModeNone => mx::missing_in_mode_none(policy),
            Self::MxHyphensThirdFourth => mx::hyphens_third_fourth(policy),
            Self::MxUndecodableAce => mx::undecodable_ace(policy),
            Self::MxTooLong => mx::too_long(policy),
            Self::WildcardOverAceHost => mx::wildcard_over_ace_host(publication),
            Self::TlsFaultOutsideEnforce => mx::tls_fault_outside_enforce(publication),
            Self::RepeatedField => {
                repeated_field(policy, &["version", "mode", "max_age"], |_, _| true)
            }
            Self::RepeatedFieldDiffers => repeated_field(policy, &["mode", "max_age"], says_else),
            Self::RepeatedModeInvalid => {
                repeated_field(policy, &["version", "mode"], |_, last| is_invalid(last))
            }
            Self::RepeatedMaxAgeInvalid => {
                repeated_field(policy, &["max_age"], |_, last| is_invalid(last))
            }
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
            Self::MaxAgeAfterBytes(most) => max_age_after(publication, most),
            Self::BodyOverBytes(most) => body_over(publication, most),
            Self::ContentTypeNotTextPlain => {
                content_type(publication, |header| !header.is_text_plain)
            }
            Self::ContentTypeParameterMalformed => content_type(publication, |header| {
                header.is_text_plain && !header.is_well_formed
            }),
            Self::NonAsciiWithoutCharset => non_ascii_without_charset(publication),
            Self::FetchOverMillis(most) => fetch_over(publication.fetch_millis?, most),
            Self::RecordRepeatedId => record::repeated_id(publication.record?),
            Self::RecordRepeatedVersionDiffers => {
                record::repeated_version_differs(publication.record?)
            }
            Self::RecordSpaceBeforeSemicolon => record::space_before_semicolon(publication.record?),
            Self::RecordSpaceAtEnd => record::space_at_end(publication.record?),
            Self::RecordBesideSpaced => record::other_text(publication, OtherText::Spaced),
            Self::RecordBesideLongerVersion => {
                record::other_text(publication, OtherText::LongerVersion)
            }
            Self::RecordBesideOtherText => record::other_text(publication, OtherText::Unlike),
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

/// Lines end with LF here: a CR in the middle of one is no line end, and no white space.
fn white_space_line(body: &[u8]) -> Option<Met> {
    let is_white_space = |line: &[u8]| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        !line.is_empty() && line.iter().all(|byte| matches!(*byte, b' ' | b'\t'))
    };
    let before = body.split(|byte| *byte == b'\n').position(is_white_space)?;
    let line = before + 1;
    Some(Met {
        found: format!("Line {line} of the policy consists of white space."),
        fix: format!("Delete line {line} and every other empty line, and upload the file again."),
    })
}

/// The name of a field has no colon, so a second one is in the value.
fn second_colon(policy: &PolicyReading) -> Option<Met> {
    let mut fields = policy.fields.iter();
    let line = fields.find(|field| field.value.contains(':'))?.line;
    Some(Met {
        found: format!("Line {line} of the policy has a second colon."),
        fix: format!(
            "Delete line {line} or write its value without a colon, and upload the file again."
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

/// Whether this field is on the first line.
fn begins_with(policy: &PolicyReading, key: &str) -> bool {
    let first = policy.fields.first();
    first.is_some_and(|field| field.line == 1 && field.key == key)
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

/// Whether the last of several lines can be read and says something else than the first.
fn says_else(first: &PolicyField, last: &PolicyField) -> bool {
    let number = |field: &PolicyField| field.value.parse::<u64>().ok();
    let is_same = if first.key == "mode" {
        first.value == last.value
    } else {
        number(first) == number(last)
    };
    !is_same && !is_invalid(last)
}

/// Whether the value can’t be read (RFC 8461 3.2). A `max_age` that is only too large can.
fn is_invalid(field: &PolicyField) -> bool {
    let value = field.value.as_str();
    match field.key.as_str() {
        "version" => value != "STSv1",
        "mode" => value.parse::<Mode>().is_err(),
        _ => value.parse::<MaxAge>() == Err(MaxAgeError::NotANumber),
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

fn max_age_after(publication: &Publication<'_>, most: usize) -> Option<Met> {
    let line = fields(publication.policy, "max_age").next()?.line;
    let lines = publication.body.split_inclusive(|byte| *byte == b'\n');
    let through: usize = lines.take(line).map(<[u8]>::len).sum();
    // The value is whole even where the end of its line is cut off.
    let end = publication.body.get(..through)?.trim_ascii_end().len();
    (end > most).then(|| Met {
        found: format!(
            "The max_age is on line {line} of the policy, which ends after byte {most}."
        ),
        fix: "Move the max_age line up, before the mx lines, and upload the file again.".into(),
    })
}

fn body_over(publication: &Publication<'_>, most: usize) -> Option<Met> {
    let len = publication.body.len();
    // Where the max_age comes later still, the other condition says what that leads to.
    let is_met = len > most && max_age_after(publication, most).is_none();
    is_met.then(|| Met {
        found: format!("The policy is {len} bytes long."),
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
        Some(after) if begins_with(publication.policy, "version") => after,
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
