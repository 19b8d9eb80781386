//! Reports in an e-mail (RFC 8460 5.3): parts with the right type or the right file name, because
//! many senders use another type.

use mail_parser::{Message, MessagePart, MimeHeaders as _, PartType};
use mta_sts_core::{Domain, escaped};

use crate::Opening;
use crate::origin::{Expected, Origin, header};

/// An e-mail with a report has fewer lines that look like those of a header, or that may begin a
/// part.
const MAX_LINES: usize = 100_000;

pub(crate) fn open(opening: &mut Opening<'_, '_>, origin: &Origin, bytes: &[u8], layers: usize) {
    let bytes = without_length(bytes);
    if is_too_complex(bytes) {
        return opening.not_read(origin, "it has too many lines of headers");
    }
    let message = opening.parser.parse(bytes);
    match message.filter(|message| is_mail(message)) {
        Some(message) => read(opening, origin, &message, layers),
        None => opening.not_known(origin),
    }
}

/// Apple Mail writes the length of the e-mail into a line before it.
pub(crate) fn without_length(bytes: &[u8]) -> &[u8] {
    let line_end = bytes.iter().take(20).position(|byte| *byte == b'\n');
    let Some((line, mail)) = line_end.and_then(|end| bytes.split_at_checked(end)) else {
        return bytes;
    };
    let length = std::str::from_utf8(line).ok().map(str::trim);
    match length.and_then(|it| it.parse::<usize>().ok()) {
        Some(length) => mail.get(1..=length).unwrap_or(mail),
        None => bytes,
    }
}

/// The parser keeps every line of every header, many times larger than it is in the text.
pub(crate) fn is_too_complex(bytes: &[u8]) -> bool {
    // The first line begins the header.
    let mut is_in_field = true;
    let lines = memchr::memchr_iter(b'\n', bytes).filter(|end| {
        let line = bytes.get(end + 1..).unwrap_or_default();
        let line = line.get(..80).unwrap_or(line);
        let is_of_name = |byte: &&u8| byte.is_ascii_graphic() && **byte != b':';
        let name = line.iter().take_while(is_of_name).count();
        let goes_on = is_in_field && matches!(line.first(), Some(b' ' | b'\t'));
        is_in_field = goes_on || line.get(name) == Some(&b':');
        is_in_field || line.starts_with(b"--")
    });
    lines.count() > MAX_LINES
}

/// Any bytes have lines, but an e-mail has at least one of these header fields.
pub(crate) fn is_mail(message: &Message<'_>) -> bool {
    ["Content-Type", "From", "Subject", "Received"]
        .into_iter()
        .any(|field| message.header(field).is_some())
}

fn read(opening: &mut Opening<'_, '_>, origin: &Origin, message: &Message<'_>, layers: usize) {
    let origin = origin.with_header(message);
    let is_announced = announces(message);
    let before = opening.opened.counts();
    let files = opening.opened.others.files;
    let mut contact = None;
    for part in &message.parts {
        // A forwarded e-mail.
        if let PartType::Message(inner) = &part.body {
            if !opening.budget.takes_part() {
                return;
            }
            match layers.checked_sub(1) {
                Some(layers) => read(opening, &origin, inner, layers),
                None => opening.not_read(&origin, "it is nested too deeply"),
            }
        } else if let Some(expected) = expected(part, is_announced) {
            if !opening.budget.takes_part() {
                return;
            }
            let name = part.attachment_name().unwrap_or_default();
            let first = opening.opened.reports.len();
            let inner = origin.attachment(name, expected);
            opening.layer(&inner, part.contents(), layers);
            let mut own = opening.opened.reports.iter().skip(first);
            contact = contact.or_else(|| own.find_map(|report| report.contact.clone()));
        }
    }
    // What else is attached to an e-mail doesn't count.
    opening.opened.others.files = files;
    if opening.opened.counts() == before && !opening.budget.is_spent() {
        if is_announced {
            let text = "this e-mail says that it contains a TLS report, but there is none in it";
            opening.opened.remark(&origin.name, text);
        } else {
            opening.opened.others.mails += 1;
        }
    }
    let submitter = header(message, "TLS-Report-Submitter");
    if let (Some(submitter), Some(contact)) = (submitter, contact) {
        strange_submitter(opening, &origin, &submitter, &contact);
    }
}

/// Whether the e-mail says that it is a report (RFC 8460 5.3).
fn announces(message: &Message<'_>) -> bool {
    let kind = message.content_type();
    let report_type = kind.and_then(|kind| kind.attribute("report-type"));
    report_type.is_some_and(|it| it.eq_ignore_ascii_case("tlsrpt"))
        || header(message, "TLS-Report-Domain").is_some()
        || header(message, "TLS-Report-Submitter").is_some()
}

/// Whether a report is expected in a part; `None` where it isn't looked at.
fn expected(part: &MessagePart<'_>, is_announced: bool) -> Option<Expected> {
    if matches!(part.body, PartType::Multipart(_)) {
        return None;
    }
    let kind = part.content_type().map(|kind| {
        let subtype = kind.subtype().unwrap_or_default();
        format!("{}/{subtype}", kind.ctype()).to_ascii_lowercase()
    });
    let kind = kind.as_deref().unwrap_or_default();
    let file = part.attachment_name().unwrap_or_default();
    let file = file.to_ascii_lowercase();
    let is_packed = matches!(
        kind,
        "application/gzip"
            | "application/x-gzip"
            | "application/json"
            | "application/zip"
            | "application/x-zip-compressed"
    ) || [".gz", ".zip"].iter().any(|end| file.ends_with(end));
    if kind.starts_with("application/tlsrpt")
        || file.ends_with(".json.gz")
        || is_announced && is_packed
    {
        Some(Expected::Surely)
    } else if is_announced && kind.starts_with("application/")
        || [".json", ".eml"].iter().any(|end| file.ends_with(end))
    {
        Some(Expected::Maybe)
    } else {
        is_packed.then_some(Expected::Hardly)
    }
}

/// RFC 8460 5.3: the submitter is the domain of the contact in the report.
fn strange_submitter(
    opening: &mut Opening<'_, '_>,
    origin: &Origin,
    submitter: &str,
    contact: &str,
) {
    let [Ok(submitter), Ok(contact)] = [submitter, contact].map(Domain::parse) else {
        return;
    };
    let is_below = |one: &Domain, other: &Domain| {
        let above = one.as_str().strip_suffix(other.as_str());
        above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
    };
    if is_below(&submitter, &contact) || is_below(&contact, &submitter) {
        return;
    }
    let [submitter, contact] = [submitter, contact].map(|it| escaped(it.as_str(), 100));
    opening.opened.note(
        &origin.name,
        format!(
            "the e-mail says that {submitter} sent the report, but the report names {contact}. It \
             was read, but treat it with care"
        ),
    );
}
