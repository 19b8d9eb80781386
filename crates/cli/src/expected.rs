//! Reading back what was written for publication, to compare it with what is published.

use std::path::Path;
use std::time::SystemTime;

use mta_sts_core::facts::KnownPolicy;
use mta_sts_core::{Domain, StsRecordReading, looks_like_sts};
use time::OffsetDateTime;

use crate::exit::Stop;
use crate::input;

/// The limit that RFC 8461 3.3 suggests to senders.
const MOST_POLICY_BYTES: usize = 64 * 1024;
/// The sheet and the zone lines hold two records and some sentences.
const MOST_SHEET_BYTES: usize = 1024 * 1024;

const POLICY_FILE: &str = ".well-known/mta-sts.txt";
/// Where the announcement record stands.
const SHEETS: [&str; 2] = ["dns-records.txt", "zone-snippet.txt"];

/// Reads the policy file of a folder, and the id that the sheet of records beside it gives for the
/// domain.
pub(crate) fn read(folder: &Path, domain: &Domain) -> anyhow::Result<KnownPolicy> {
    let file = folder.join(POLICY_FILE);
    let text = input::read_text(&file, MOST_POLICY_BYTES)?;
    let mut id = None;
    for sheet in SHEETS.map(|name| folder.join(name)) {
        if id.is_none() && sheet.exists() {
            let text = input::read_text(&sheet, MOST_SHEET_BYTES)?;
            if !is_for(&text, domain) {
                return Err(Stop::usage(format!(
                    "{} is not for {}: it does not name {}",
                    sheet.display(),
                    domain,
                    domain.mta_sts_record_name()
                )));
            }
            id = announced_id(&text);
        }
    }
    if id.is_none() {
        return Err(Stop::usage(format!(
            "{} has no {} with the announcement record",
            folder.display(),
            SHEETS.join(" or ")
        )));
    }
    let at = file.metadata().and_then(|metadata| metadata.modified());
    let at = at.unwrap_or_else(|_| SystemTime::now());
    Ok(KnownPolicy {
        at: OffsetDateTime::from(at),
        id,
        text,
    })
}

/// Whether the sheet names the record of this domain, and not of one whose name begins alike.
fn is_for(sheet: &str, domain: &Domain) -> bool {
    let name = domain.mta_sts_record_name();
    sheet
        .split_whitespace()
        .any(|word| word.trim_end_matches('.') == name)
}

/// The id of the first announcement record in a sheet: it stands at the end of a line, in quotes
/// or not.
fn announced_id(sheet: &str) -> Option<String> {
    sheet.lines().find_map(|line| {
        let record = line.get(line.find("v=STSv1")?..)?;
        let record = record.split('"').next()?.trim_end();
        looks_like_sts(record)
            .then(|| StsRecordReading::read(record).record)?
            .map(|record| record.id.to_string())
    })
}

#[cfg(test)]
mod tests {
    use mta_sts_core::Domain;

    use super::{announced_id, is_for};

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
            "1. Announcement record\r\n   Value       v=STSv1; id=20261123150000Z;\r\n",
            "; lines\r\n_mta-sts.example.com. 300 IN TXT \"v=STSv1; id=20261123150000Z;\"\r\n",
        ] {
            assert_eq!(announced_id(sheet).as_deref(), Some("20261123150000Z"));
        }
    }

    #[test]
    fn what_is_no_record_gives_no_id() {
        for sheet in ["", "v=STSv1", "v=STSv1; id=not-an-id;", "id=1; v=TLSRPTv1"] {
            assert_eq!(announced_id(sheet), None, "{sheet}");
        }
    }
}
