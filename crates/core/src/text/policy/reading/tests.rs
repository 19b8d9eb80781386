//! The reader against the grammar, against each known mistake, and against noise.

use super::*;
use crate::text::policy::MaxAgeError;

const GOOD: &str = "version: STSv1\r\nmode: enforce\r\nmx: mx.example.com\r\nmax_age: 604800\r\n";

fn kinds(text: &str) -> Vec<PolicyFaultKind> {
    PolicyReading::read(text.as_bytes())
        .faults
        .into_iter()
        .map(|fault| fault.kind)
        .collect()
}

/// Section 3.2 once more, written as plainly as it can be and from nothing the reader uses.
fn fits_rfc(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let text = text.replace("\r\n", "\n");
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let mut seen = Vec::new();
    let mut mode = "";
    for line in text.split('\n') {
        let Some((key, rest)) = line.split_once(':') else {
            return false;
        };
        let value = rest.trim_matches([' ', '\t']);
        let is_alnum = |c: char| c.is_ascii_alphanumeric();
        let is_name = key.len() <= 32
            && key.starts_with(is_alnum)
            && key
                .chars()
                .all(|c| is_alnum(c) || c == '_' || c == '-' || c == '.');
        let is_free_text = !value.is_empty() && value.chars().all(|c| c >= ' ' && c != '\u{7f}');
        let is_first = !seen.contains(&key);
        let is_label = |label: &str| {
            label.chars().all(|c| is_alnum(c) || c == '-')
                && label.starts_with(is_alnum)
                && label.ends_with(is_alnum)
        };
        let fits = match key {
            "version" if is_first => value == "STSv1",
            "mode" if is_first => ["enforce", "testing", "none"].contains(&value),
            "max_age" if is_first => {
                (1..=10).contains(&value.len())
                    && value.chars().all(|c| c.is_ascii_digit())
                    && value.parse::<u64>().unwrap() <= 31_557_600
            }
            "mx" => value
                .strip_prefix("*.")
                .unwrap_or(value)
                .split('.')
                .all(is_label),
            _ => is_name && is_free_text,
        };
        if !fits {
            return false;
        }
        if key == "mode" && is_first {
            mode = value;
        }
        seen.push(key);
    }
    ["version", "mode", "max_age"]
        .iter()
        .all(|key| seen.contains(key))
        && (mode == "none" || seen.contains(&"mx"))
}

/// What holds for every reading of any bytes.
fn check(bytes: &[u8]) {
    let reading = PolicyReading::read(bytes);
    let shown = String::from_utf8_lossy(bytes);
    assert_eq!(reading.valid, fits_rfc(bytes), "{shown:?} {reading:?}");
    assert_eq!(
        reading.valid,
        !reading.faults.iter().any(|f| f.kind.breaks_rfc()),
        "{shown:?}"
    );
    assert!(!reading.valid || reading.policy.is_some(), "{shown:?}");
    assert!(reading.faults.len() <= PolicyReading::MAX_FAULTS);
    for fault in &reading.faults {
        assert!(fault.line >= 1 && fault.column >= 1);
        assert!(fault.found.chars().count() <= PolicyFault::MAX_FOUND_CHARS);
        assert!(!fault.kind.to_string().is_empty());
    }
    if let Some(policy) = &reading.policy {
        let again = PolicyReading::read(policy.write().as_bytes());
        assert_eq!(again.policy.as_ref(), Some(policy), "{shown:?}");
        assert!(again.valid);
    }
}

#[test]
fn what_the_grammar_allows_is_valid() {
    let good = [
        GOOD.to_owned(),
        GOOD.replace("\r\n", "\n"),
        GOOD.replacen("\r\n", "\n", 2),
        GOOD.trim_end().to_owned(),
        GOOD.replace(": ", ":"),
        GOOD.replace(": ", ": \t "),
        GOOD.replace("\r\n", " \t\r\n"),
        GOOD.replace("604800", "0000604800"),
        GOOD.replace("604800", "31557600"),
        GOOD.replace("604800", "0"),
        GOOD.replace("mx.example.com", "*.Example.COM"),
        GOOD.replace("mx.example.com", "localhost"),
        GOOD.replace("mode: enforce", "mode: none")
            .replace("mx: mx.example.com\r\n", ""),
        "max_age: 1\nmx: a\nmode: testing\nversion: STSv1".to_owned(),
        format!("{GOOD}note: größe 例え with spaces: and = ; signs\n"),
        format!("{GOOD}note:\u{a0}a no-break space is a character like others here\n"),
        format!("{GOOD}{}: x\n", "n".repeat(32)),
        format!("{GOOD}mode: Enforce\n"),
        GOOD.replace("mx.example.com", "192.0.2.1"),
    ];
    for text in good {
        assert!(PolicyReading::read(text.as_bytes()).valid, "{text:?}");
        check(text.as_bytes());
    }
}

