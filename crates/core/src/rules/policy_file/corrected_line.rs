//! What a policy line outside the grammar was probably meant to be.

use crate::text::policy::{PolicyFaultKind, PolicyReading, SyntaxCause};

/// The names of the fields, with the colon.
const KEYS: [&str; 4] = ["version:", "mode:", "max_age:", "mx:"];

/// The lines to replace `line`, which is outside the grammar because of `cause`; empty if none can
/// be derived. Each has been read again and is within the grammar.
pub(crate) fn corrected_line(cause: SyntaxCause, line: &str) -> Vec<String> {
    let meant = match cause {
        SyntaxCause::Semicolons => line.split(';').map(str::to_owned).collect(),
        SyntaxCause::FieldsOnOneLine => fields_apart(line),
        SyntaxCause::YamlList => vec![list_item(line)],
        SyntaxCause::Quoted => vec![line.replace(is_quote, "")],
        SyntaxCause::EqualsSign => vec![line.replacen('=', ": ", 1)],
        SyntaxCause::SpaceBeforeColon => with_key(line, |key| key.trim().to_owned()),
        SyntaxCause::CapitalKey => with_key(line, |key| key.trim().to_ascii_lowercase()),
        SyntaxCause::MisspelledKey { meant } => with_key(line, |_| meant.to_owned()),
        SyntaxCause::NoBreakSpace | SyntaxCause::Tab | SyntaxCause::ControlCharacter => {
            vec![with_plain_spaces(line)]
        }
        SyntaxCause::NoColon => vec![line.trim().replacen(' ', ": ", 1)],
        SyntaxCause::CommentBehindValue => {
            let comment = line
                .find(" #")
                .or_else(|| line.find(" //"))
                .or_else(|| line.find('\t'));
            vec![line[..comment.unwrap_or(line.len())].to_owned()]
        }
        SyntaxCause::LiteralLineEnds
        | SyntaxCause::Rtf
        | SyntaxCause::Placeholder
        | SyntaxCause::FrontMatter
        | SyntaxCause::PastedTxtRecord
        | SyntaxCause::Json
        | SyntaxCause::CodeFence
        | SyntaxCause::Comment
        | SyntaxCause::BadKey
        | SyntaxCause::NoValue
        | SyntaxCause::BareCr => Vec::new(),
    };
    let lines: Vec<String> = meant
        .iter()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect();
    if lines.iter().all(|line| is_right(line)) {
        lines
    } else {
        Vec::new()
    }
}

/// Whether the line is one of the four fields, with a valid value.
fn is_right(line: &str) -> bool {
    let is_about_other_lines = |kind: &PolicyFaultKind| {
        matches!(
            kind,
            PolicyFaultKind::VersionMissing
                | PolicyFaultKind::ModeMissing
                | PolicyFaultKind::MaxAgeMissing
                | PolicyFaultKind::MxMissing
        )
    };
    let reading = PolicyReading::read(line.as_bytes());
    reading.fields.len() == 1
        && reading
            .faults
            .iter()
            .all(|fault| is_about_other_lines(&fault.kind))
}

/// A line for each of the fields that were run together.
fn fields_apart(line: &str) -> Vec<String> {
    let begins = |at: &usize| KEYS.iter().any(|key| line[*at..].starts_with(key));
    let starts: Vec<usize> = line
        .char_indices()
        .map(|(at, _)| at)
        .filter(begins)
        .collect();
    let ends = starts.iter().skip(1).copied().chain([line.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| line[start..end].to_owned())
        .collect()
}

fn list_item(line: &str) -> String {
    let item = line.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '•'));
    if KEYS.iter().any(|key| item.starts_with(key)) {
        item.to_owned()
    } else {
        format!("mx: {item}")
    }
}

fn with_key(line: &str, key_of: impl Fn(&str) -> String) -> Vec<String> {
    line.split_once(':')
        .map(|(key, value)| format!("{}: {value}", key_of(key)))
        .into_iter()
        .collect()
}

fn with_plain_spaces(line: &str) -> String {
    let is_invisible = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
    line.chars()
        .filter(|&c| !is_invisible(c) && (c.is_whitespace() || !c.is_control()))
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .collect()
}

fn is_quote(character: char) -> bool {
    matches!(character, '"' | '\'' | '“' | '”' | '„' | '‘' | '’')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the line, takes the cause reported for it, and corrects the line.
    fn corrected(line: &str) -> Vec<String> {
        let reading = PolicyReading::read(line.as_bytes());
        let cause = reading.faults.iter().find_map(|fault| match fault.kind {
            PolicyFaultKind::Syntax(cause) => Some(cause),
            _ => None,
        });
        corrected_line(cause.unwrap(), line)
    }

    #[test]
    fn each_slip_leads_to_the_line_that_was_meant() {
        let cases: [(&str, &[&str]); 14] = [
            ("mode=enforce", &["mode: enforce"]),
            ("mode : enforce", &["mode: enforce"]),
            ("Mode: enforce", &["mode: enforce"]),
            ("max-age: 604800", &["max_age: 604800"]),
            ("mode: enforce;", &["mode: enforce"]),
            (
                "version: STSv1; mode: testing;",
                &["version: STSv1", "mode: testing"],
            ),
            (
                "version: STSv1 mode: testing",
                &["version: STSv1", "mode: testing"],
            ),
            ("- mx1.example.com", &["mx: mx1.example.com"]),
            ("- mx: mx1.example.com", &["mx: mx1.example.com"]),
            ("\"mode\": enforce", &["mode: enforce"]),
            ("mode:\u{a0}enforce", &["mode: enforce"]),
            ("mode: enforce\u{7}", &["mode: enforce"]),
            ("mode enforce", &["mode: enforce"]),
            ("max_age\u{200b}: 86400", &["max_age: 86400"]),
        ];
        for (line, expected) in cases {
            assert_eq!(corrected(line), expected, "{line:?}");
        }
    }

    #[test]
    fn nothing_is_made_up() {
        for line in [
            "# our policy",
            "v=STSv1; id=1",
            "```",
            "hello",
            "mode=sometimes",
            "{}",
        ] {
            assert!(corrected(line).is_empty(), "{line:?}");
        }
    }
}
