//! A policy of RFC 8461 3.2: what it says and the text it is written as. Reading published
//! text, with all that can be wrong with it, lives in `policy/`.

mod cause;
mod fault;
mod lines;
mod reading;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use fault::{PolicyFault, PolicyFaultKind, SyntaxCause};
pub use reading::{PolicyField, PolicyReading};

use crate::text::mx_pattern::MxPattern;

/// What a sender does when the mail server fails the check (RFC 8461 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Mail is not delivered to that server.
    Enforce,
    /// Mail is delivered and the failure is reported.
    Testing,
    /// As if there were no policy; the announced way out (RFC 8461 8.3).
    None,
}

/// The text isn't `enforce`, `testing` or `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the mode must be enforce, testing or none, in lower case")]
pub struct ModeError;

/// How long a sender may keep the policy, in seconds: 0 to 31557600 (RFC 8461 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u32", try_from = "u32")]
pub struct MaxAge(u32);

/// Why a text is no `max_age`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MaxAgeError {
    /// Anything but 1 to 10 digits.
    #[error("max_age must be a number of seconds: digits only, ten at most")]
    NotANumber,
    /// Above 31557600, a year of 365.25 days.
    #[error("max_age can be at most 31557600 seconds")]
    TooLarge,
}

/// Why there can be no such policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// No mx pattern, in a mode that needs one.
    #[error("a policy needs at least one mail server unless its mode is none")]
    MxMissing,
    /// A new policy above [`MaxAge::LONGEST_WRITTEN`].
    #[error("max_age is longer than a year")]
    MaxAgeTooLong,
}

/// A policy with all it needs: at least one mx pattern unless the mode is none.
///
/// ```
/// use mta_sts_core::{MaxAge, Mode, MxPattern, Policy, PolicyReading};
/// let mx = vec![MxPattern::parse("mx.example.com")?];
/// let policy = Policy::new(Mode::Testing, MaxAge::new(604_800)?, mx)?;
/// let text = policy.write();
/// assert_eq!(text, "version: STSv1\r\nmode: testing\r\nmx: mx.example.com\r\nmax_age: 604800\r\n");
/// assert_eq!(PolicyReading::read(text.as_bytes()).policy, Some(policy));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "UncheckedPolicy")]
pub struct Policy {
    mode: Mode,
    #[serde(rename = "max_age_secs")]
    max_age: MaxAge,
    mx: Vec<MxPattern>,
}

/// A policy out of a saved file, before it is known to be one.
#[derive(Deserialize)]
struct UncheckedPolicy {
    mode: Mode,
    max_age_secs: MaxAge,
    mx: Vec<MxPattern>,
}

impl Mode {
    /// The word as it stands in a policy.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Testing => "testing",
            Self::None => "none",
        }
    }
}

impl MaxAge {
    /// The most RFC 8461 3.2 allows: a year of 365.25 days.
    pub const MAX_ALLOWED: Self = Self(31_557_600);
    /// The most this program writes: a year of 365 days, which every known sender takes.
    pub const LONGEST_WRITTEN: Self = Self(31_536_000);

    /// A `max_age` of `secs` seconds.
    ///
    /// # Errors
    ///
    /// [`MaxAgeError::TooLarge`] above [`MaxAge::MAX_ALLOWED`].
    pub fn new(secs: u32) -> Result<Self, MaxAgeError> {
        let max_age = Self(secs);
        if max_age > Self::MAX_ALLOWED {
            return Err(MaxAgeError::TooLarge);
        }
        Ok(max_age)
    }

    /// The number of seconds.
    #[must_use]
    pub fn secs(self) -> u32 {
        self.0
    }
}

impl Policy {
    /// A policy to be published.
    ///
    /// # Errors
    ///
    /// [`PolicyError::MxMissing`] without a pattern unless `mode` is none;
    /// [`PolicyError::MaxAgeTooLong`] above [`MaxAge::LONGEST_WRITTEN`].
    pub fn new(mode: Mode, max_age: MaxAge, mx: Vec<MxPattern>) -> Result<Self, PolicyError> {
        if max_age > MaxAge::LONGEST_WRITTEN {
            return Err(PolicyError::MaxAgeTooLong);
        }
        Self::as_published(mode, max_age, mx)
    }

    /// A policy as found: any `max_age` of RFC 8461 3.2.
    pub(crate) fn as_published(
        mode: Mode,
        max_age: MaxAge,
        mx: Vec<MxPattern>,
    ) -> Result<Self, PolicyError> {
        if mx.is_empty() && mode != Mode::None {
            return Err(PolicyError::MxMissing);
        }
        Ok(Self { mode, max_age, mx })
    }

    /// What senders do on failure.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// How long senders keep the policy.
    #[must_use]
    pub fn max_age(&self) -> MaxAge {
        self.max_age
    }

    /// The patterns of the hosts that may receive mail, in the order written.
    #[must_use]
    pub fn mx(&self) -> &[MxPattern] {
        &self.mx
    }

    /// Whether some pattern allows `host` (RFC 8461 4.1).
    #[must_use]
    pub fn covers(&self, host: &str) -> bool {
        self.mx.iter().any(|pattern| pattern.matches(host))
    }

