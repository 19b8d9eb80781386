//! The text of every file the wizard writes to publish a setup. Those of a particular web host are
//! in `hosting`; writing them to a disk belongs elsewhere.

use crate::knowledge::dns_host::short_name;
use crate::text::domain::Domain;
use crate::text::policy::{MaxAge, Policy, PolicyReading};
use crate::text::sts_record::{PolicyId, StsRecord, StsRecordReading};
use crate::text::tls_rpt_record::{ReportUri, TlsRptRecord, TlsRptRecordReading};

/// Everything that is published for a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// The domain that receives mail.
    pub domain: Domain,
    /// Where its zone begins in the DNS: the domain itself, or one above it.
    pub zone: Domain,
    /// Its policy.
    pub policy: Policy,
    /// The id that announces this policy.
    pub id: PolicyId,
    /// Where senders report failures to; empty for no TLS-RPT record.
    pub rua: Vec<ReportUri>,
}

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Relative path with forward slashes.
    pub path: &'static str,
    /// The bytes of the file.
    pub contents: Vec<u8>,
}

/// A TXT record to be added to the DNS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TxtRecord {
    /// The full name, without a trailing dot.
    pub name: String,
    /// The name as most DNS providers want it: without the name of the zone.
    pub short_name: String,
    /// The value, without quotes.
    pub value: String,
}

/// What was about to be written would not be read as meant. Nothing is written then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArtifactError {
    /// The policy asks to be remembered longer than this program ever writes.
    #[error("max_age is longer than a year; nothing was written")]
    MaxAgeTooLong,
    /// A name of the setup is over 253 octets, which the DNS cannot hold.
    #[error("the domain is too long for the name {0}; nothing was written")]
    NameTooLong(String),
    /// The policy file would not be read back as the policy.
    #[error("the policy file would be misread; nothing was written")]
    Policy,
    /// The MTA-STS record would not be read back.
    #[error("the MTA-STS record would be misread; nothing was written")]
    Record,
    /// The TLS-RPT record would not be read back.
    #[error("the TLS-RPT record would be misread; nothing was written")]
    TlsReport,
    /// The zone file lines would not be read back as the records.
    #[error("the zone file lines would be misread; nothing was written")]
    Zone,
}

/// How long the DNS may keep the records, in seconds: short, for a change takes that long.
const TTL_SECS: u32 = 300;
/// Longest string within a TXT record, in octets (RFC 1035 3.3).
const MAX_STRING_OCTETS: usize = 255;
/// Longest name of the DNS in its written form, in octets (RFC 1035 2.3.4).
const MAX_NAME_OCTETS: usize = 253;
const POLICY_PATH: &str = ".well-known/mta-sts.txt";
/// The same file where file managers show it: they hide names that begin with a dot.
const UPLOAD_PATH: &str = "upload/mta-sts.txt";

impl Setup {
    /// The record that announces the policy; it is added last.
    #[must_use]
    pub fn mta_sts_record(&self) -> TxtRecord {
        self.record(self.domain.mta_sts_record_name(), self.sts_record().write())
    }

    /// The record that asks for TLS reports, if there is an address for them; it is added first.
    #[must_use]
    pub fn tls_rpt_record(&self) -> Option<TxtRecord> {
        self.tls_rpt_value()
            .map(|record| self.record(self.domain.tls_rpt_record_name(), record.write()))
    }

    /// The name of the policy host as most DNS providers want it: without the name of the zone.
    #[must_use]
    pub fn short_policy_host(&self) -> String {
        short_name(&self.domain.policy_host(), &self.zone)
    }

    fn record(&self, name: String, value: String) -> TxtRecord {
        TxtRecord {
            short_name: short_name(&name, &self.zone),
            name,
            value,
        }
    }