#[test]
fn advice_does_not_break_a_policy() {
    let first = format!("note: x\r\n{GOOD}mode: none\r\nnote: y\r\n");
    let reading = PolicyReading::read(first.as_bytes());
    let found: Vec<_> = reading
        .faults
        .iter()
        .map(|f| (f.line, f.kind.clone()))
        .collect();
    let duplicate = |key: &str| PolicyFaultKind::DuplicateField {
        key: key.to_owned(),
    };
    let unknown = PolicyFaultKind::UnknownField {
        key: "note".to_owned(),
    };
    let expected = [
        (1, unknown),
        (2, PolicyFaultKind::VersionNotFirst),
        (6, duplicate("mode")),
        (7, duplicate("note")),
    ];
    assert_eq!(found, expected);
    assert_eq!(
        reading.policy.map(|policy| policy.mode()),
        Some(Mode::Enforce)
    );
    assert_eq!(reading.fields.len(), 7);
}

#[test]
fn empty_lines_leave_a_usable_policy() {
    for text in [
        format!("{GOOD}\r\n\r\n"),
        format!("\n{GOOD}"),
        GOOD.replace("mx:", " \t\nmx:"),
    ] {
        let reading = PolicyReading::read(text.as_bytes());
        assert!(!reading.valid, "{text:?}");
        assert!(reading.policy.is_some(), "{text:?}");
        assert_eq!(kinds(&text), [PolicyFaultKind::BlankLine], "{text:?}");
    }
}

#[test]
fn files_that_are_something_else_are_told_so_once() {
    use PolicyFaultKind::{Bom, Empty, Html, NotUtf8, Syntax, TooLarge};
    let cases: [(Vec<u8>, PolicyFaultKind); 12] = [
        (Vec::new(), Empty),
        (b"\r\n \t\n".to_vec(), Empty),
        ("\u{feff}".into(), Empty),
        (b"<!DOCTYPE html>\n<html>\n<p>mode: x\n".to_vec(), Html),
        (b"\n  <html>\n".to_vec(), Html),
        (
            b"{\n  \"mode\": \"enforce\"\n}\n".to_vec(),
            Syntax(SyntaxCause::Json),
        ),
        (format!("\u{feff}{GOOD}").into(), Bom),
        ([GOOD.as_bytes(), b"note: gr\xf6\xdfe\n"].concat(), NotUtf8),
        (
            GOOD.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            NotUtf8,
        ),
        (
            [
                b"\xff\xfe".to_vec(),
                GOOD.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            ]
            .concat(),
            NotUtf8,
        ),
        (vec![b'a'; PolicyReading::MAX_BYTES + 1], TooLarge),
        (
            b"v=STSv1; id=20261123;".to_vec(),
            Syntax(SyntaxCause::PastedTxtRecord),
        ),
    ];
    for (bytes, kind) in cases {
        let reading = PolicyReading::read(&bytes);
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]);
        let found: Vec<_> = reading.faults.into_iter().map(|fault| fault.kind).collect();
        assert_eq!(found, [kind], "{shown}");
        assert!(!reading.valid && reading.policy.is_none(), "{shown}");
    }
}

/// A file, and the one place and cause told of what breaks it.
type Mistake = (String, usize, usize, SyntaxCause);

fn assert_one_cause<const N: usize>(mistakes: [Mistake; N]) {
    for (text, line, column, cause) in mistakes {
        let reading = PolicyReading::read(text.as_bytes());
        let grave = reading
            .faults
            .iter()
            .filter(|fault| fault.kind.breaks_rfc());
        let found: Vec<_> = grave.map(|f| (f.line, f.column, f.kind.clone())).collect();
        assert_eq!(
            found,
            [(line, column, PolicyFaultKind::Syntax(cause))],
            "{text:?}"
        );
        assert!(!reading.valid && reading.policy.is_none(), "{text:?}");
        check(text.as_bytes());
    }
}