    /// The policy file: ASCII, version first, every line ended by CRLF, no empty line.
    ///
    /// The order and the line ends are those that the strictest known readers ask for.
    #[must_use]
    pub fn write(&self) -> String {
        let mut text = format!("version: STSv1\r\nmode: {}\r\n", self.mode);
        for pattern in &self.mx {
            text.push_str("mx: ");
            text.push_str(pattern.as_str());
            text.push_str("\r\n");
        }
        text.push_str("max_age: ");
        text.push_str(&self.max_age.secs().to_string());
        text.push_str("\r\n");
        text
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Mode {
    type Err = ModeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Enforce, Self::Testing, Self::None]
            .into_iter()
            .find(|mode| mode.as_str() == text)
            .ok_or(ModeError)
    }
}

impl FromStr for MaxAge {
    type Err = MaxAgeError;

    /// Exactly `1*10DIGIT` and the bound of RFC 8461 3.2; leading zeros are digits like others.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > 10 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(MaxAgeError::NotANumber);
        }
        // Ten digits do not fit 32 bits (erratum 7282).
        let secs: u64 = text.parse().map_err(|_| MaxAgeError::NotANumber)?;
        Self::new(u32::try_from(secs).map_err(|_| MaxAgeError::TooLarge)?)
    }
}

impl TryFrom<u32> for MaxAge {
    type Error = MaxAgeError;

    fn try_from(secs: u32) -> Result<Self, Self::Error> {
        Self::new(secs)
    }
}

impl From<MaxAge> for u32 {
    fn from(max_age: MaxAge) -> Self {
        max_age.0
    }
}

impl TryFrom<UncheckedPolicy> for Policy {
    type Error = PolicyError;

    fn try_from(found: UncheckedPolicy) -> Result<Self, Self::Error> {
        Self::as_published(found.mode, found.max_age_secs, found.mx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(names: &[&str]) -> Vec<MxPattern> {
        names
            .iter()
            .map(|name| MxPattern::parse(name).unwrap())
            .collect()
    }

    #[test]
    fn what_is_written_is_read_back_as_it_was() {
        let lists: [&[&str]; 4] = [
            &[],
            &["mx.example.com"],
            &["*.example.com", "a"],
            &["b.example", "a.example", "b.example"],
        ];
        for mode in [Mode::Enforce, Mode::Testing, Mode::None] {
            for secs in [0, 1, 86_400, 604_800, MaxAge::LONGEST_WRITTEN.secs()] {
                for list in lists {
                    let max_age = MaxAge::new(secs).unwrap();
                    let policy = Policy::new(mode, max_age, patterns(list));
                    if list.is_empty() && mode != Mode::None {
                        assert_eq!(policy, Err(PolicyError::MxMissing));
                        continue;
                    }
                    let policy = policy.unwrap();
                    let text = policy.write();
                    let reading = PolicyReading::read(text.as_bytes());
                    assert!(reading.valid && reading.faults.is_empty(), "{text}");
                    assert_eq!(reading.policy.as_ref(), Some(&policy));
                    assert!(
                        text.is_ascii() && text.ends_with("\r\n") && !text.contains("\r\n\r\n")
                    );
                    assert_eq!(text.matches('\n').count(), list.len() + 3);
                    let saved = serde_json::to_string(&policy).unwrap();
                    assert_eq!(serde_json::from_str::<Policy>(&saved).unwrap(), policy);
                }
            }
        }
    }

    #[test]
    fn over_a_year_is_read_but_not_made() {
        let mx = patterns(&["mx.example.com"]);
        let result = Policy::new(Mode::Enforce, MaxAge::MAX_ALLOWED, mx);
        assert_eq!(result, Err(PolicyError::MaxAgeTooLong));
        let text = b"version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 31557600\n";
        let policy = PolicyReading::read(text).policy.unwrap();
        assert_eq!(policy.max_age(), MaxAge::MAX_ALLOWED);
        assert_eq!(MaxAge::new(31_557_601), Err(MaxAgeError::TooLarge));
    }

    #[test]
    fn a_saved_policy_is_checked_when_loaded() {
        let load = |mx: &str| {
            let saved = format!(r#"{{"mode":"enforce","max_age_secs":1,"mx":{mx}}}"#);
            serde_json::from_str::<Policy>(&saved)
        };
        assert!(load(r#"["mx.example.com"]"#).is_ok());
        assert!(load("[]").is_err());
        assert!(load(r#"["mx.example.com."]"#).is_err());
        assert!(serde_json::from_str::<MaxAge>("31557601").is_err());
        assert!(serde_json::from_str::<Mode>("\"Enforce\"").is_err());
    }

    #[test]
    fn any_pattern_covers() {
        let mx = patterns(&["mx.example.com", "*.example.net"]);
        let policy = Policy::new(Mode::Testing, MaxAge::LONGEST_WRITTEN, mx).unwrap();
        assert!(policy.covers("mx.example.com"));
        assert!(policy.covers("a.example.net"));
        assert!(!policy.covers("a.example.com"));
    }
}
