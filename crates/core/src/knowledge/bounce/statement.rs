//! A bounce or a log as statements: a field, a log line or a paragraph each, with what was folded
//! or wrapped joined again. What the mail said that came back is no statement.

use memchr::memmem;

/// Lines are joined up to so many bytes.
const MAX_BYTES: usize = 4 * 1024;

/// How the returned mail begins: as a part of a message (RFC 3462 2), or in the wording of senders.
const RETURNED_PARTS: [&str; 3] = [
    "content-type: message/rfc822",
    "content-type: text/rfc822-headers",
    "content-type: message/global-headers",
];
const RETURNED_WORDS: [&str; 6] = [
    "copy of your message",
    "copy of the message",
    "below this line is a copy",
    "original message headers",
    "----- original message -----",
    "message header follows",
];

/// The first fields of a delivery status (RFC 3464 2.2, 2.3).
const STATUS_FIELDS: [&str; 3] = ["reporting-mta:", "original-recipient:", "final-recipient:"];

/// The reply codes that refuse or defer (RFC 5321 4.2.3, RFC 3207, RFC 4954, RFC 7504).
const REFUSALS: [&str; 26] = [
    "403", "421", "432", "450", "451", "452", "454", "455", "500", "501", "502", "503", "504",
    "521", "523", "530", "534", "535", "538", "550", "551", "552", "553", "554", "556", "571",
];

/// What log lines of failed attempts have.
const FAILURE_MARKS: [&str; 8] = [
    "status=deferred",
    "status=bounced",
    "status=undeliverable",
    "mta error reason=",
    "result=tempfail",
    "result=permfail",
    "result=\"tempfail\"",
    "\"transientfailure\"",
];

/// A field, a log line or a paragraph.
#[derive(Debug, Default)]
pub(super) struct Statement {
    /// As it came, in one line.
    pub(super) text: String,
    /// The same in lower case, byte for byte.
    pub(super) lower: String,
    /// Whether it says that a mail was not delivered.
    pub(super) fails: bool,
    /// Whether it is a line of a log.
    pub(super) is_log: bool,
}

/// The statements of a text, in its order.
pub(super) fn statements(text: &str) -> Vec<Statement> {
    let mut statements: Vec<Statement> = Vec::new();
    let (mut is_open, mut is_returned) = (false, false);
    for line in text.lines() {
        let unquoted = line.trim_start_matches(['>', ' ']);
        let indented = line.trim_start_matches('>').starts_with([' ', '\t']);
        let line = unquoted.trim();
        let lower = line.to_ascii_lowercase();
        if STATUS_FIELDS.iter().any(|field| lower.starts_with(field)) {
            is_returned = false;
        } else if begins_returned_mail(&lower) {
            is_returned = true;
        }
        if is_returned || line.is_empty() {
            is_open = false;
            continue;
        }
        let is_log = is_log_line(line);
        let begins = !indented && (is_log || is_field(line));
        match statements.last_mut() {
            Some(last) if is_open && !begins && last.text.len() + line.len() < MAX_BYTES => {
                // The list of a mail queue has its reason in brackets, on a line of its own.
                last.fails |= indented && line.starts_with('(') && line.ends_with(')');
                last.push(line);
            }
            _ => {
                let mut statement = Statement {
                    is_log,
                    ..Statement::default()
                };
                statement.push(line);
                statements.push(statement);
            }
        }
        is_open = true;
    }
    for statement in &mut statements {
        statement.fails |= statement.says_failure();
    }
    statements
}

impl Statement {
    fn push(&mut self, line: &str) {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(line);
        let known = self.lower.len();
        self.lower
            .push_str(&self.text[known..].to_ascii_lowercase());
    }

    /// Whether it is this field.
    pub(super) fn is_field(&self, name: &str) -> bool {
        let rest = self.lower.strip_prefix(name);
        rest.is_some_and(|rest| rest.starts_with(':'))
    }

