//! What came back from `https://mta-sts.DOMAIN/.well-known/mta-sts.txt`.

use std::net::IpAddr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Chain, Observed};
use crate::text::policy::PolicyReading;

/// One attempt to fetch the policy file.
///
/// The probe accepts any certificate so that a wrong one can be described; whether a sender would
/// have accepted it is judged from [`PolicyFetch::chain`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PolicyFetch {
    /// The address that was spoken to, where a connection stood.
    pub ip: Option<IpAddr>,
    /// The certificates as served.
    pub chain: Observed<Chain>,
    /// The answer.
    pub response: Observed<Response>,
    /// Milliseconds from the first packet to the end of the answer or of the attempt.
    pub millis: u64,
}

impl PolicyFetch {
    /// A file as a web server in order would serve it, where there is none yet to ask: the content
    /// type is right, and what a sender does not read is left out.
    #[must_use]
    pub fn of_file(bytes: &[u8]) -> Self {
        let within = &bytes[..bytes.len().min(PolicyReading::MAX_BYTES)];
        Self {
            ip: None,
            chain: Observed::NotAsked,
            response: Observed::Seen(Response {
                status: 200,
                content_type: Some("text/plain".into()),
                location: None,
                age_secs: None,
                cache_control: None,
                content_encoding: None,
                body: Body(within.to_vec()),
                too_large: within.len() < bytes.len(),
            }),
            millis: 0,
        }
    }
}

/// An HTTP answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The Content-Type header.
    pub content_type: Option<String>,
    /// The Location header. Never followed (RFC 8461 3.3).
    pub location: Option<String>,
    /// The Age header: how long a cache on the way has had this answer, in seconds (RFC 9111 5.1).
    #[serde(default)]
    pub age_secs: Option<u64>,
    /// The Cache-Control header.
    #[serde(default)]
    pub cache_control: Option<String>,
    /// The Content-Encoding header, where there is one. A body packed with gzip or deflate is saved
    /// unpacked.
    #[serde(default)]
    pub content_encoding: Option<String>,
    /// The body, up to the limit of the probe.
    pub body: Body,
    /// True when the body went on beyond 64 KiB; reading stopped there.
    pub too_large: bool,
}

/// The bytes of a body. Saved as text where they are UTF-8, else in hexadecimal digits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body(pub Vec<u8>);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SavedBody {
    Text(String),
    Hex(String),
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => SavedBody::Text(text.to_owned()),
            Err(_) => SavedBody::Hex(super::certificate::hex(&self.0)),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match SavedBody::deserialize(deserializer)? {
            SavedBody::Text(text) => Ok(Self(text.into_bytes())),
            SavedBody::Hex(digits) => from_hex(&digits)
                .map(Self)
                .ok_or_else(|| serde::de::Error::custom("a body in hexadecimal digits is damaged")),
        }
    }
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let nibbles: Option<Vec<u8>> = digits
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|value| value.try_into().ok()))
        .collect();
    let nibbles = nibbles.filter(|nibbles| nibbles.len().is_multiple_of(2))?;
    Some(
        nibbles
            .chunks(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_survives_being_saved_whatever_its_bytes() {
        for bytes in [
            &b"version: STSv1\r\n"[..],
            &[0xEF, 0xBB, 0xBF],
            &[0xFF, 0x00, 0x80],
            b"",
        ] {
            let body = Body(bytes.to_vec());
            let saved = serde_json::to_string(&body).unwrap();
            assert_eq!(
                serde_json::from_str::<Body>(&saved).unwrap(),
                body,
                "{saved}"
            );
        }
    }

    #[test]
    fn damaged_digits_are_refused() {
        for damaged in [
            r#"{"hex":"f"}"#,
            r#"{"hex":"zz"}"#,
            r#"{"hex":"+1"}"#,
            r#"{"other":""}"#,
        ] {
            assert!(serde_json::from_str::<Body>(damaged).is_err(), "{damaged}");
        }
    }
}