#[test]
fn each_mistake_throughout_a_file_has_one_name() {
    use SyntaxCause::*;
    assert_one_cause([
        (GOOD.replace(": ", "="), 1, 1, EqualsSign),
        (GOOD.replace(": ", " : "), 1, 1, SpaceBeforeColon),
        (GOOD.replace(": ", " "), 1, 1, NoColon),
        (GOOD.replace("\r\n", ";\r\n"), 1, 10, Semicolons),
        (GOOD.replace("\r\n", "; "), 1, 10, Semicolons),
        (GOOD.replace("\r\n", " "), 1, 10, FieldsOnOneLine),
        (format!("{}{GOOD}", GOOD.trim_end()), 4, 10, FieldsOnOneLine),
        (GOOD.replace("\r\n", "\r"), 1, 15, BareCr),
        (GOOD.replace("\r\n", "\r\r\n"), 1, 15, BareCr),
        (format!("```\n{GOOD}```\n"), 1, 1, CodeFence),
        (format!("# our policy\n{GOOD}"), 1, 1, Comment),
        (format!("// our policy\n{GOOD}"), 1, 1, Comment),
        (
            format!("---\nlayout: null\n---\n\n{GOOD}"),
            1,
            1,
            FrontMatter,
        ),
        (format!("---\n{GOOD}---\n"), 1, 1, FrontMatter),
        (format!("{GOOD}v=STSv1; id=1\n"), 5, 1, PastedTxtRecord),
        (
            format!("_mta-sts.example.com. TXT \"v=STSv1; id=1\"\n{GOOD}"),
            1,
            1,
            PastedTxtRecord,
        ),
    ]);
    assert_eq!(
        kinds(&GOOD.replace("\nm", "\n m")),
        [PolicyFaultKind::Indented]
    );
}

#[test]
fn each_mistake_of_a_line_has_one_name() {
    use SyntaxCause::*;
    assert_one_cause([
        (GOOD.replace("mode: ", "mode="), 2, 1, EqualsSign),
        (GOOD.replace("mode", "Mode"), 2, 1, CapitalKey),
        (
            GOOD.replace("max_age", "max-age"),
            4,
            1,
            MisspelledKey { meant: "max_age" },
        ),
        (
            GOOD.replace("max_age", "max age"),
            4,
            1,
            MisspelledKey { meant: "max_age" },
        ),
        (GOOD.replace("mode: ", "mode:\u{a0}"), 2, 6, NoBreakSpace),
        (GOOD.replace("mode: ", "\u{a0}mode: "), 2, 1, NoBreakSpace),
        (
            GOOD.replace("mode: ", "mode: \u{7}"),
            2,
            7,
            ControlCharacter,
        ),
        (
            GOOD.replace("mode: ", "\u{7}mode: "),
            2,
            1,
            ControlCharacter,
        ),
        (GOOD.replace("mx: mx", "mx:\r\n  - mx"), 3, 1, YamlList),
        (GOOD.replace("mx:", "- mx:"), 3, 1, YamlList),
        (GOOD.replace("mx:", "  - mx:"), 3, 3, YamlList),
        (GOOD.replace("mode:", "\"mode\":"), 2, 1, Quoted),
        (format!("{GOOD}}}\n"), 5, 1, Json),
        (format!("{GOOD}note:\n"), 5, 6, NoValue),
        (format!("{GOOD}note: a\tb\n"), 5, 7, Tab),
        (format!("{GOOD}{}: x\n", "n".repeat(33)), 5, 1, BadKey),
        (format!("{GOOD}_dmarc: x\n"), 5, 1, BadKey),
    ]);
}

#[test]
fn each_bad_value_is_told_with_what_was_meant() {
    for (word, meant) in [
        ("enforced", Some(Mode::Enforce)),
        ("enforcing", Some(Mode::Enforce)),
        ("Enforce", Some(Mode::Enforce)),
        ("\"enforce\"", Some(Mode::Enforce)),
        ("live", Some(Mode::Enforce)),
        ("strict", Some(Mode::Enforce)),
        ("test", Some(Mode::Testing)),
        ("report", Some(Mode::Testing)),
        ("Testing", Some(Mode::Testing)),
        ("off", Some(Mode::None)),
        ("disabled", Some(Mode::None)),
        ("NONE", Some(Mode::None)),
        ("quarantine", None),
        ("", None),
    ] {
        let text = GOOD.replace("mode: enforce", &format!("mode: {word}"));
        assert_eq!(
            kinds(&text),
            [PolicyFaultKind::ModeInvalid { meant }],
            "{word}"
        );
    }
    for version in ["STSv2", "stsv1", "STSV1", "1", ""] {
        let text = GOOD.replace("STSv1", version);
        assert_eq!(kinds(&text), [PolicyFaultKind::VersionInvalid], "{version}");
    }
    for (age, error) in [
        ("31557601", MaxAgeError::TooLarge),
        ("9999999999", MaxAgeError::TooLarge),
        ("10000000000", MaxAgeError::NotANumber),
        ("00000000001", MaxAgeError::NotANumber),
        ("7d", MaxAgeError::NotANumber),
        ("-1", MaxAgeError::NotANumber),
        ("+1", MaxAgeError::NotANumber),
        ("604,800", MaxAgeError::NotANumber),
        ("٦٠٤٨٠٠", MaxAgeError::NotANumber),
        ("", MaxAgeError::NotANumber),
    ] {
        let text = GOOD.replace("604800", age);
        assert_eq!(
            kinds(&text),
            [PolicyFaultKind::MaxAgeInvalid(error)],
            "{age}"
        );
    }
    let text = GOOD.replace("mx.example.com", "mx1.example.com; mx2.example.com");
    assert_eq!(
        kinds(&text),
        [PolicyFaultKind::MxInvalid(MxPatternError::CommaOrSpaceList)]
    );
}

