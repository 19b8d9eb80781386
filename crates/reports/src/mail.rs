//! Reports in an e-mail (RFC 8460 5.3): parts with the right type or the right file name, because
//! many senders use another type.

use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders as _, PartType};

use crate::Opened;

/// Parts of an e-mail beyond this are not read.
const MOST_PARTS: usize = 200;

pub(crate) fn open(opened: &mut Opened, name: &str, bytes: &[u8], layers: usize) {
    let message = MessageParser::default().parse(bytes);
    match message.filter(|message| is_mail(message)) {
        Some(message) => parts(opened, name, &message, layers),
        None => opened.remark(name, "this isn’t a TLS report, an e-mail or an archive"),
    }
}

/// Any bytes have lines, but an e-mail has at least one of these header fields.
fn is_mail(message: &Message<'_>) -> bool {
    ["Content-Type", "From", "Subject", "Received"]
        .into_iter()
        .any(|field| message.header(field).is_some())
}

fn parts(opened: &mut Opened, name: &str, message: &Message<'_>, layers: usize) {
    let before = opened.reports.len() + opened.remarks.len();
    for part in message.parts.iter().take(MOST_PARTS) {
        // A forwarded e-mail.
        if let PartType::Message(inner) = &part.body {
            match layers.checked_sub(1) {
                Some(layers) => parts(opened, name, inner, layers),
                None => opened.remark(name, "it is nested too deeply"),
            }
        } else if is_report(part) {
            opened.layer(name, part.contents(), layers);
        }
    }
    if opened.reports.len() + opened.remarks.len() == before {
        opened.remark(name, "there is no TLS report in this e-mail");
        return;
    }
    let submitter = message.header_raw("TLS-Report-Submitter");
    if let Some(submitter) = submitter.map(|text| text.trim().to_lowercase()) {
        strange_submitter(opened, name, &submitter);
    }
}

/// RFC 8460 5.3: the submitter is the domain of the contact in the report.
fn strange_submitter(opened: &mut Opened, name: &str, submitter: &str) {
    let contact = opened.reports.last().and_then(|it| it.contact.clone());
    let domain = contact
        .as_deref()
        .and_then(|contact| contact.trim().rsplit(['@', '/']).find(|it| !it.is_empty()))
        .map(str::to_lowercase);
    let Some(domain) = domain.filter(|domain| domain != submitter) else {
        return;
    };
    let [submitter, domain] = [submitter, &domain].map(|text| mta_sts_core::escaped(text, 100));
    opened.remark(
        name,
        format!(
            "the e-mail says that {submitter} sent the report, but the report names {domain}. It \
             was read, but treat it with care"
        ),
    );
}

fn is_report(part: &MessagePart<'_>) -> bool {
    if matches!(part.body, PartType::Multipart(_)) {
        return false;
    }
    let kind = part.content_type().map(|kind| {
        let subtype = kind.subtype().unwrap_or_default().to_ascii_lowercase();
        (kind.ctype().to_ascii_lowercase(), subtype)
    });
    let by_type = kind.is_some_and(|(kind, subtype)| {
        kind == "application"
            && matches!(
                subtype.as_str(),
                "tlsrpt+json"
                    | "tlsrpt+gzip"
                    | "gzip"
                    | "x-gzip"
                    | "json"
                    | "zip"
                    | "x-zip-compressed"
            )
    });
    let file = part.attachment_name().unwrap_or_default().to_lowercase();
    by_type
        || [".json", ".gz", ".zip"]
            .iter()
            .any(|end| file.ends_with(end))
}
