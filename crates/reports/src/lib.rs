//! Reads TLS reports (RFC 8460) as they arrive in a mailbox: plain, compressed, in an archive, an
//! e-mail or a file of e-mails.
//!
//! Bytes go in; reports come out, with a remark for what could not be read. Other e-mails and DMARC
//! reports, which live in the same mailbox, are counted:
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
//!
//! let opened = mta_sts_reports::open("letter.eml", b"Subject: Hello\r\n\r\nHow are you?\r\n");
//! assert_eq!((opened.others.mails, opened.remarks.len()), (1, 0));
//! ```
//!
//! [`bounce_text`] takes the text out of a bounce.
//!
//! Nothing is written or followed. Names in archives are only shown. Signatures of e-mails
//! (RFC 8460 3) are not checked, and whoever shows a report has to say so.

mod archive;
mod bounce;
mod budget;
mod folder;
mod kind;
mod mail;
mod mbox;
mod origin;

use std::fmt::Write as _;
use std::io::Read;

use flate2::read::MultiGzDecoder;
use mail_parser::MessageParser;
use memchr::memmem;
use mta_sts_core::{TlsReport, escaped};
use serde::Serialize;

use budget::NotUnpacked;
use kind::Kind;
use origin::{Expected, Origin};

pub use bounce::bounce_text;
pub use budget::Budget;
pub use folder::open_folder;

/// The largest file that is opened, in bytes.
pub const MAX_FILE_BYTES: usize = 64 * 1024 * 1024;

/// The deepest nesting: a compressed archive with a mailbox that contains an archive with a
/// compressed report.
const MAX_LAYERS: usize = 6;
/// The most remarks on the files that are opened together.
const MAX_REMARKS: usize = 100;

/// What was in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// The reports, in the order of the file.
    pub reports: Vec<TlsReport>,
    /// What could not be read, or looks odd; at most 100.
    pub remarks: Vec<Remark>,
    /// How many more remarks there would be.
    pub more_remarks: usize,
    /// What is no TLS report.
    pub others: Others,
}

/// A remark on a file or a part of it. Both texts are safe to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// The file, and the part of it if there are parts; `file` in JSON.
    #[serde(rename = "file")]
    pub name: String,
    /// A sentence without its full stop.
    pub text: String,
    /// Whether everything was read all the same.
    pub was_read: bool,
}

/// What was found that is no TLS report, and no fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Others {
    /// DMARC reports.
    pub dmarc_reports: usize,
    /// Other e-mails.
    pub mails: usize,
    /// Other files, in folders and archives.
    pub files: usize,
    /// Folders in a folder, which are not opened.
    pub folders: usize,
}

/// Reads every report in the bytes of a file. The first bytes decide what kind of file it is; its
/// name may tell the domain and the day (RFC 8460 5.1). Remarks call it `name`.
#[must_use]
pub fn open(name: &str, bytes: &[u8]) -> Opened {
    open_with(name, bytes, &mut Budget::new(&|| false))
}

/// Like [`open`], within a budget.
pub fn open_with(name: &str, bytes: &[u8], budget: &mut Budget<'_>) -> Opened {
    open_file(Origin::file(name, Expected::Surely), bytes, budget)
}

/// Like [`open_with`] for a file that nobody chose, such as one of a folder: what is no report is
/// counted.
pub fn open_in_folder(name: &str, bytes: &[u8], budget: &mut Budget<'_>) -> Opened {
    open_file(Origin::file(name, Expected::Maybe), bytes, budget)
}

fn open_file(mut origin: Origin, bytes: &[u8], budget: &mut Budget<'_>) -> Opened {
    let mut opening = Opening {
        opened: Opened::default(),
        budget,
        parser: MessageParser::default(),
    };
    if bytes.len() > MAX_FILE_BYTES {
        if Kind::of(bytes) != Kind::Other {
            origin.expected = Expected::Surely;
        }
        let megabytes = MAX_FILE_BYTES / (1024 * 1024);
        opening.not_read(&origin, format!("it is larger than {megabytes} megabytes"));
    } else if !opening.budget.is_spent() {
        opening.layer(&origin, bytes, MAX_LAYERS);
    }
    let mut opened = opening.opened;
    if let Some(why) = budget.spent() {
        // It says that there may be more, so it comes first.
        let rest = std::mem::take(&mut opened.remarks);
        opened.remark(&origin.name, format!("it was not read to its end: {why}"));
        for remark in rest {
            opened.push(remark);
        }
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
        self.more_remarks += other.more_remarks;
        for remark in other.remarks {
            self.push(remark);
        }
        self.others.dmarc_reports += other.others.dmarc_reports;
        self.others.mails += other.others.mails;
        self.others.files += other.others.files;
        self.others.folders += other.others.folders;
    }

    /// A remark on what was not read, or not wholly.
    fn remark(&mut self, name: &str, text: impl Into<String>) {
        let (name, text) = (name.to_owned(), text.into());
        self.push(Remark {
            name,
            text,
            was_read: false,
        });
    }

    /// A remark on what looks odd and was read.
    fn note(&mut self, name: &str, text: impl Into<String>) {
        let (name, text) = (name.to_owned(), text.into());
        self.push(Remark {
            name,
            text,
            was_read: true,
        });
    }

    fn push(&mut self, remark: Remark) {
        if self.remarks.len() < MAX_REMARKS {
            self.remarks.push(remark);
        } else {
            self.more_remarks += 1;
        }
    }

    /// Reports, remarks, e-mails and DMARC reports so far.
    fn counts(&self) -> [usize; 4] {
        let remarks = self.remarks.len() + self.more_remarks;
        let others = self.others;
        [
            self.reports.len(),
            remarks,
            others.mails,
            others.dmarc_reports,
        ]
    }
}