    /// Every file, each read back strictly before it is handed out.
    ///
    /// # Errors
    ///
    /// The first thing that would not be read as meant. No file is handed out then.
    pub fn artifacts(&self) -> Result<Vec<Artifact>, ArtifactError> {
        self.check()?;
        let zone = self.zone_snippet();
        self.check_zone(&zone)?;
        let files = [
            (POLICY_PATH, self.policy.write()),
            (UPLOAD_PATH, self.policy.write()),
            ("dns-records.txt", self.dns_records()),
            ("zone-snippet.txt", zone),
        ];
        let artifact = |(path, text): (_, String)| Artifact {
            path,
            contents: text.into_bytes(),
        };
        Ok(files.into_iter().map(artifact).collect())
    }

    fn sts_record(&self) -> StsRecord {
        StsRecord {
            id: self.id.clone(),
        }
    }

    fn tls_rpt_value(&self) -> Option<TlsRptRecord> {
        (!self.rua.is_empty()).then(|| TlsRptRecord {
            rua: self.rua.clone(),
        })
    }

    /// The records in the order in which they are added.
    fn records(&self) -> impl Iterator<Item = TxtRecord> {
        self.tls_rpt_record()
            .into_iter()
            .chain([self.mta_sts_record()])
    }

    /// Reads the policy and the records back as strictly as any sender.
    pub(crate) fn check(&self) -> Result<(), ArtifactError> {
        self.check_policy(&self.policy.write())?;
        self.check_records()
    }

    /// Reads a text that will be served as the policy.
    pub(crate) fn check_policy(&self, text: &str) -> Result<(), ArtifactError> {
        if self.policy.max_age() > MaxAge::LONGEST_WRITTEN {
            return Err(ArtifactError::MaxAgeTooLong);
        }
        let reading = PolicyReading::read(text.as_bytes());
        let is_as_meant = reading.valid && reading.faults.is_empty();
        if is_as_meant && reading.policy.as_ref() == Some(&self.policy) {
            Ok(())
        } else {
            Err(ArtifactError::Policy)
        }
    }

    fn check_records(&self) -> Result<(), ArtifactError> {
        for name in self
            .records()
            .map(|record| record.name)
            .chain([self.domain.policy_host()])
        {
            if name.len() > MAX_NAME_OCTETS {
                return Err(ArtifactError::NameTooLong(name));
            }
        }
        let reading = StsRecordReading::read(&self.mta_sts_record().value);
        if !reading.faults.is_empty() || reading.record != Some(self.sts_record()) {
            return Err(ArtifactError::Record);
        }
        if let Some(record) = self.tls_rpt_record() {
            let reading = TlsRptRecordReading::read(&record.value);
            if !reading.faults.is_empty() || reading.record != self.tls_rpt_value() {
                return Err(ArtifactError::TlsReport);
            }
        }
        Ok(())
    }

    fn check_zone(&self, zone: &str) -> Result<(), ArtifactError> {
        let values: Vec<String> = zone
            .lines()
            .filter(|line| !line.starts_with(';') && line.contains(" IN TXT "))
            .map(|line| line.split('"').skip(1).step_by(2).collect())
            .collect();
        let are_as_meant = values
            .into_iter()
            .eq(self.records().map(|record| record.value));
        if are_as_meant {
            Ok(())
        } else {
            Err(ArtifactError::Zone)
        }
    }

    /// What to add where and in which order, for a person; CRLF, so that every editor shows it.
    fn dns_records(&self) -> String {
        let mut sheet = Sheet::default();
        sheet.line(&format!("MTA-STS for {}", self.domain.to_unicode()));
        sheet.line("");
        sheet.line(
            "Add these in this order. Wait until each one is visible before you add the next.",
        );
        sheet.line("Most DNS providers add the domain automatically, so give them the short name.");
        if let Some(record) = self.tls_rpt_record() {
            sheet.heading("TLS-RPT record");
            sheet.line("It asks senders to report failures to you. It has no effect on delivery.");
            sheet.record(&record);
        }
        sheet.heading("Policy host");
        sheet.line(
            "The name of the web server that serves the policy. Add it with the record type that",
        );
        sheet.line("your web host asks for: A and AAAA with addresses, or CNAME with a name.");
        sheet.row("Full name", &self.domain.policy_host());
        sheet.row("Short name", &self.short_policy_host());
        sheet.row("Type", "A, AAAA or CNAME");
        sheet.row("Value", "the address or name of your web server");
        sheet.heading("Policy file");
        sheet.line(&format!(
            "Upload {POLICY_PATH} to that server, unchanged, so that it opens at"
        ));
        sheet.line(&self.domain.policy_url());
        sheet.line("as text/plain, with a certificate for that name and without a redirect.");
        sheet.heading("MTA-STS record");
        sheet.line(
            "Add this last. It tells senders that there is a policy. Whenever the policy changes,",
        );
        sheet.line("change the file first and then the id in this record.");
        sheet.record(&self.mta_sts_record());
        sheet.text
    }

