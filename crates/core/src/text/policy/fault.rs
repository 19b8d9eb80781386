//! What can be wrong with a policy file, one name for each cause, in words a person can act on.

use crate::text::mx_pattern::MxPatternError;
use crate::text::policy::{MaxAgeError, Mode};

/// One thing to tell about a policy file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFault {
    /// Line, from 1. For a field that is missing: 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What stands there: raw, cut to [`PolicyFault::MAX_FOUND_CHARS`]; escape it before showing.
    pub found: String,
    /// What it is.
    pub kind: PolicyFaultKind,
}

impl PolicyFault {
    /// Longest excerpt in `found`, in characters.
    pub const MAX_FOUND_CHARS: usize = 80;
}

/// The kinds of [`PolicyFault`]. The text of each is a plain sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFaultKind {
    /// No byte, or nothing but white space.
    #[error("the file is empty")]
    Empty,
    /// Over 64 KiB, the limit RFC 8461 3.3 suggests; nothing was read.
    #[error("the file is larger than 64 KiB")]
    TooLarge,
    /// Some byte is outside UTF-8, or NUL (a file saved as UTF-16 or Latin-1).
    #[error("the file isn’t plain text; save it as UTF-8 without a byte order mark")]
    NotUtf8,
    /// `EF BB BF` in front.
    #[error("there is an invisible byte order mark before the first line")]
    Bom,
    /// A web page.
    #[error("this is a web page, not a policy")]
    Html,
    /// An empty line, or one of nothing but white space.
    #[error("there is an empty line")]
    BlankLine,
    /// A line begins with a space or a tab.
    #[error("the line begins with a space or tab")]
    Indented,
    /// A line that is no `key: value`, and why.
    #[error("{0}")]
    Syntax(SyntaxCause),
    /// No version line.
    #[error("the line “version: STSv1” is missing")]
    VersionMissing,
    /// The version is not exactly `STSv1`.
    #[error("the version must be exactly STSv1")]
    VersionInvalid,
    /// The grammar allows it; one large sender asks for the version first.
    #[error("the version line should come first")]
    VersionNotFirst,
    /// No mode line.
    #[error("the mode line is missing")]
    ModeMissing,
    /// The mode is not exactly one of the three words.
    #[error("the mode must be exactly enforce, testing or none")]
    ModeInvalid {
        /// The word that was probably meant.
        meant: Option<Mode>,
    },
    /// No `max_age` line.
    #[error("the max_age line is missing")]
    MaxAgeMissing,
    /// The `max_age` is no number of the allowed range.
    #[error("{0}")]
    MaxAgeInvalid(MaxAgeError),
    /// No mx line, in a mode that needs one.
    #[error("there is no mx line")]
    MxMissing,
    /// An mx line whose value is no pattern.
    #[error("{0}")]
    MxInvalid(MxPatternError),
    /// A key other than mx a second time; the first counts (RFC 8461 3.2).
    #[error("“{}” appears twice; the first one counts", crate::escaped(key, 40))]
    DuplicateField {
        /// The key.
        key: String,
    },
    /// A well-formed field of another name; senders ignore it (RFC 8461 3.2).
    #[error(
        "“{}” isn’t a policy field; senders ignore it",
        crate::escaped(key, 40)
    )]
    UnknownField {
        /// The key.
        key: String,
    },
}

/// Why a line is no `key: value`: the likeliest cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxCause {
    /// `---` and the header of a site generator.
    #[error("a site generator’s header (---) was left in the file")]
    FrontMatter,
    /// The text of a DNS record, such as `v=STSv1; id=1`.
    #[error("this is the text of a DNS record; it doesn’t belong in the policy file")]
    PastedTxtRecord,
    /// Fields ended or separated by `;`.
    #[error("there is a semicolon; put each field on its own line, without one")]
    Semicolons,
    /// Several fields, or two files, run together on one line.
    #[error("several fields are on one line; each needs its own")]
    FieldsOnOneLine,
    /// `- item` lines, or `mx:` followed by them.
    #[error("the mail servers are a list with dashes; write each as its own “mx: host” line")]
    YamlList,
    /// `{ "mode": …`.
    #[error("this is JSON; a policy consists of plain “key: value” lines")]
    Json,
    /// Fences of three backticks.
    #[error("code block marks (```) were left in the file")]
    CodeFence,
    /// `# …` or `// …`.
    #[error("a policy can’t contain comments")]
    Comment,
    /// `mx: mx.example.com  # …`.
    #[error("a policy can’t contain comments; remove what follows the value")]
    CommentBehindValue,
    /// `version: STSv1\nmode: …`: a backslash and an n for each line end.
    #[error("the lines are separated by \\n as two characters; they need line ends")]
    LiteralLineEnds,
    /// A file of a word processor.
    #[error("this is a file of a word processor (RTF); save it as plain text")]
    Rtf,
    /// `mx: {{ host }}`, `<…>`.
    #[error("this is a placeholder; write the real value")]
    Placeholder,
    /// Quotes around a key or a whole line.
    #[error("remove the quotes")]
    Quoted,
    /// `mode=enforce`.
    #[error("there is an equals sign where the colon belongs")]
    EqualsSign,
    /// `mode : enforce`.
    #[error("there is a space before the colon")]
    SpaceBeforeColon,
    /// `Mode: enforce`.
    #[error("field names must be in lower case")]
    CapitalKey,
    /// A field name almost right, such as `max-age`.
    #[error("this field must be called {meant}")]
    MisspelledKey {
        /// The field that was probably meant.
        meant: &'static str,
    },
    /// A name with a character no field name holds, or longer than 32.
    #[error("this isn’t a valid field name")]
    BadKey,
    /// `key:` and nothing after it.
    #[error("there is nothing after the colon")]
    NoValue,
    /// A no-break space or another space that only looks like one.
    #[error("there is an invisible character where only a plain space is allowed")]
    NoBreakSpace,
    /// A tab inside a value.
    #[error("there is a tab inside a value")]
    Tab,
    /// A control character.
    #[error("the line contains a control character")]
    ControlCharacter,
    /// A carriage return that ends a line alone.
    #[error("lines end with CR alone; they must end with CRLF or LF")]
    BareCr,
    /// Anything else without a colon.
    #[error("this isn’t a “key: value” line")]
    NoColon,
}

impl PolicyFaultKind {
    /// Whether the file is then no policy by RFC 8461 3.2; otherwise senders go by it and the
    /// fault is advice.
    ///
    /// A file over 64 KiB counts as broken: it is not read.
    #[must_use]
    pub fn breaks_rfc(&self) -> bool {
        !matches!(
            self,
            Self::VersionNotFirst
                | Self::DuplicateField { .. }
                | Self::UnknownField { .. }
                | Self::MxInvalid(MxPatternError::IpAddress)
        )
    }
}
