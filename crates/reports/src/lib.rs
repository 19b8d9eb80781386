//! Reads TLS reports (RFC 8460) as they arrive in a mailbox: plain, compressed, in an archive or in
//! an e-mail.
//!
//! Bytes go in; reports come out, with a remark for everything that is not a report:
//!
//! ```
//! let mail = b"From: reports@sender.example\r\n\
//!     Content-Type: application/tlsrpt+json\r\n\r\n\
//!     {\"organization-name\": \"Sender\", \"policies\": []}\r\n";
//! let opened = mta_sts_reports::open("report.eml", mail);
//! assert_eq!(opened.reports[0].organization, "Sender");
//!
//! let opened = mta_sts_reports::open("photo.jpg", b"\xff\xd8\xff\xe0");
//! assert_eq!(opened.reports, []);
//! assert_eq!(opened.remarks[0].name, "photo.jpg");
//! ```
//!
//! Nothing is written or followed. Names in archives are only shown. Signatures of e-mails
//! (RFC 8460 3) are not checked, and whoever shows a report has to say so.

mod archive;
mod mail;

use std::io::Read;

use flate2::read::MultiGzDecoder;
use mta_sts_core::{TlsReport, escaped};
use serde::Serialize;

/// The largest file that is opened, in bytes.
pub const MOST_FILE_BYTES: usize = 64 * 1024 * 1024;

/// The deepest nesting: an archive with an e-mail that contains a compressed report.
const MOST_LAYERS: usize = 4;

/// What was in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// The reports, in the order of the file.
    pub reports: Vec<TlsReport>,
    /// What could not be read, or looks odd.
    pub remarks: Vec<Remark>,
}

/// A remark on a file or a part of it. Both texts are safe to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// The file, and the part of it if there are parts; `file` in JSON.
    #[serde(rename = "file")]
    pub name: String,
    /// A sentence without its full stop.
    pub text: String,
}

/// Reads every report in the bytes of a file. The first bytes decide what kind of file it is.
/// Remarks call it `name`.
#[must_use]
pub fn open(name: &str, bytes: &[u8]) -> Opened {
    let mut opened = Opened::default();
    let name = escaped(name, 300);
    if bytes.len() > MOST_FILE_BYTES {
        let most = MOST_FILE_BYTES / (1024 * 1024);
        opened.remark(&name, format!("it is larger than {most} megabytes"));
    } else {
        opened.layer(&name, bytes, MOST_LAYERS);
    }
    opened
}

impl Opened {
    /// A remark that the file could not be read.
    #[must_use]
    pub fn not_read(name: &str, reason: &str) -> Self {
        let mut opened = Self::default();
        let reason = escaped(reason, 300);
        opened.remark(
            &escaped(name, 300),
            format!("it couldn’t be read: {reason}"),
        );
        opened
    }

    /// Adds what was in another file.
    pub fn append(&mut self, mut other: Self) {
        self.reports.append(&mut other.reports);
        self.remarks.append(&mut other.remarks);
    }

    fn remark(&mut self, name: &str, text: impl Into<String>) {
        let name = name.to_owned();
        let text = text.into();
        self.remarks.push(Remark { name, text });
    }

    fn layer(&mut self, name: &str, bytes: &[u8], layers: usize) {
        let Some(layers) = layers.checked_sub(1) else {
            return self.remark(name, "it is nested too deeply");
        };
        match Kind::of(bytes) {
            Kind::Json => match TlsReport::read(bytes) {
                Ok(report) => self.reports.push(report),
                Err(error) => self.remark(name, format!("this isn’t a TLS report: {error}")),
            },
            Kind::Gzip => match read_at_most(MultiGzDecoder::new(bytes), TlsReport::MOST_BYTES) {
                Ok(unpacked) => self.layer(name, &unpacked, layers),
                Err(reason) => self.remark(name, reason),
            },
            Kind::Zip => archive::open(self, name, bytes, layers),
            Kind::Other => mail::open(self, name, bytes, layers),
        }
    }
}

/// The kind of a file, told by its first bytes.
enum Kind {
    Json,
    Gzip,
    Zip,
    /// E-mails begin in many ways.
    Other,
}

impl Kind {
    fn of(bytes: &[u8]) -> Self {
        if bytes.starts_with(&[0x1f, 0x8b]) {
            return Self::Gzip;
        }
        if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
            return Self::Zip;
        }
        let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        match text.trim_ascii_start().first() {
            Some(b'{' | b'[') => Self::Json,
            _ => Self::Other,
        }
    }
}

/// Everything, up to `most` bytes; or why not.
fn read_at_most(source: impl Read, most: usize) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    match source.take(most as u64 + 1).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() > most => {
            let megabytes = most / (1024 * 1024);
            Err(format!(
                "it is larger than {megabytes} megabytes when unpacked"
            ))
        }
        Ok(_) => Ok(bytes),
        Err(_) => Err("it can’t be unpacked because it is damaged".to_owned()),
    }
}

#[cfg(test)]
mod tests;
