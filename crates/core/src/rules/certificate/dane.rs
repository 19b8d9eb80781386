//! What rules about DANE share: the TLSA records that senders use, and whether the certificates at
//! the addresses of an MX host match them (RFC 7672).

use std::net::IpAddr;

use crate::facts::{MailServer, Tlsa};
use crate::rules::case::{Case, Served};
use crate::text::wording::{in_quotes, in_words, shown};

/// How many records to quote in a sentence.
const MAX_RECORDS: usize = 5;

/// The TLSA records of an MX host that a validating resolver vouches for; never empty. Senders
/// ignore others (RFC 7672 2.2).
pub(crate) fn signed_records(server: &MailServer) -> Option<&[Tlsa]> {
    let answer = server.tlsa.seen().filter(|answer| answer.authenticated)?;
    Some(answer.records.as_slice()).filter(|records| !records.is_empty())
}

/// How the certificates that were seen match the records.
pub(crate) enum Fit<'a> {
    /// No record has a usage that mail senders accept (RFC 7672 3.1.3).
    NoUsableRecord,
    /// Some addresses show certificates that match no record.
    Mismatch(Vec<&'a Served<'a>>),
    /// Each chain that was seen matches a record.
    Match,
    /// No chain was seen, or the records cannot be compared with it.
    Unknown,
}

/// Compares the records with what the host serves.
pub(crate) fn fit<'a>(case: &'a Case<'_>, host: &str, records: &[Tlsa]) -> Fit<'a> {
    if records.iter().all(|record| !matches!(record.usage, 2 | 3)) {
        return Fit::NoUsableRecord;
    }
    // A record that contains a whole certificate, or is of an unknown kind, may still match.
    let all_compare = records
        .iter()
        .all(|record| record.is_usable() || !matches!(record.usage, 2 | 3));
    let mut mismatched = Vec::new();
    let (mut matched, mut unknown) = (false, false);
    for served in case.served.iter().filter(|served| served.host == host) {
        match any_matches(records, served) {
            Some(true) => matched = true,
            // A record may stand for an issuer that was sent and is not kept.
            Some(false) if all_compare && !served.chain.certificates_cut => {
                mismatched.push(served);
            }
            Some(false) | None => unknown = true,
        }
    }
    if !mismatched.is_empty() {
        Fit::Mismatch(mismatched)
    } else if matched && !unknown {
        Fit::Match
    } else {
        Fit::Unknown
    }
}

fn any_matches(records: &[Tlsa], served: &Served<'_>) -> Option<bool> {
    let usable = records.iter().filter(|record| record.is_usable());
    let verdicts: Vec<bool> = usable
        .map(|record| record.matches(served.chain))
        .collect::<Option<_>>()?;
    Some(verdicts.contains(&true))
}

/// The DNS name of the records.
pub(crate) fn record_name(host: &str) -> String {
    format!("_25._tcp.{}", shown(host))
}

/// The values of the records, in quotation marks.
pub(crate) fn quoted(records: &[Tlsa]) -> String {
    let mut quotes: Vec<String> = records
        .iter()
        .take(MAX_RECORDS)
        .map(|record| in_quotes(&record.to_string(), 160))
        .collect();
    if records.len() > MAX_RECORDS {
        quotes.push(format!("{} more", records.len() - MAX_RECORDS));
    }
    in_words(quotes)
}

/// The record for the key of a leaf, as a line of a zone file: `3 1 1` is what RFC 7672 3.1
/// recommends. `None` if the key was not hashed.
pub(crate) fn right_line(served: &Served<'_>) -> Option<String> {
    let digests = served.chain.leaf()?.digests.as_ref()?;
    Some(format!(
        "“{}. IN TLSA 3 1 1 {}”",
        record_name(served.host),
        shown(&digests.key_sha256)
    ))
}

/// The addresses that serve these chains, in order.
pub(crate) fn addresses(served: &[&Served<'_>]) -> String {
    let mut all: Vec<IpAddr> = served
        .iter()
        .flat_map(|served| served.addresses.iter().copied())
        .collect();
    all.sort();
    in_words(all)
}