    /// The same records as lines of a zone file (RFC 1035 5), with full names so that they mean the
    /// same under every origin.
    fn zone_snippet(&self) -> String {
        let mut sheet = Sheet::default();
        sheet.line(&format!(
            "; MTA-STS for {}: lines for its zone file.",
            self.domain
        ));
        sheet.line("; Add the last line once the policy file is online.");
        let (policy_host, last) = (self.domain.policy_host(), self.mta_sts_record());
        if let Some(record) = self.tls_rpt_record() {
            sheet.line(&zone_line(&record));
        }
        sheet.line(&format!(
            "; {policy_host}. {TTL_SECS} IN A <address of your web server>"
        ));
        sheet.line(&zone_line(&last));
        sheet.text
    }
}

fn zone_line(record: &TxtRecord) -> String {
    // Neither value can hold a quote or a backslash, and both are ASCII.
    let strings: Vec<String> = record
        .value
        .as_bytes()
        .chunks(MAX_STRING_OCTETS)
        .map(|chunk| format!("\"{}\"", String::from_utf8_lossy(chunk)))
        .collect();
    format!("{}. {TTL_SECS} IN TXT {}", record.name, strings.join(" "))
}

/// Lines of text for a person, numbered headings, CRLF.
#[derive(Default)]
struct Sheet {
    text: String,
    headings: usize,
}

