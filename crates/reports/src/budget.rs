//! What a file may cost, with everything that is in it: bytes, parts, memory and time. One budget
//! goes down through all layers, so that archives in archives can't multiply it.

use std::io::Read;

use mta_sts_core::TlsReport;

/// The most bytes that are unpacked, all layers together.
const MAX_UNPACKED_BYTES: usize = 256 * 1024 * 1024;
/// The most e-mails of mailboxes, attachments and files of archives that are opened, all layers
/// together.
pub(crate) const MAX_PARTS: usize = 200_000;
/// The most bytes that reports may take up in memory.
const MAX_KEPT_BYTES: usize = 48 * 1024 * 1024;
/// So many bytes are unpacked between two looks at the limits.
const CHUNK_BYTES: u64 = 16 * 1024;

/// What may still be read. It can serve several files, such as those of a folder.
pub struct Budget<'a> {
    is_cancelled: &'a dyn Fn() -> bool,
    bytes: usize,
    parts: usize,
    kept: usize,
    /// Why nothing more is read.
    spent: Option<&'static str>,
}

/// Why something was not unpacked.
#[derive(Debug)]
pub(crate) enum NotUnpacked {
    /// More than [`TlsReport::MAX_BYTES`].
    TooLarge,
    Damaged,
    /// The budget is spent, which is told once for the whole file.
    Spent,
}

impl<'a> Budget<'a> {
    /// A whole budget. `is_cancelled` is called often, from the thread that reads; reading stops
    /// soon after it has returned true.
    #[must_use]
    pub fn new(is_cancelled: &'a dyn Fn() -> bool) -> Self {
        Self {
            is_cancelled,
            bytes: MAX_UNPACKED_BYTES,
            parts: MAX_PARTS,
            kept: MAX_KEPT_BYTES,
            spent: None,
        }
    }

    /// Whether nothing more is read.
    pub fn is_spent(&mut self) -> bool {
        if self.spent.is_none() && (self.is_cancelled)() {
            self.spent = Some("reading was stopped");
        }
        self.spent.is_some()
    }

    /// Why nothing more is read: a sentence without its full stop.
    pub(crate) fn spent(&self) -> Option<&'static str> {
        self.spent
    }

    /// Whether one more part may be opened.
    pub(crate) fn takes_part(&mut self) -> bool {
        match self.parts.checked_sub(1) {
            Some(parts) => self.parts = parts,
            None => self.stop("it contains more than 200,000 e-mails, attachments and files"),
        }
        !self.is_spent()
    }

    /// Whether the report may be kept.
    pub(crate) fn takes_report(&mut self, report: &TlsReport) -> bool {
        match self.kept.checked_sub(size(report)) {
            Some(kept) => self.kept = kept,
            None => self.stop("it contains more results than this program can hold"),
        }
        !self.is_spent()
    }

    /// Unpacks everything, up to [`TlsReport::MAX_BYTES`]; only its beginning where `goes_on` says
    /// of the first bytes that the rest isn't needed.
    pub(crate) fn unpack(
        &mut self,
        mut source: impl Read,
        goes_on: impl Fn(&[u8]) -> bool,
    ) -> Result<Vec<u8>, NotUnpacked> {
        let mut bytes = Vec::new();
        loop {
            let before = bytes.len();
            let read = source.by_ref().take(CHUNK_BYTES).read_to_end(&mut bytes);
            match self.bytes.checked_sub(bytes.len() - before) {
                Some(left) => self.bytes = left,
                None => self.stop("it unpacks to more than 256 megabytes"),
            }
            if self.is_spent() {
                return Err(NotUnpacked::Spent);
            }
            match read {
                Err(_) => return Err(NotUnpacked::Damaged),
                Ok(_) if bytes.len() > TlsReport::MAX_BYTES => return Err(NotUnpacked::TooLarge),
                Ok(0) => return Ok(bytes),
                Ok(_) if before == 0 && !goes_on(&bytes) => return Ok(bytes),
                Ok(_) => {}
            }
        }
    }

    #[cfg(test)]
    pub(crate) fn unpacked(&self) -> usize {
        MAX_UNPACKED_BYTES - self.bytes
    }

    fn stop(&mut self, why: &'static str) {
        self.spent.get_or_insert(why);
    }
}

/// About as many bytes as the report takes up.
fn size(report: &TlsReport) -> usize {
    let text = |text: &String| size_of::<String>() + text.len();
    let own = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let policies = report.policies.iter().map(|policy| {
        let lines = policy.policy_string.iter().chain(&policy.mx_host);
        let failures = policy.failures.iter().map(|failure| {
            size_of_val(failure)
                + own(&failure.receiving_mx)
                + own(&failure.receiving_ip)
                + own(&failure.reason_code)
        });
        size_of_val(policy)
            + policy.domain.len()
            + lines.map(text).sum::<usize>()
            + failures.sum::<usize>()
    });
    size_of_val(report)
        + report.organization.len()
        + report.report_id.len()
        + own(&report.contact)
        + policies.sum::<usize>()
}