impl Others {
    /// What they are, in a sentence; `None` where there are none.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        let kinds = [
            (self.dmarc_reports, "DMARC report"),
            (self.mails, "other e-mail"),
            (self.files, "other file"),
            (self.folders, "folder"),
        ];
        let mut counted = String::new();
        let mut sum = 0;
        for (count, kind) in kinds.into_iter().filter(|(count, _)| *count > 0) {
            let separator = if counted.is_empty() { "" } else { ", " };
            let plural = if count == 1 { "" } else { "s" };
            let _ = write!(counted, "{separator}{count} {kind}{plural}");
            sum += count;
        }
        let verb = if sum == 1 { "was" } else { "were" };
        (sum > 0).then(|| format!("{counted} {verb} skipped: only TLS reports are read here."))
    }
}

/// A file while it is opened.
struct Opening<'a, 'b> {
    opened: Opened,
    budget: &'a mut Budget<'b>,
    parser: MessageParser,
}

impl Opening<'_, '_> {
    fn layer(&mut self, origin: &Origin, bytes: &[u8], layers: usize) {
        let Some(layers) = layers.checked_sub(1) else {
            return self.not_read(origin, "it is nested too deeply");
        };
        let bytes = kind::utf8(bytes);
        match Kind::of(&bytes) {
            Kind::Json => self.json(origin, &bytes),
            Kind::Gzip => self.unpack(origin, MultiGzDecoder::new(&*bytes), layers),
            Kind::Zip => archive::open(self, origin, &bytes, layers),
            Kind::Mbox => mbox::open(self, origin, &bytes, layers),
            Kind::Dmarc => self.opened.others.dmarc_reports += 1,
            Kind::OutlookMail => self.not_read(
                origin,
                "this is an e-mail in Outlook’s own format (.msg). Save it as .eml: in Outlook on \
                 the web or the new Outlook, open the menu (…) of the e-mail and choose Download \
                 or Save as. Or save the attached report, and open that",
            ),
            Kind::OutlookData => self.not_read(
                origin,
                "this is a data file of Outlook (.pst). Save the reports or their e-mails from \
                 Outlook, then open these",
            ),
            Kind::Other if origin.expected == Expected::Hardly => self.opened.others.files += 1,
            Kind::Other => mail::open(self, origin, &bytes, layers),
        }
    }

    fn json(&mut self, origin: &Origin, bytes: &[u8]) {
        let bytes = kind::or_latin_1(bytes);
        match TlsReport::read_all(&bytes) {
            Ok((reports, remarks)) => {
                for mut report in reports {
                    origin.complete(&mut report);
                    if !self.budget.takes_report(&report) {
                        return;
                    }
                    self.opened.reports.push(report);
                }
                for remark in remarks {
                    self.opened.remark(&origin.name, remark);
                }
            }
            Err(error) if origin.expected == Expected::Surely || looks_like_report(&bytes) => {
                let text = format!("this isn’t a TLS report: {error}");
                self.opened.remark(&origin.name, text);
            }
            Err(_) => self.opened.others.files += 1,
        }
    }

    /// Opens what is compressed.
    fn unpack(&mut self, origin: &Origin, source: impl Read, layers: usize) {
        // Of what is hardly a report, the beginning is enough to see that it is none.
        let goes_on = |bytes: &[u8]| {
            origin.expected != Expected::Hardly
                || !matches!(Kind::of(&kind::utf8(bytes)), Kind::Dmarc | Kind::Other)
        };
        match self.budget.unpack(source, goes_on) {
            Ok(unpacked) => self.layer(origin, &unpacked, layers),
            Err(NotUnpacked::TooLarge) => {
                self.not_read(origin, "it is larger than 10 megabytes when unpacked");
            }
            Err(NotUnpacked::Damaged) => {
                self.not_read(origin, "it can’t be unpacked because it is damaged");
            }
            Err(NotUnpacked::Spent) => {}
        }
    }

    /// What could contain a report can’t be read.
    fn not_read(&mut self, origin: &Origin, text: impl Into<String>) {
        if origin.is_told() {
            self.opened.remark(&origin.name, text);
        } else {
            self.opened.others.files += 1;
        }
    }

    /// It is something else.
    fn not_known(&mut self, origin: &Origin) {
        if origin.expected == Expected::Surely {
            let text = "this isn’t a TLS report, an e-mail or an archive";
            self.opened.remark(&origin.name, text);
        } else {
            self.opened.others.files += 1;
        }
    }
}

/// Whether JSON has what only a report has, even if it can't be read.
fn looks_like_report(json: &[u8]) -> bool {
    ["\"policies\"", "\"organization-name\"", "\"policy-domain\""]
        .iter()
        .any(|name| memmem::find(json, name.as_bytes()).is_some())
}

#[cfg(test)]
mod tests;
