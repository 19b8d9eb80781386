//! The mails of an mbox file (RFC 4155): each begins behind a line such as
//! `From sender@example Sat Nov 21 10:00:00 2026`.
//!
//! Not every writer quotes lines of a text that begin with `From ` as `>From `, so such a line
//! counts only where a header follows, and a blank line or a time says that it is no text.

use std::borrow::Cow;

use memchr::{memchr, memmem};

use crate::Opening;
use crate::mail;
use crate::origin::Origin;

pub(crate) fn open(opening: &mut Opening<'_, '_>, origin: &Origin, bytes: &[u8], layers: usize) {
    for (number, mail) in (1..).zip(Mails(bytes.trim_ascii_start())) {
        if !opening.budget.takes_part() {
            return;
        }
        mail::open(opening, &origin.mail(number), &unquoted(mail), layers);
    }
}

/// The rest of the mailbox, from the line before the next mail.
struct Mails<'a>(&'a [u8]);

impl<'a> Iterator for Mails<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.0;
        if rest.is_empty() {
            return None;
        }
        let begin = memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        // The line end is that of the separator itself where a mail is empty.
        let mut ends = memmem::find_iter(rest, b"\nFrom ").map(|at| at + 1);
        let end = ends.find(|at| *at >= begin && is_separator(rest, *at));
        let end = end.unwrap_or(rest.len());
        let (mails, rest) = rest.split_at(end);
        self.0 = rest;
        mails.get(begin..)
    }
}

/// Whether the line here, which begins with `From `, begins a mail.
fn is_separator(bytes: &[u8], at: usize) -> bool {
    let (before, rest) = bytes.split_at(at);
    let Some(end) = memchr(b'\n', rest) else {
        return false;
    };
    let (line, next) = rest.split_at(end + 1);
    let is_after_blank = before.ends_with(b"\n\n") || before.ends_with(b"\n\r\n");
    let has_time = line
        .windows(3)
        .any(|it| matches!(it, [one, b':', two] if one.is_ascii_digit() && two.is_ascii_digit()));
    (is_after_blank || has_time) && begins_with_field(next)
}

/// Whether a field of a header begins here (RFC 5322 2.2), or a quoted line before one.
fn begins_with_field(text: &[u8]) -> bool {
    let is_of_name = |byte: &u8| byte.is_ascii_graphic() && *byte != b':';
    let name = text.iter().take_while(|byte| is_of_name(byte)).count();
    name > 0 && text.get(name) == Some(&b':') || text.starts_with(b">From ")
}

/// Removes one `>` from each line that begins with some and `From `.
fn unquoted(mail: &[u8]) -> Cow<'_, [u8]> {
    let is_quoted = |at: &usize| {
        let line = mail.get(at + 1..).unwrap_or_default();
        let from = line.iter().position(|byte| *byte != b'>');
        line.get(from.unwrap_or(0)..)
            .is_some_and(|it| it.starts_with(b"From "))
    };
    let mut quotes = memmem::find_iter(mail, b"\n>").filter(is_quoted).peekable();
    if quotes.peek().is_none() {
        return Cow::Borrowed(mail);
    }
    let (mut whole, mut from) = (Vec::with_capacity(mail.len()), 0);
    for at in quotes {
        whole.extend_from_slice(&mail[from..=at]);
        from = at + 2;
    }
    whole.extend_from_slice(&mail[from..]);
    Cow::Owned(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mails(mbox: &str) -> Vec<String> {
        let mails = Mails(mbox.as_bytes()).map(|mail| unquoted(mail).into_owned());
        mails.map(|mail| String::from_utf8(mail).unwrap()).collect()
    }

    #[test]
    fn every_mail_begins_behind_its_line() {
        for end in ["\n", "\r\n"] {
            let mbox = "From a Sat Nov 21 10:00:00 2026\nTo: 1\n\nOne\n\
                From b Sat Nov 21 10:00:00 2026\nTo: 2\n\nTwo\n\n\
                From -\nTo: 3\n\nThree\n";
            let right = ["To: 1\n\nOne\n", "To: 2\n\nTwo\n\n", "To: 3\n\nThree\n"];
            let right = right.map(|mail| mail.replace('\n', end));
            assert_eq!(mails(&mbox.replace('\n', end)), right);
        }
        assert_eq!(mails("From a\n"), [""]);
        assert_eq!(mails("From a"), [""]);
    }

    #[test]
    fn text_that_begins_with_from_stays_in_its_mail() {
        let text = "To: 1\n\nFrom here on\nit goes up.\n\nFrom 10:00 to 11:00\n\n";
        assert_eq!(mails(&format!("From a\n{text}")), [text]);
    }

    #[test]
    fn a_quoted_line_loses_one_sign() {
        assert_eq!(
            mails("From a\nTo: 1\n\n>From b\n>>From c\n> From d\n>"),
            ["To: 1\n\nFrom b\n>From c\n> From d\n>"]
        );
    }
}