    /// Whether it is a field that no delivery status has: one of the header of the bounce.
    pub(super) fn is_header(&self) -> bool {
        let of_status = ["diagnostic-code", "status", "remote-mta"];
        is_field(&self.text) && !self.is_log && !of_status.iter().any(|name| self.is_field(name))
    }

    /// Whether a word or several in a row are in it. No part of a name or of a mail address counts.
    pub(super) fn has(&self, token: &str) -> bool {
        if token.len() > self.lower.len() {
            return false;
        }
        let bytes = self.lower.as_bytes();
        let is_word =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'@' | b'_' | b'-');
        let joins = |near: Option<&u8>, next: Option<&u8>| match near {
            Some(b'.') => next.is_some_and(u8::is_ascii_alphanumeric),
            near => near.is_some_and(is_word),
        };
        let begins_word = token.as_bytes().first().is_some_and(is_word);
        let ends_word = token.as_bytes().last().is_some_and(is_word);
        memmem::find_iter(bytes, token).any(|at| {
            let end = at + token.len();
            let before = |back: usize| at.checked_sub(back).and_then(|at| bytes.get(at));
            !(begins_word && joins(before(1), before(2))
                || ends_word && joins(bytes.get(end), bytes.get(end + 1)))
        })
    }

    /// Its enhanced status codes that refuse or defer (RFC 3463 2), and where each begins.
    pub(super) fn codes(&self) -> impl Iterator<Item = (usize, &str)> {
        let bytes = self.lower.as_bytes();
        let candidates = memchr::memchr2_iter(b'4', b'5', bytes);
        candidates.filter_map(move |at| {
            let before = at.checked_sub(1).and_then(|at| bytes.get(at));
            if before.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'.') {
                return None;
            }
            let rest = &self.lower[at..];
            let end = rest.find(|it: char| !it.is_ascii_digit() && it != '.');
            let code = rest.get(..end.unwrap_or(rest.len()))?.trim_end_matches('.');
            let mut parts = code.split('.');
            let is_short = |part: Option<&str>| part.is_some_and(|it| (1..4).contains(&it.len()));
            let is_code = parts.next().is_some_and(|class| class.len() == 1)
                && is_short(parts.next())
                && is_short(parts.next())
                && parts.next().is_none();
            is_code.then_some((at, code))
        })
    }

    /// Its first status code.
    pub(super) fn status(&self) -> Option<&str> {
        self.codes().next().map(|(_, code)| code)
    }

    /// Whether it has a reply code that refuses, a status code where one belongs, or a mark.
    fn says_failure(&self) -> bool {
        let refuses = |at: usize| {
            let front = self.lower[..at].trim_end_matches([' ', '-', '#']);
            let reply = front.get(front.len().saturating_sub(3)..);
            reply.is_some_and(|reply| REFUSALS.contains(&reply))
                || front.is_empty()
                || front.ends_with(['\'', '"', '(', '<', '[', '=', ':', '“', '‘'])
        };
        let reply_codes = || {
            let has_code = |code: &&str| {
                memmem::find_iter(self.lower.as_bytes(), *code).any(|at| {
                    let after = self.lower.as_bytes().get(at + 3);
                    let is_whole = after.is_none_or(|byte| matches!(byte, b' ' | b'-' | b'\''));
                    let front = self.lower[..at].trim_end();
                    let begins = front.is_empty()
                        || front.ends_with([';', ':', '\'', '"', '<', '(', '=', '“', '‘']);
                    is_whole && begins
                })
            };
            REFUSALS.iter().any(has_code)
        };
        let is_marked = || {
            FAILURE_MARKS.iter().any(|mark| self.lower.contains(mark))
                || self.is_log && [" == ", " ** "].iter().any(|it| self.lower.contains(it))
                || self.is_field("diagnostic-code") && !self.lower.contains("; 2")
        };
        self.codes().any(|(at, _)| refuses(at)) || reply_codes() || is_marked()
    }
}

fn begins_returned_mail(lower: &str) -> bool {
    RETURNED_PARTS.iter().any(|part| lower.starts_with(part))
        || RETURNED_WORDS.iter().any(|words| lower.contains(words))
}

