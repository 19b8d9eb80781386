//! Reads the files that were written for publication, to compare them with what is published.

use std::path::Path;
use std::time::SystemTime;

use mta_sts_core::facts::KnownPolicy;
use mta_sts_core::{
    Domain, PolicyId, PolicyReading, ReportUri, Setup, StsRecord, StsRecordReading, TlsRptRecord,
    TlsRptRecordReading, VersionedRecord as _, looks_like_sts, moment_of_file,
};

use crate::exit::CliError;
use crate::input;

/// The limit that RFC 8461 3.3 suggests to senders.
const MAX_POLICY_BYTES: usize = 64 * 1024;
/// The sheets contain two records and a few sentences.
const MAX_SHEET_BYTES: usize = 1024 * 1024;

const POLICY_FILE: &str = ".well-known/mta-sts.txt";
/// The files that contain the MTA-STS record.
const SHEETS: [&str; 2] = ["dns-records.txt", "zone-snippet.txt"];

/// Reads the policy file in a folder, and the domain's id from the sheet of records next to it.
pub(crate) fn read(folder: &Path, domain: &Domain) -> anyhow::Result<KnownPolicy> {
    let file = folder.join(POLICY_FILE);
    let text = input::read_text(&file, MAX_POLICY_BYTES)?;
    let (_, id) = sheet(folder, domain)?;
    let at = file.metadata().and_then(|metadata| metadata.modified());
    let at = at.unwrap_or_else(|_| SystemTime::now());
    Ok(KnownPolicy {
        at: moment_of_file(at),
        id: Some(id.to_string()),
        text,
    })
}

/// Reads a folder as a setup to publish.
pub(crate) fn setup(folder: &Path, domain: &Domain) -> anyhow::Result<Setup> {
    let file = folder.join(POLICY_FILE);
    let text = input::read_text(&file, MAX_POLICY_BYTES)?;
    let policy = PolicyReading::read(text.as_bytes()).policy;
    let policy = policy.ok_or_else(|| {
        CliError::usage(format!(
            "{} isn’t a valid policy. Run mta-sts lint policy to see why",
            file.display()
        ))
    })?;
    let (sheet, id) = sheet(folder, domain)?;
    Ok(Setup {
        domain: domain.clone(),
        zone: domain.clone(),
        policy,
        id,
        rua: report_addresses(&sheet),
    })
}

/// The first sheet with an MTA-STS record, and its id.
fn sheet(folder: &Path, domain: &Domain) -> anyhow::Result<(String, PolicyId)> {
    for sheet in SHEETS.map(|name| folder.join(name)) {
        if !sheet.exists() {
            continue;
        }
        let text = input::read_text(&sheet, MAX_SHEET_BYTES)?;
        if !is_for(&text, domain) {
            return Err(CliError::usage(format!(
                "{} is not for {}: it doesn’t contain {}",
                sheet.display(),
                domain,
                domain.mta_sts_record_name()
            )));
        }
        if let Some(id) = announced_id(&text) {
            return Ok((text, id));
        }
    }
    Err(CliError::usage(format!(
        "{} has no {} with the MTA-STS record",
        folder.display(),
        SHEETS.join(" or ")
    )))
}

/// Whether the sheet names the record of exactly this domain.
fn is_for(sheet: &str, domain: &Domain) -> bool {
    let name = domain.mta_sts_record_name();
    sheet
        .split_whitespace()
        .any(|word| word.trim_end_matches('.') == name)
}

/// The id of the first MTA-STS record in a sheet.
fn announced_id(sheet: &str) -> Option<PolicyId> {
    texts(sheet, StsRecord::VERSION).find_map(|text| {
        looks_like_sts(text)
            .then(|| StsRecordReading::read(text).record)?
            .map(|record| record.id)
    })
}

/// The addresses of the first TLS-RPT record in a sheet; empty if there is none.
fn report_addresses(sheet: &str) -> Vec<ReportUri> {
    texts(sheet, TlsRptRecord::VERSION)
        .find_map(|text| TlsRptRecordReading::read(text).record)
        .map_or_else(Vec::new, |record| record.rua)
}

/// The record texts that start with this version. Each is at the end of a line, quoted or not.
fn texts<'a>(sheet: &'a str, version: &'a str) -> impl Iterator<Item = &'a str> {
    sheet.lines().filter_map(move |line| {
        let record = line.get(line.find(version)?..)?;
        Some(record.split('"').next()?.trim_end())
    })
}

#[cfg(test)]
mod tests {
    use mta_sts_core::Domain;

    use super::{announced_id, is_for, report_addresses};

    #[test]
    fn a_sheet_for_another_domain_is_told_apart() {
        let domain = Domain::parse("example.com").unwrap();
        assert!(is_for("Full name   _mta-sts.example.com\r\n", &domain));
        assert!(is_for("_mta-sts.example.com. 300 IN TXT \"\"", &domain));
        for other in ["_mta-sts.example.com.au", "_mta-sts.example.org", ""] {
            assert!(!is_for(other, &domain), "{other}");
        }
    }

    #[test]
    fn the_id_is_found_in_the_sheet_and_in_the_zone_lines() {
        for sheet in [
            "1. MTA-STS record\r\n   Value       v=STSv1; id=20261123150000Z;\r\n",
            "; lines\r\n_mta-sts.example.com. 300 IN TXT \"v=STSv1; id=20261123150000Z;\"\r\n",
        ] {
            let id = announced_id(sheet).unwrap();
            assert_eq!(id.as_str(), "20261123150000Z");
        }
    }

    #[test]
    fn the_report_addresses_are_found_in_the_sheet_and_in_the_zone_lines() {
        for sheet in [
            "   Value       v=TLSRPTv1; rua=mailto:tls@example.net\r\n",
            "_smtp._tls.example.com. 300 IN TXT \"v=TLSRPTv1; rua=mailto:tls@example.net\"\r\n",
        ] {
            let addresses = report_addresses(sheet);
            assert_eq!(addresses.len(), 1, "{sheet}");
            assert_eq!(addresses[0].as_str(), "mailto:tls@example.net");
        }
        assert!(report_addresses("v=STSv1; id=1").is_empty());
    }

    #[test]
    fn what_is_no_record_gives_no_id() {
        for sheet in ["", "v=STSv1", "v=STSv1; id=not-an-id;", "id=1; v=TLSRPTv1"] {
            assert_eq!(announced_id(sheet), None, "{sheet}");
        }
    }
}