impl Sheet {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push_str("\r\n");
    }

    fn heading(&mut self, title: &str) {
        self.headings += 1;
        self.line("");
        self.line(&format!("{}. {title}", self.headings));
        self.line("");
    }

    fn row(&mut self, label: &str, value: &str) {
        self.line(&format!("   {label:<10}  {value}"));
    }

    fn record(&mut self, record: &TxtRecord) {
        self.row("Full name", &record.name);
        self.row("Short name", &record.short_name);
        self.row("Type", "TXT");
        self.row("Value", &record.value);
        self.row("TTL", &format!("{TTL_SECS} seconds"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::mx_pattern::MxPattern;
    use crate::text::policy::Mode;

    fn setup(rua: &[&str]) -> Setup {
        let mx = vec![MxPattern::parse("mx.example.com").unwrap()];
        Setup {
            domain: Domain::parse("example.com").unwrap(),
            zone: Domain::parse("example.com").unwrap(),
            policy: Policy::new(Mode::Testing, MaxAge::new(604_800).unwrap(), mx).unwrap(),
            id: PolicyId::parse("20261123150000Z").unwrap(),
            rua: rua
                .iter()
                .map(|address| ReportUri::from_person(address).unwrap())
                .collect(),
        }
    }

    fn text_of(setup: &Setup, path: &str) -> String {
        let files = setup.artifacts().unwrap();
        let file = files.into_iter().find(|file| file.path == path).unwrap();
        String::from_utf8(file.contents).unwrap()
    }

    #[test]
    fn the_policy_file_is_the_policy() {
        let setup = setup(&[]);
        assert_eq!(
            text_of(&setup, ".well-known/mta-sts.txt"),
            setup.policy.write()
        );
    }

    #[test]
    fn the_zone_lines_hold_the_records_in_order() {
        assert_eq!(
            text_of(&setup(&["tls@example.net"]), "zone-snippet.txt"),
            "; MTA-STS for example.com: lines for its zone file.\r\n\
             ; Add the last line once the policy file is online.\r\n\
             _smtp._tls.example.com. 300 IN TXT \"v=TLSRPTv1; rua=mailto:tls@example.net\"\r\n\
             ; mta-sts.example.com. 300 IN A <address of your web server>\r\n\
             _mta-sts.example.com. 300 IN TXT \"v=STSv1; id=20261123150000Z;\"\r\n"
        );
    }

    #[test]
    fn a_long_value_is_cut_into_strings() {
        let addresses: Vec<String> = (0..20)
            .map(|n| format!("reports{n}@mail.example.net"))
            .collect();
        let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
        let setup = setup(&addresses);
        let zone = text_of(&setup, "zone-snippet.txt");
        let line = zone.lines().find(|line| line.starts_with("_smtp")).unwrap();
        let strings: Vec<&str> = line.split('"').skip(1).step_by(2).collect();
        assert!(strings.len() > 1);
        assert!(strings.iter().all(|string| string.len() <= 255));
        assert_eq!(strings.concat(), setup.tls_rpt_record().unwrap().value);
    }

    #[test]
    fn the_sheet_gives_every_name_and_value_in_order() {
        let setup = setup(&["tls@example.net"]);
        let sheet = text_of(&setup, "dns-records.txt");
        let mut rest = sheet.as_str();
        for step in [
            "1. TLS-RPT record",
            "_smtp._tls.example.com",
            "v=TLSRPTv1; rua=mailto:tls@example.net",
            "2. Policy host",
            "mta-sts.example.com",
            "3. Policy file",
            "https://mta-sts.example.com/.well-known/mta-sts.txt",
            "4. MTA-STS record",
            "_mta-sts.example.com",
            "v=STSv1; id=20261123150000Z;",
        ] {
            rest = rest
                .split_once(step)
                .unwrap_or_else(|| panic!("{step} is not in order"))
                .1;
        }
        assert_eq!(sheet.matches('\n').count(), sheet.matches("\r\n").count());
        assert!(text_of(&super::tests::setup(&[]), "dns-records.txt").contains("1. Policy host"));
    }

    #[test]
    fn a_short_name_leaves_out_the_zone_not_the_domain() {
        let mut setup = setup(&["tls@example.net"]);
        setup.domain = Domain::parse("mail.example.com").unwrap();
        assert_eq!(setup.mta_sts_record().short_name, "_mta-sts.mail");
        let report = setup.tls_rpt_record().unwrap();
        assert_eq!(report.short_name, "_smtp._tls.mail");
        assert_eq!(setup.short_policy_host(), "mta-sts.mail");
        assert!(text_of(&setup, "dns-records.txt").contains("mta-sts.mail\r\n"));
    }

    #[test]
    fn nothing_is_handed_out_that_would_be_read_otherwise() {
        let mut year = setup(&[]);
        let text = b"version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 31557600\n";
        year.policy = PolicyReading::read(text).policy.unwrap();
        assert_eq!(year.artifacts(), Err(ArtifactError::MaxAgeTooLong));

        let mut address = setup(&[]);
        let text = b"version: STSv1\nmode: enforce\nmx: 192.0.2.1\nmax_age: 1\n";
        address.policy = PolicyReading::read(text).policy.unwrap();
        assert_eq!(address.artifacts(), Err(ArtifactError::Policy));

        let mut long = setup(&["tls@example.net"]);
        let label = "a".repeat(63);
        long.domain =
            Domain::parse(&format!("{label}.{label}.{label}.{}", "b".repeat(61))).unwrap();
        assert!(matches!(
            long.artifacts(),
            Err(ArtifactError::NameTooLong(_))
        ));

        let mut large = setup(&[]);
        let mx = vec![MxPattern::from_grammar(&"a".repeat(60_000)).unwrap(); 2];
        large.policy = Policy::new(Mode::Testing, MaxAge::LONGEST_WRITTEN, mx).unwrap();
        assert_eq!(large.artifacts(), Err(ArtifactError::Policy));
    }
}