/// `Name: value`, as in the header of a message (RFC 5322 2.2).
fn is_field(line: &str) -> bool {
    let Some((name, value)) = line.split_once(':') else {
        return false;
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    (1..40).contains(&name.len()) && name.chars().all(fits) && !value.starts_with("//")
}

/// Whether a line begins with a time as those of logs do, or is one JSON object.
fn is_log_line(line: &str) -> bool {
    let shape: String = line
        .chars()
        .take(16)
        .map(|it| match it {
            '0'..='9' => '0',
            'a'..='z' | 'A'..='Z' => 'a',
            it => it,
        })
        .collect();
    let is_time = |shape: &str| {
        [
            "0000-00-00a00",
            "0000-00-00 00",
            "aaa 00 00:00",
            "aaa  0 00:00",
        ]
        .iter()
        .any(|it| shape.starts_with(it))
    };
    let in_brackets = || line.starts_with('<') && shape.starts_with("<0");
    let is_pairs = || {
        ["l=", "level=", "time=", "ts="]
            .iter()
            .any(|it| line.starts_with(it))
    };
    is_time(&shape) || in_brackets() || is_pairs() || line.starts_with('{') && line.ends_with('}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> Statement {
        let mut statements = statements(text);
        assert_eq!(statements.len(), 1, "{statements:?}");
        statements.remove(0)
    }

    #[test]
    fn folded_fields_and_wrapped_paragraphs_are_joined() {
        let text = "Status: 5.7.5\nDiagnostic-Code: smtp; 550 5.7.5\n  not good\n\nOne\ntwo\n";
        let statements = statements(text);
        let texts: Vec<&str> = statements.iter().map(|it| it.text.as_str()).collect();
        let joined = "Diagnostic-Code: smtp; 550 5.7.5 not good";
        assert_eq!(texts, ["Status: 5.7.5", joined, "One two"]);
        let fails: Vec<bool> = statements.iter().map(|it| it.fails).collect();
        assert_eq!(fails, [true, true, false]);
    }

    #[test]
    fn the_returned_mail_is_left_out_and_the_status_after_it_is_read() {
        let text =
            "Original message headers:\nSubject: 550 5.1.1\n\nReporting-MTA: dns; a.example\n";
        assert_eq!(only(text).text, "Reporting-MTA: dns; a.example");
    }

    #[test]
    fn a_token_is_a_word() {
        let statement = only("550 5.7.1 by MTA-STS. Ask tlsa@a.example, at mta-sts.b.example.");
        for (token, is_in) in [("mta-sts", true), ("tlsa", false), ("b.example", false)] {
            assert_eq!(statement.has(token), is_in, "{token}");
        }
        assert!(!only("tlsa-invalid at mta-sts.b.example").has("tlsa"));
        assert!(!only("at mta-sts.b.example").has("mta-sts"));
    }

    #[test]
    fn versions_and_addresses_are_no_codes() {
        for (text, codes) in [
            ("550 5.7.1 no", &["5.7.1"][..]),
            ("550-4.7.509.", &["4.7.509"]),
            ("at 4.5.6.7 with v5.7.1 and 15.7.1 or 5.7", &[]),
        ] {
            let found: Vec<String> = only(text).codes().map(|(_, it)| it.to_owned()).collect();
            assert_eq!(found, codes, "{text}");
        }
    }

    #[test]
    fn prose_says_no_failure() {
        for (text, fails) in [
            ("The new release 5.7.2 is out.\n\nBye", false),
            ("We have 550 guests.\n\nBye", false),
            ("It said: 550 no.\n\nBye", true),
            ("(delivery to '450 4.7.1 later')\n\nBye", true),
            (
                "Nov 28 12:00:00 a postfix/smtp[1]: 4F2: status=deferred (x)\n\nBye",
                true,
            ),
        ] {
            assert_eq!(statements(text)[0].fails, fails, "{text}");
        }
    }
}