#[test]
fn what_is_missing_is_told() {
    let all = [
        PolicyFaultKind::VersionMissing,
        PolicyFaultKind::ModeMissing,
        PolicyFaultKind::MaxAgeMissing,
        PolicyFaultKind::MxMissing,
    ];
    let lines = [
        "version: STSv1\n",
        "mode: enforce\n",
        "max_age: 1\n",
        "mx: a.example\n",
    ];
    for (left_out, kind) in all.into_iter().enumerate() {
        let text: String = lines
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != left_out)
            .map(|(_, line)| *line)
            .collect();
        assert_eq!(kinds(&text), [kind], "{text:?}");
    }
}

#[test]
fn a_flood_of_faults_is_bounded_and_keeps_the_grave_ones() {
    let advice: String = (0..500).fold(String::new(), |text, n| text + &format!("note{n}: x\n"));
    let reading = PolicyReading::read(format!("{advice}{GOOD}mx: _a\n").as_bytes());
    assert!(!reading.valid);
    assert_eq!(reading.faults.len(), MAX_ADVICE + 1);
    let flood = format!("{GOOD}{}", "mx: _\n".repeat(500));
    assert_eq!(kinds(&flood).len(), PolicyReading::MAX_FAULTS);
}

#[test]
fn no_truncation_or_mutation_of_a_file_upsets_the_reader() {
    let samples = [
        GOOD.to_owned(),
        format!("{GOOD}note: größe\r\nmx: *.example.net\r\n"),
        "version:STSv1\nmode:none\nmax_age:0".to_owned(),
        GOOD.replace("mx: mx", "mx:\r\n  - mx"),
        format!("---\nlayout: null\n---\n\n{GOOD}"),
    ];
    let pieces: [&[u8]; 24] = [
        b"\r",
        b"\n",
        b"\r\n",
        b" ",
        b"\t",
        b":",
        b";",
        b"=",
        b"-",
        b"---\n",
        b".",
        b"*",
        b"_",
        b"@",
        b"0",
        b"Z",
        b"\0",
        b"\x7f",
        b"\xff",
        "\u{a0}".as_bytes(),
        "\u{feff}".as_bytes(),
        b"mx: a\n",
        b"mode: testing\n",
        b"\"",
    ];
    let mut noise = Noise(0x9E37_79B9_7F4A_7C15);
    for sample in &samples {
        for end in 0..=sample.len() {
            check(&sample.as_bytes()[..end]);
        }
        for _ in 0..4000 {
            let mut bytes = sample.clone().into_bytes();
            for _ in 0..=noise.below(3) {
                let from = noise.below(bytes.len() + 1);
                let to = (from + noise.below(3)).min(bytes.len());
                bytes.splice(from..to, pieces[noise.below(pieces.len())].iter().copied());
            }
            check(&bytes);
        }
    }
}

/// The same noise on every run (xorshift, Marsaglia 2003).
struct Noise(u64);

impl Noise {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

#[test]
fn a_file_that_is_something_else_as_a_whole_has_one_cause() {
    for (text, cause) in [
        (
            r"version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 604800\n",
            SyntaxCause::LiteralLineEnds,
        ),
        (r"{\rtf1\ansi version: STSv1\par}", SyntaxCause::Rtf),
        ("{\"mode\": \"enforce\"}", SyntaxCause::Json),
    ] {
        let reading = PolicyReading::read(text.as_bytes());
        let kinds: Vec<_> = reading.faults.into_iter().map(|fault| fault.kind).collect();
        assert_eq!(kinds, [PolicyFaultKind::Syntax(cause)], "{text}");
    }
}

#[test]
fn comments_and_placeholders_in_the_place_of_a_value_are_told() {
    for (value, cause) in [
        ("a.example   # main", SyntaxCause::CommentBehindValue),
        ("a.example // main", SyntaxCause::CommentBehindValue),
        ("{{ host }}", SyntaxCause::Placeholder),
        ("<mx host>", SyntaxCause::Placeholder),
    ] {
        let text = format!("version: STSv1\nmode: testing\nmx: {value}\nmax_age: 604800\n");
        let reading = PolicyReading::read(text.as_bytes());
        assert_eq!(
            reading.faults[0].kind,
            PolicyFaultKind::Syntax(cause),
            "{value}"
        );
        assert!(!reading.valid);
    }
}
