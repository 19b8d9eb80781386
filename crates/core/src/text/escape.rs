//! Hostile text made safe to show on one line of a window, a terminal or a report.
//!
//! Nothing here changes what is judged: escape at the very end, when text is shown.

/// Letters without any ink: `char::escape_debug` counts them as printable.
const BLANK_LETTERS: [char; 5] = ['\u{115f}', '\u{1160}', '\u{2800}', '\u{3164}', '\u{ffa0}'];

/// `text` on one line, at most `max_chars` characters long.
///
/// Control characters (line ends and C1 included), bidirectional controls, zero-width and
/// combining characters, every white space but the plain space, private use and unassigned code
/// points are written as `\u{hex}`. A text cut short ends with `…`, which counts.
///
/// ```
/// use mta_sts_core::escaped;
/// assert_eq!(escaped("mode:\u{a0}enforce\n", 40), r"mode:\u{a0}enforce\u{a}");
/// assert_eq!(escaped("enforce", 4), "enf…");
/// ```
#[must_use]
pub fn escaped(text: &str, max_chars: usize) -> String {
    let mut line = BoundedLine::new(max_chars);
    line.push_text(text);
    line.text
}

/// A text with a capital at its beginning.
#[must_use]
pub fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}

/// What is wrong with a JSON text, without its place and without the library's names of types,
/// which say nothing to a mail admin.
pub(crate) fn json_error(error: &serde_json::Error) -> String {
    let whole = error.to_string();
    let what = whole.split(" at line ").next().unwrap_or_default();
    let name = || escaped(what.split('`').nth(1).unwrap_or_default(), 60);
    if error.is_eof() {
        "the text ends too early".to_owned()
    } else if error.is_syntax() {
        "this isn’t valid JSON".to_owned()
    } else if what.starts_with("missing field") {
        format!("“{}” is missing", name())
    } else if what.starts_with("duplicate field") {
        format!("“{}” appears twice", name())
    } else if what.starts_with("unknown ") {
        format!("“{}” is not known here", name())
    } else if what.starts_with("invalid ") {
        "this value is of the wrong kind".to_owned()
    } else {
        escaped(what, 200)
    }
}

/// Whether the character can do no harm and is seen as what it is.
fn is_plain(character: char) -> bool {
    let is_quoting = matches!(character, '"' | '\'' | '\\');
    is_quoting || character.escape_debug().len() == 1 && !BLANK_LETTERS.contains(&character)
}

/// A line that never outgrows its bound and never holds half an escape.
struct BoundedLine {
    text: String,
    /// Characters in `text`.
    chars: usize,
    /// Bytes of `text` that still leave room for the mark of a cut.
    cut_at: usize,
    max_chars: usize,
}

impl BoundedLine {
    fn new(max_chars: usize) -> Self {
        Self {
            text: String::new(),
            chars: 0,
            cut_at: 0,
            max_chars,
        }
    }

    /// False once the line is full and has been cut.
    fn push_text(&mut self, text: &str) -> bool {
        let rest = self.push_plain(text);
        rest.chars().all(|character| {
            if is_plain(character) {
                self.push(character.encode_utf8(&mut [0; 4]))
            } else {
                self.push(&character.escape_unicode().to_string())
            }
        })
    }

    /// Takes what needs no escape at the beginning of the text, which is nearly always all of it,
    /// as far as there is room; returns the rest.
    fn push_plain<'a>(&mut self, text: &'a str) -> &'a str {
        let room = self.max_chars - self.chars;
        let is_plain = |byte: &u8| matches!(byte, b' '..=b'~');
        let count = text.bytes().take(room).take_while(is_plain).count();
        let (plain, rest) = text.split_at(count);
        self.text.push_str(plain);
        self.chars += count;
        if count > 0 {
            self.cut_at = self.text.len() - usize::from(self.chars == self.max_chars);
        }
        rest
    }

    /// False once the line is full and has been cut.
    fn push(&mut self, piece: &str) -> bool {
        let grown = self.chars + piece.chars().count();
        if grown > self.max_chars {
            self.text.truncate(self.cut_at);
            if self.max_chars > 0 {
                self.text.push('…');
            }
            return false;
        }
        self.text.push_str(piece);
        self.chars = grown;
        if grown < self.max_chars {
            self.cut_at = self.text.len();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_left_alone() {
        let text = r#"mx: "mail".example.com\; größe 例え"#;
        assert_eq!(escaped(text, 100), text);
    }

    #[test]
    fn nothing_invisible_or_misleading_gets_through() {
        let hostile = [
            '\0',
            '\u{7}',
            '\t',
            '\n',
            '\r',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
            '\u{9b}',
            '\u{a0}',
            '\u{ad}',
            '\u{300}',
            '\u{34f}',
            '\u{115f}',
            '\u{200b}',
            '\u{200d}',
            '\u{202e}',
            '\u{2028}',
            '\u{2066}',
            '\u{2800}',
            '\u{3000}',
            '\u{3164}',
            '\u{e000}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{378}',
            '\u{e0041}',
            '\u{10ffff}',
        ];
        for character in hostile {
            let expected = format!("\\u{{{:x}}}", u32::from(character));
            assert_eq!(escaped(&character.to_string(), 20), expected);
        }
    }

    #[test]
    fn the_bound_holds_and_no_escape_is_halved() {
        let text = "ab\u{202e}cd";
        for max_chars in 0..=text.len() + 10 {
            let line = escaped(text, max_chars);
            assert!(line.chars().count() <= max_chars, "{line}");
            assert_eq!(line.contains("\\u"), line.contains("\\u{202e}"), "{line}");
            let whole = line == "ab\\u{202e}cd";
            assert!(whole || max_chars == 0 || line.ends_with('…'), "{line}");
            assert_eq!(whole, max_chars >= 12);
        }
    }
}
