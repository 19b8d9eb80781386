//! The text of a bounce that comes as an e-mail (RFC 3462): the part for people and the delivery
//! status, decoded, without the mail that came back.

use std::borrow::Cow;
use std::fmt::Write as _;

use mail_parser::decoders::html::html_to_text;
use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders as _, PartType};

use crate::kind::utf8;
use crate::mail::{is_mail, is_too_complex, without_length};
use crate::origin::header;

/// The fields of the header that tell who wrote it and to whom the mail was.
const FIELDS: [&str; 2] = ["From", "X-Failed-Recipients"];

/// The text of a bounce for `mta_sts_core::read_bounce`. Anything else than an e-mail, such as lines
/// of a log, is the text itself.
///
/// ```
/// let mail = b"From: mailer-daemon@a.example\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
///     550 5.7.5 Remote certificate failed MTA-STS valid=\r\nation\r\n";
/// let text = mta_sts_reports::bounce_text(mail);
/// assert!(String::from_utf8_lossy(&text).ends_with("failed MTA-STS validation\n"));
/// assert_eq!(&*mta_sts_reports::bounce_text(b"550 5.1.1 no\n"), b"550 5.1.1 no\n");
/// ```
#[must_use]
pub fn bounce_text(bytes: &[u8]) -> Cow<'_, [u8]> {
    let bytes = utf8(bytes);
    let mail = without_length(&bytes);
    if is_too_complex(mail) {
        return bytes;
    }
    let text = MessageParser::default()
        .parse(mail)
        .filter(is_mail)
        .map(|message| text_of(&message));
    text.map_or(bytes, |text| Cow::Owned(text.into_bytes()))
}

/// The fields and texts of a bounce. One that was forwarded as an attachment is read in place of the
/// mail around it.
fn text_of(message: &Message<'_>) -> String {
    if !is_report(message) {
        let inner = message.parts.iter().find_map(|part| match &part.body {
            PartType::Message(inner) if is_report(inner) => Some(inner),
            _ => None,
        });
        if let Some(inner) = inner {
            return text_of(inner);
        }
    }
    let mut text = String::new();
    for field in FIELDS {
        if let Some(value) = header(message, field) {
            let value = value.replace(['\r', '\n'], " ");
            let _ = writeln!(text, "{field}: {value}");
        }
    }
    let has_plain = message
        .parts
        .iter()
        .any(|part| matches!(part.body, PartType::Text(_)) && !is_returned(part));
    for part in &message.parts {
        let content = match &part.body {
            _ if is_returned(part) => continue,
            PartType::Text(plain) => Cow::Borrowed(plain.as_ref()),
            PartType::Html(html) if !has_plain => Cow::Owned(html_to_text(html)),
            _ if is_status(part) => String::from_utf8_lossy(part.contents()),
            _ => continue,
        };
        text += "\n";
        text += &content.replace("\r\n", "\n");
    }
    text
}

/// Whether the e-mail says that it is a delivery report (RFC 3464 2).
fn is_report(message: &Message<'_>) -> bool {
    let kind = message.content_type();
    kind.is_some_and(|kind| {
        let subtype = kind.subtype().unwrap_or_default();
        kind.ctype().eq_ignore_ascii_case("multipart") && subtype.eq_ignore_ascii_case("report")
    })
}

/// Whether the part is the delivery status (RFC 3464 2.1, RFC 6533 3).
fn is_status(part: &MessagePart<'_>) -> bool {
    is_type(
        part,
        &["message/delivery-status", "message/global-delivery-status"],
    )
}

/// Whether the part is the header of the mail that came back (RFC 3462 2).
fn is_returned(part: &MessagePart<'_>) -> bool {
    is_type(part, &["text/rfc822-headers", "message/global-headers"])
}

fn is_type(part: &MessagePart<'_>, types: &[&str]) -> bool {
    let kind = part.content_type();
    kind.is_some_and(|kind| {
        let name = format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default());
        types.iter().any(|it| name.eq_ignore_ascii_case(it))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(mail: &str) -> String {
        String::from_utf8(bounce_text(mail.as_bytes()).into_owned()).unwrap()
    }

    const REPORT: &str = "From: MAILER-DAEMON@out.example\r\n\
        Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
        --b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n\
        U2VydmVyIGNlcnRpZmljYXRlIG5vdCB2ZXJpZmllZA0K\r\n\
        --b\r\nContent-Type: message/delivery-status\r\n\r\n\
        Reporting-MTA: dns; out.example\r\n\r\nFinal-Recipient: rfc822; a@example.com\r\n\
        Action: failed\r\nStatus: 4.7.5\r\n\
        --b\r\nContent-Type: message/rfc822\r\n\r\nSubject: 550 5.7.323\r\n\r\nSecret\r\n--b--\r\n";

    #[test]
    fn the_part_for_people_and_the_status_are_decoded_and_the_mail_is_left_out() {
        let read = text(REPORT);
        for part in [
            "From: MAILER-DAEMON@out.example\n",
            "\nServer certificate not verified\n",
            "\nReporting-MTA: dns; out.example\n\nFinal-Recipient: rfc822; a@example.com\n",
            "Status: 4.7.5",
        ] {
            assert!(read.contains(part), "{part}: {read}");
        }
        assert!(
            !read.contains("5.7.323") && !read.contains("Secret"),
            "{read}"
        );
        let headers_only = REPORT.replace("message/rfc822", "text/rfc822-headers");
        assert!(!text(&headers_only).contains("5.7.323"));
    }

    #[test]
    fn a_bounce_that_was_forwarded_is_read() {
        let forwarded = format!(
            "From: a@example.net\r\nSubject: Fwd\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n\
             --o\r\nContent-Type: text/plain\r\n\r\nWhat is this?\r\n\
             --o\r\nContent-Type: message/rfc822\r\n\r\n{REPORT}\r\n--o--\r\n"
        );
        let read = text(&forwarded);
        assert!(
            read.contains("not verified") && !read.contains("What"),
            "{read}"
        );
    }

    #[test]
    fn html_alone_becomes_text() {
        let html = "From: a@example.net\r\nContent-Type: text/html\r\n\r\n\
                    <p>550 5.4.8 <b>MX hosts</b> of example.com</p>\r\n";
        assert!(
            text(html).contains("550 5.4.8 MX hosts of example.com"),
            "{}",
            text(html)
        );
    }

    #[test]
    fn what_is_no_mail_stays_as_it_is() {
        for plain in [
            "",
            "Nov 28 09:12:13 a postfix/smtp[1]: x",
            "Reporting-MTA: dns; a\n",
        ] {
            assert_eq!(text(plain), plain);
        }
    }
}
