//! Reading a policy file as published: the exact grammar of RFC 8461 3.2, and one named cause for
//! each thing that is wrong.

use std::collections::BTreeSet;

use super::cause::{
    Key, cause_of_bad_key, has_comment, has_control_character, has_literal_line_ends,
    has_lookalike_space, holds_another_field, meant_mode,
};
use super::fault::{PolicyFault, PolicyFaultKind, SyntaxCause};
use super::lines::{Lines, lines};
use super::{MaxAge, Mode, Policy};
use crate::text::mx_pattern::{MxPattern, MxPatternError};
use crate::text::placeholder::is_placeholder;
use crate::text::txt_fields::{excerpt, is_field_name, is_wsp};

/// A policy file as read.
///
/// ```
/// use mta_sts_core::{Mode, PolicyFaultKind, PolicyReading};
/// let reading = PolicyReading::read(b"version: STSv1\nmode: enforced\nmx: a.example\nmax_age: 9\n");
/// assert!(!reading.valid);
/// let fault = &reading.faults[0];
/// assert_eq!((fault.line, fault.column, fault.found.as_str()), (2, 7, "enforced"));
/// assert_eq!(fault.kind, PolicyFaultKind::ModeInvalid { meant: Some(Mode::Enforce) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyReading {
    /// The policy a mainstream sender would go by: always when `valid`, and also when nothing but
    /// empty lines breaks the grammar.
    pub policy: Option<Policy>,
    /// Whether the file is a policy by grammar and prose of RFC 8461 3.2, and nothing else.
    pub valid: bool,
    /// What to tell, in the order of the file, what is missing last; at most
    /// [`PolicyReading::MAX_FAULTS`]. A cause that spoils many lines is told once.
    pub faults: Vec<PolicyFault>,
    /// Every well-formed `key: value` line in the order of the file.
    pub fields: Vec<PolicyField>,
}

/// A well-formed line of a policy file; its value need not be a good one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyField {
    /// Line, from 1.
    pub line: usize,
    /// The name before the colon.
    pub key: String,
    /// The value without white space around it: raw; escape it before showing.
    pub value: String,
}

impl PolicyReading {
    /// Longest file read, in bytes: the limit suggested by RFC 8461 3.3.
    pub const MAX_BYTES: usize = 65_536;
    /// Most faults told.
    pub const MAX_FAULTS: usize = 64;

    /// Reads the bytes of a policy file. Total: any bytes give a reading.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        if bytes.len() > Self::MAX_BYTES {
            return Self::spoilt(1, 1, "", PolicyFaultKind::TooLarge);
        }
        // A file saved as UTF-16 may pass for UTF-8, but never without a NUL.
        let text_len = bytes
            .iter()
            .position(|byte| *byte == 0)
            .unwrap_or(bytes.len());
        let text = match std::str::from_utf8(&bytes[..text_len]) {
            Ok(text) if text.len() == bytes.len() => text,
            readable => {
                let len = readable.map_or_else(|error| error.valid_up_to(), str::len);
                let before = String::from_utf8_lossy(&bytes[..len]);
                let last = before.rsplit('\n').next().unwrap_or_default();
                let line = before.matches('\n').count() + 1;
                return Self::spoilt(line, last.chars().count() + 1, "", PolicyFaultKind::NotUtf8);
            }
        };
        let body = text.strip_prefix('\u{feff}').unwrap_or(text);
        let content = body.trim_ascii_start();
        let kind = match content.bytes().next() {
            None => PolicyFaultKind::Empty,
            Some(b'<') => PolicyFaultKind::Html,
            Some(b'{') if content.starts_with("{\\rtf") => {
                PolicyFaultKind::Syntax(SyntaxCause::Rtf)
            }
            Some(b'{') => PolicyFaultKind::Syntax(SyntaxCause::Json),
            Some(_) if has_literal_line_ends(content) => {
                PolicyFaultKind::Syntax(SyntaxCause::LiteralLineEnds)
            }
            Some(_) => return Reader::new(body).read(body.len() < text.len()),
        };
        Self::spoilt(1, 1, content.lines().next().unwrap_or_default(), kind)
    }

    /// A file that is something else as a whole.
    fn spoilt(line: usize, column: usize, found: &str, kind: PolicyFaultKind) -> Self {
        let found = excerpt(found, PolicyFault::MAX_FOUND_CHARS);
        let faults = vec![PolicyFault {
            line,
            column,
            found,
            kind,
        }];
        Self {
            policy: None,
            valid: false,
            faults,
            fields: Vec::new(),
        }
    }
}

