//! What clap says of a wrong command line. Arguments may come from anywhere, such as a script’s list
//! of names, so they are shown like all that is hostile: escaped.

use clap::error::ContextValue;
use mta_sts_core::escaped;

/// The most characters of an argument that are shown.
const MAX_SHOWN: usize = 200;
/// What begins a style on a terminal, and ends its parameters.
const STYLE: (&str, char) = ("\u{1b}[", 'm');

/// The message of clap in its colours, safe for a terminal.
pub(crate) fn message(mut error: clap::Error) -> String {
    let context: Vec<_> = error
        .context()
        .map(|(kind, value)| (kind, value.clone()))
        .collect();
    let raw: Vec<String> = context
        .iter()
        .flat_map(|(_, value)| match value {
            ContextValue::String(text) => vec![text.clone()],
            ContextValue::Strings(texts) => texts.clone(),
            _ => Vec::new(),
        })
        .filter(|text| *text != escaped(text, MAX_SHOWN))
        .collect();
    // What clap advises has the arguments in it too, between its own styles.
    let without_raw = |styled: &clap::builder::StyledStr| {
        let text = styled.ansi().to_string();
        let safe = |text: String, raw: &String| text.replace(raw, &escaped(raw, MAX_SHOWN));
        raw.iter().fold(text, safe).into()
    };
    for (kind, value) in context {
        let safe = match value {
            ContextValue::String(text) => ContextValue::String(escaped(&text, MAX_SHOWN)),
            ContextValue::Strings(texts) => {
                let safe = texts.iter().map(|text| escaped(text, MAX_SHOWN));
                ContextValue::Strings(safe.collect())
            }
            ContextValue::StyledStr(text) => ContextValue::StyledStr(without_raw(&text)),
            ContextValue::StyledStrs(texts) => {
                ContextValue::StyledStrs(texts.iter().map(without_raw).collect())
            }
            other => other,
        };
        error.insert(kind, safe);
    }
    only_styles(&error.render().ansi().to_string())
}

/// The text with nothing in it that moves a terminal but line ends and styles.
fn only_styles(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let length = style_at(rest).unwrap_or(character.len_utf8());
        let (piece, later) = rest.split_at(length);
        if length > 1 && piece.starts_with(STYLE.0) || character == '\n' {
            safe.push_str(piece);
        } else {
            safe.push_str(&escaped(piece, MAX_SHOWN));
        }
        rest = later;
    }
    safe
}

/// The length of the style that the text begins with, if it does.
fn style_at(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix(STYLE.0)?;
    let end = parameters.find(|it: char| !it.is_ascii_digit() && it != ';')?;
    parameters[end..]
        .starts_with(STYLE.1)
        .then_some(STYLE.0.len() + end + STYLE.1.len_utf8())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::Args;

    const HOSTILE: [&str; 5] = [
        "\u{1b}]0;owned\u{7}x",
        "\u{9b}31mx",
        "x\u{202e}y",
        "x\ny",
        "\u{1b}[8mx",
    ];

    fn told(args: &[&str]) -> String {
        let args = [&["mta-sts"], args].concat();
        message(Args::try_parse_from(args).unwrap_err())
    }

    #[test]
    fn an_argument_cannot_move_the_terminal_wherever_it_is() {
        for hostile in HOSTILE {
            let with = |option: &str| format!("{option}{hostile}");
            for args in [
                &["check", hostile][..],
                &["check", "example.com", "--resolver", hostile],
                &["check", "example.com", &with("--resolver=")],
                &["check", "example.com", "--timeout", hostile],
                &["check", "example.com", "--jobs", hostile],
                &["verify", "example.com", "--without", hostile],
                &["generate", "example.com", "--mode", hostile],
                &["generate", "example.com", "--hosting", hostile],
                &["check", "example.com", hostile],
                &[&with("--unknown")],
                &["check", &with("--resolve")],
                &["check", &with("-x")],
                &[hostile],
                &["chek", hostile],
                &["lint", hostile],
            ] {
                let told = told(args);
                let plain = anstream::adapter::strip_str(&told).to_string();
                let is_hostile = |it: char| it != '\n' && escaped(&it.to_string(), 9).len() > 4;
                assert!(!plain.contains(is_hostile), "{args:?}: {told:?}");
                assert!(!told.contains("\u{1b}[8m"), "{args:?}: {told:?}");
                assert!(!told.contains(hostile), "{args:?}: {told:?}");
            }
        }
    }

    #[test]
    fn what_was_typed_is_shown_in_the_styles_of_clap() {
        let told = told(&["check", "example.com", "--resolver", "dns\u{202e}"]);
        assert!(told.contains("dns\\u{202e}"), "{told:?}");
        assert!(told.contains("\u{1b}["), "{told:?}");
    }

    #[test]
    fn a_usual_mistake_is_told_as_clap_tells_it() {
        for args in [&["check", "--nonsense"][..], &["chek"], &["lint", "policy"]] {
            let args = [&["mta-sts"], args].concat();
            let error = Args::try_parse_from(&args).unwrap_err();
            assert_eq!(
                message(Args::try_parse_from(&args).unwrap_err()),
                error.render().ansi().to_string()
            );
        }
    }
}
