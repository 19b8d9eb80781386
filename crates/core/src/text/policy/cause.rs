//! Guessing the one cause behind a line that is outside the grammar of a policy. Nothing here
//! decides whether a file is valid.

use super::Mode;
use super::fault::SyntaxCause;
use crate::text::txt_fields::is_wsp;

/// The four fields of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Version,
    Mode,
    MaxAge,
    Mx,
}

impl Key {
    pub(super) const ALL: [Self; 4] = [Self::Version, Self::Mode, Self::MaxAge, Self::Mx];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Mode => "mode",
            Self::MaxAge => "max_age",
            Self::Mx => "mx",
        }
    }

    pub(super) fn exact(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.as_str() == name)
    }

    /// The field that a name was probably meant as, capitals and small slips overlooked.
    pub(super) fn meant(name: &str) -> Option<Self> {
        let name: String = name
            .chars()
            .filter(|c| !matches!(c, '-' | '_' | '.' | ' '))
            .map(|c| c.to_ascii_lowercase())
            .collect();
        match name.as_str() {
            "version" | "versions" | "ver" | "v" => Some(Self::Version),
            "mode" | "policymode" => Some(Self::Mode),
            "maxage" => Some(Self::MaxAge),
            "mx" | "mxs" | "mxhost" => Some(Self::Mx),
            _ => None,
        }
    }

    /// Every field that a broken line names somewhere.
    pub(super) fn named_in(line: &str) -> impl Iterator<Item = Self> {
        let start = line.split([':', '=']).take(1);
        let words = line.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-'));
        start
            .chain(words.map(|word| word.trim_matches('-')))
            .filter_map(Self::meant)
    }
}

/// Whether a value holds another field, as when two lines or two files were run together.
pub(super) fn holds_another_field(value: &str) -> bool {
    Key::ALL.iter().any(|key| {
        value
            .split_once(key.as_str())
            .is_some_and(|(_, rest)| rest.starts_with([':', '=']))
    })
}

/// Whether a comment stands behind the value.
pub(super) fn has_comment(value: &str) -> bool {
    [" #", "\t#", " //", "\t//"]
        .iter()
        .any(|sign| value.contains(sign))
}

/// Whether the file is one line in which a backslash and an n stand for each line end.
pub(super) fn has_literal_line_ends(text: &str) -> bool {
    let parts = text.trim_ascii_end().split("\\n");
    let named = |part: &&str| part.split(':').next().and_then(Key::exact).is_some();
    !text.trim_ascii_end().contains('\n') && parts.filter(named).count() > 1
}

/// The mode that a word was probably meant as.
pub(super) fn meant_mode(value: &str) -> Option<Mode> {
    let word = value
        .split(|c: char| !c.is_alphanumeric())
        .find(|word| !word.is_empty())?
        .to_lowercase();
    let begins = |starts: &[&str]| starts.iter().any(|start| word.starts_with(start));
    if begins(&["enf", "live", "strict", "activ"]) {
        Some(Mode::Enforce)
    } else if begins(&["tes", "report", "monitor"]) {
        Some(Mode::Testing)
    } else if begins(&["none", "off", "disab"]) {
        Some(Mode::None)
    } else {
        None
    }
}

/// Whether white space or an invisible character stands in the text that is neither a space nor
/// a tab.
pub(super) fn has_lookalike_space(text: &str) -> bool {
    text.chars().any(|c| {
        (c.is_whitespace() && !c.is_ascii())
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
    })
}

/// Whether a control character other than a tab stands in the text.
pub(super) fn has_control_character(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_control() && c != '\t')
}

/// The likeliest cause why `line`, without white space in front, has no key of the grammar.
pub(super) fn cause_of_bad_key(line: &str) -> SyntaxCause {
    let key = line.split_once(':').map(|(key, _)| key);
    let before_colon = key.unwrap_or(line);
    let lower = line.to_ascii_lowercase();
    if matches!(line.trim_end_matches(is_wsp), "---" | "...") {
        return SyntaxCause::FrontMatter;
    }
    if line.starts_with("```") {
        return SyntaxCause::CodeFence;
    }
    if line.starts_with('#') || line.starts_with("//") {
        return SyntaxCause::Comment;
    }
    if lower.contains("v=sts") || lower.contains("v=tlsr") {
        return SyntaxCause::PastedTxtRecord;
    }
    if line.starts_with(['-', '•']) {
        return SyntaxCause::YamlList;
    }
    if line.starts_with(['{', '}', '[', ']']) {
        return SyntaxCause::Json;
    }
    if has_control_character(line) {
        return SyntaxCause::ControlCharacter;
    }
    if before_colon.contains(['"', '\'', '“', '”', '„', '‘', '’']) {
        return SyntaxCause::Quoted;
    }
    if has_lookalike_space(before_colon) {
        return SyntaxCause::NoBreakSpace;
    }
    if before_colon.contains('=') {
        return SyntaxCause::EqualsSign;
    }
    let Some(key) = key else {
        return SyntaxCause::NoColon;
    };
    let trimmed = key.trim_end_matches(is_wsp);
    if trimmed != key && crate::text::txt_fields::is_field_name(trimmed) {
        return SyntaxCause::SpaceBeforeColon;
    }
    match Key::meant(trimmed) {
        Some(meant) => SyntaxCause::MisspelledKey {
            meant: meant.as_str(),
        },
        None => SyntaxCause::BadKey,
    }
}