/// Advice leaves this much room to what breaks the file.
const MAX_ADVICE: usize = PolicyReading::MAX_FAULTS / 2;

struct Reader<'a> {
    lines: Vec<&'a str>,
    /// The line being read, from 0.
    at: usize,
    faults: Vec<PolicyFault>,
    fields: Vec<PolicyField>,
    /// Names of the fields seen, but for mx.
    seen: BTreeSet<&'a str>,
    /// Fields that some line names, well or badly: they are not told as missing.
    named: BTreeSet<Key>,
    /// Whether no fault breaks the grammar.
    valid: bool,
    /// Whether no fault but empty lines breaks it.
    usable: bool,
    mode: Option<Mode>,
    max_age: Option<MaxAge>,
    mx: Vec<MxPattern>,
}

/// A well-formed `key: value` of the line being read.
#[derive(Clone, Copy)]
struct Field<'a> {
    key: &'a str,
    value: &'a str,
    key_column: usize,
    value_column: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let Lines { texts, bare_cr } = lines(text);
        let mut reader = Self {
            lines: texts,
            at: 0,
            faults: Vec::new(),
            fields: Vec::new(),
            seen: BTreeSet::new(),
            named: BTreeSet::new(),
            valid: true,
            usable: true,
            mode: None,
            max_age: None,
            mx: Vec::new(),
        };
        if let Some(line) = bare_cr {
            reader.at = line - 1;
            let text = reader.lines.get(reader.at).copied().unwrap_or_default();
            let column = text.chars().count() + 1;
            reader.tell(column, text, PolicyFaultKind::Syntax(SyntaxCause::BareCr));
        }
        reader
    }

    fn read(mut self, has_bom: bool) -> PolicyReading {
        self.at = 0;
        if has_bom {
            self.tell(1, "\u{feff}", PolicyFaultKind::Bom);
        }
        self.skip_front_matter();
        while self.at < self.lines.len() {
            self.read_line();
            self.at += 1;
        }
        self.tell_what_is_missing();
        let policy = match (self.mode, self.max_age) {
            (Some(mode), Some(max_age)) if self.usable => {
                Policy::as_published(mode, max_age, self.mx).ok()
            }
            _ => None,
        };
        PolicyReading {
            policy,
            valid: self.valid,
            faults: self.faults,
            fields: self.fields,
        }
    }

    /// Passes over the header of a site generator and the empty lines after it: one cause.
    fn skip_front_matter(&mut self) {
        let open = self.next_text(0);
        let is_fence = |at: &usize| self.lines[*at].trim_ascii_end() == "---";
        let mut fences = (open..self.lines.len()).filter(is_fence);
        let (Some(first), Some(close)) = (fences.next(), fences.next()) else {
            return;
        };
        let holds_policy = |line: &&str| line.split(':').next().and_then(Key::exact).is_some();
        if first != open || self.lines[open..close].iter().any(holds_policy) {
            return;
        }
        self.at = open;
        self.tell(1, "---", PolicyFaultKind::Syntax(SyntaxCause::FrontMatter));
        self.at = self.next_text(close + 1);
    }

    /// The first line at or after `from` that is not empty.
    fn next_text(&self, from: usize) -> usize {
        let is_empty = |line: &&&str| line.trim_ascii().is_empty();
        from + self.lines[from..].iter().take_while(is_empty).count()
    }

    fn read_line(&mut self) {
        let line = self.lines[self.at];
        let text = line.trim_matches(is_wsp);
        let indent = line.len() - line.trim_start_matches(is_wsp).len();
        if text.is_empty() {
            self.tell(1, "", PolicyFaultKind::BlankLine);
            return;
        }
        let Some((key, rest)) = text.split_once(':').filter(|(key, _)| is_field_name(key)) else {
            self.tell_syntax(indent + 1, text, cause_of_bad_key(text));
            return;
        };
        if indent > 0 {
            self.tell(1, line, PolicyFaultKind::Indented);
        }
        let value = rest.trim_start_matches(is_wsp);
        let field = Field {
            key,
            value,
            key_column: indent + 1,
            value_column: indent + 1 + (text.len() - value.len()),
        };
        match Key::exact(key) {
            Some(Key::Mx) => self.read_mx(field),
            Some(_) if self.seen.contains(key) => self.read_extension(field),
            Some(Key::Version) => self.read_version(field),
            Some(Key::Mode) => self.read_mode(field),
            Some(Key::MaxAge) => self.read_max_age(field),
            None => self.read_extension(field),
        }
        self.seen.insert(key);
    }

    /// Notes a field whose line fits the grammar of an extension, which all fields share.
    fn keep(&mut self, field: Field<'_>) {
        self.fields.push(PolicyField {
            line: self.at + 1,
            key: field.key.to_owned(),
            value: field.value.to_owned(),
        });
    }

    fn read_version(&mut self, field: Field<'_>) {
        self.named.insert(Key::Version);
        if field.value != "STSv1" {
            self.tell_bad_value(field, PolicyFaultKind::VersionInvalid);
            return;
        }
        if !self.fields.is_empty() {
            self.tell(
                field.key_column,
                field.key,
                PolicyFaultKind::VersionNotFirst,
            );
        }
        self.keep(field);
    }

    fn read_mode(&mut self, field: Field<'_>) {
        self.named.insert(Key::Mode);
        self.mode = field.value.parse().ok();
        if self.mode.is_some() {
            self.keep(field);
        } else {
            let meant = meant_mode(field.value);
            self.tell_bad_value(field, PolicyFaultKind::ModeInvalid { meant });
        }
    }

    fn read_max_age(&mut self, field: Field<'_>) {
        self.named.insert(Key::MaxAge);
        match field.value.parse() {
            Ok(max_age) => {
                self.max_age = Some(max_age);
                self.keep(field);
            }
            Err(error) => self.tell_bad_value(field, PolicyFaultKind::MaxAgeInvalid(error)),
        }
    }

    fn read_mx(&mut self, field: Field<'_>) {
        self.named.insert(Key::Mx);
        match MxPattern::from_grammar(field.value) {
            Ok(pattern) => {
                if pattern.is_ip_address() {
                    let kind = PolicyFaultKind::MxInvalid(MxPatternError::IpAddress);
                    self.tell(field.value_column, field.value, kind);
                }
                self.mx.push(pattern);
                self.keep(field);
            }
            Err(MxPatternError::Empty) if self.a_list_follows() => {
                self.tell_syntax(field.key_column, "mx:", SyntaxCause::YamlList);
            }
            Err(error) => self.tell_bad_value(field, PolicyFaultKind::MxInvalid(error)),
        }
    }

    fn a_list_follows(&self) -> bool {
        let next = self.lines.get(self.next_text(self.at + 1));
        next.is_some_and(|line| line.trim_ascii().starts_with('-') && !line.starts_with("---"))
    }

    /// The value of one of the four fields is not allowed: `fault`, unless something more general
    /// is the cause.
    fn tell_bad_value(&mut self, field: Field<'_>, fault: PolicyFaultKind) {
        let value = field.value;
        let is_list_of_hosts =
            fault == PolicyFaultKind::MxInvalid(MxPatternError::CommaOrSpaceList);
        let cause = if has_control_character(value) {
            SyntaxCause::ControlCharacter
        } else if is_placeholder(value) {
            SyntaxCause::Placeholder
        } else if has_comment(value) {
            SyntaxCause::CommentBehindValue
        } else if value.contains(';')
            && (!is_list_of_hosts || holds_another_field(value) || value.ends_with(';'))
        {
            SyntaxCause::Semicolons
        } else if holds_another_field(value) {
            SyntaxCause::FieldsOnOneLine
        } else if has_lookalike_space(value) {
            SyntaxCause::NoBreakSpace
        } else {
            self.keep(field);
            self.tell(field.value_column, value, fault);
            return;
        };
        self.tell_syntax(field.value_column, value, cause);
    }

    /// An extension field, or a known one a second time: the grammar is the same.
    fn read_extension(&mut self, field: Field<'_>) {
        let Field {
            key,
            value,
            key_column,
            value_column,
        } = field;
        let cause = if value.is_empty() {
            SyntaxCause::NoValue
        } else if value.contains('\t') {
            SyntaxCause::Tab
        } else if has_control_character(value) {
            SyntaxCause::ControlCharacter
        } else {
            self.keep(field);
            let key_owned = key.to_owned();
            if self.seen.contains(key) {
                self.tell(
                    key_column,
                    key,
                    PolicyFaultKind::DuplicateField { key: key_owned },
                );
            } else if let Some(meant) = Key::meant(key).filter(|meant| !self.has_line_of(*meant)) {
                // Grammatical in itself, but the field it was meant as is missing for it.
                let cause = if key.eq_ignore_ascii_case(meant.as_str()) {
                    SyntaxCause::CapitalKey
                } else {
                    SyntaxCause::MisspelledKey {
                        meant: meant.as_str(),
                    }
                };
                self.tell_syntax(key_column, key, cause);
            } else {
                self.tell(
                    key_column,
                    key,
                    PolicyFaultKind::UnknownField { key: key_owned },
                );
            }
            return;
        };
        self.tell_syntax(value_column, value, cause);
    }

    /// Whether the field stands on some line under its right name.
    fn has_line_of(&self, key: Key) -> bool {
        let begins = |line: &&str| {
            let line = line.trim_start_matches(is_wsp);
            line.strip_prefix(key.as_str())
                .is_some_and(|rest| rest.starts_with(':'))
        };
        self.named.contains(&key) || self.lines.iter().any(begins)
    }

    fn tell_what_is_missing(&mut self) {
        let is_told = |fault: &PolicyFault| matches!(fault.kind, PolicyFaultKind::Syntax(_));
        if self.named.is_empty() && self.faults.iter().any(is_told) {
            // Something else altogether is there instead of a policy, and that has been told.
            return;
        }
        self.at = 0;
        for key in Key::ALL {
            let kind = match key {
                Key::Version => PolicyFaultKind::VersionMissing,
                Key::Mode => PolicyFaultKind::ModeMissing,
                Key::MaxAge => PolicyFaultKind::MaxAgeMissing,
                Key::Mx if self.mode == Some(Mode::None) => continue,
                Key::Mx => PolicyFaultKind::MxMissing,
            };
            if !self.named.contains(&key) {
                self.tell(1, "", kind);
            }
        }
    }

    /// A line outside the grammar; the fields it names are not missing as well.
    fn tell_syntax(&mut self, column: usize, found: &str, cause: SyntaxCause) {
        if cause != SyntaxCause::PastedTxtRecord {
            self.named.extend(Key::named_in(self.lines[self.at]));
        }
        self.tell(column, found, PolicyFaultKind::Syntax(cause));
    }

    fn tell(&mut self, column: usize, found: &str, kind: PolicyFaultKind) {
        let breaks = kind.breaks_rfc();
        self.valid &= !breaks;
        self.usable &= !breaks || kind == PolicyFaultKind::BlankLine;
        let is_told_once = matches!(
            kind,
            PolicyFaultKind::BlankLine | PolicyFaultKind::Indented | PolicyFaultKind::Syntax(_)
        );
        let is_told = is_told_once && self.faults.iter().any(|fault| fault.kind == kind);
        let room = if breaks {
            PolicyReading::MAX_FAULTS
        } else {
            MAX_ADVICE
        };
        if is_told || self.faults.len() >= room {
            return;
        }
        self.faults.push(PolicyFault {
            line: self.at + 1,
            column,
            found: excerpt(found, PolicyFault::MAX_FOUND_CHARS),
            kind,
        });
    }
}

#[cfg(test)]
mod tests;
