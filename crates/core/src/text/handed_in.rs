//! What somebody hands in as the text of a record, where it is something else or has something
//! around it: a line of a zone file, the answer of dig, the record of another name.

use crate::text::sts_record::{PolicyId, looks_like_sts};
use crate::text::tls_rpt_record::looks_like_tls_rpt;

/// What a text is that is not the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HandedIn {
    /// The MTA-STS record.
    Sts,
    /// The TLS-RPT record.
    TlsRpt,
    /// A DMARC record.
    Dmarc,
    /// An SPF record.
    Spf,
    /// A host name, as an alias has it.
    AliasTarget,
    /// An id alone.
    Id,
    /// A mail address or a web address alone.
    Address,
}

impl HandedIn {
    /// What the text is; `None` where nothing can be told.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        let lower = text.to_ascii_lowercase();
        if looks_like_sts(text) {
            Some(Self::Sts)
        } else if looks_like_tls_rpt(text) {
            Some(Self::TlsRpt)
        } else if lower.starts_with("v=dmarc") {
            Some(Self::Dmarc)
        } else if lower.starts_with("v=spf") {
            Some(Self::Spf)
        } else if text.contains(|c: char| c.is_whitespace() || c == '=') {
            None
        } else if text.contains('@') || lower.starts_with("https:") {
            Some(Self::Address)
        } else if is_host(text) {
            Some(Self::AliasTarget)
        } else {
            PolicyId::parse(text).is_ok().then_some(Self::Id)
        }
    }
}

/// Two labels at least, of letters, digits, hyphens and underscores.
fn is_host(text: &str) -> bool {
    let name = text.strip_suffix('.').unwrap_or(text);
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    name.contains('.')
        && name
            .split('.')
            .all(|label| !label.is_empty() && label.chars().all(fits))
}

/// The record inside a line of a zone file, an answer of dig or several quoted strings: what stands
/// in the quotes, joined (RFC 1035 5.1). `is_it` tells the record from others. `None` where the text
/// is no such thing; quotes around all of it may as well be part of a published record.
pub(crate) fn record_in_quotes(text: &str, is_it: impl Fn(&str) -> bool) -> Option<String> {
    let found = |part: &str| -> Option<String> {
        let (around, strings) = quoted_strings(part)?;
        let is_type = |word: &str| word.eq_ignore_ascii_case("TXT");
        let names_the_type = around
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(is_type);
        let only_strings = around.trim().is_empty() && strings.len() > 1;
        (names_the_type || only_strings).then(|| strings.concat())
    };
    let lines = text.lines().filter_map(&found).find(|record| is_it(record));
    // Strings of one record may stand on several lines, in parentheses.
    lines.or_else(|| found(text))
}

/// What stands outside of the quotes, and the strings inside; `None` without any, or with a quote
/// that is not closed.
fn quoted_strings(text: &str) -> Option<(String, Vec<String>)> {
    let (mut around, mut strings) = (String::new(), Vec::new());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '"' {
            around.push(character);
            continue;
        }
        let mut string = String::new();
        loop {
            match characters.next()? {
                '"' => break,
                '\\' => string.push(characters.next()?),
                other => string.push(other),
            }
        }
        strings.push(string);
    }
    (!strings.is_empty()).then_some((around, strings))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_is_taken_out_of_what_is_around_it() {
        let record = "v=STSv1; id=20261123T120000";
        for text in [
            "_mta-sts.example.com. 3600 IN TXT \"v=STSv1; id=20261123T120000\"",
            "_mta-sts IN TXT ( \"v=STSv1; \" \"id=20261123T120000\" )",
            "_mta-sts IN TXT (\n  \"v=STSv1; \"\n  \"id=20261123T120000\" )",
            "\"v=STSv1; \" \"id=20261123T120000\"",
            "_mta-sts.example.com.\t300\tIN\tTXT\t\"v=STSv1\\; id=20261123T120000\"",
            ";; ANSWER SECTION:\na. 1 IN TXT \"other\"\na. 1 IN TXT \"v=STSv1; id=20261123T120000\"",
        ] {
            assert_eq!(
                record_in_quotes(text, looks_like_sts).as_deref(),
                Some(record),
                "{text}"
            );
        }
        for text in [
            record,
            "\"v=STSv1; id=1\"",
            "v=STSv1; id=\"1\"",
            "TXT \"v=STSv1",
            "",
        ] {
            assert_eq!(record_in_quotes(text, looks_like_sts), None, "{text}");
        }
    }

    #[test]
    fn what_it_is_instead_has_a_name() {
        for (text, is) in [
            ("v=STSv1; id=1", Some(HandedIn::Sts)),
            (
                "v=TLSRPTv1; rua=mailto:a@example.net",
                Some(HandedIn::TlsRpt),
            ),
            ("v=DMARC1; p=none", Some(HandedIn::Dmarc)),
            ("v=spf1 -all", Some(HandedIn::Spf)),
            ("_mta-sts.mx.cloudflare.net.", Some(HandedIn::AliasTarget)),
            ("mta-sts.example.com", Some(HandedIn::AliasTarget)),
            ("20261123T120000", Some(HandedIn::Id)),
            ("tls@example.net", Some(HandedIn::Address)),
            ("hello world", None),
            ("", None),
        ] {
            assert_eq!(HandedIn::of(text), is, "{text}");
        }
    }
}
