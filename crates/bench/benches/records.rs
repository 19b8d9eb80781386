//! How long reading the two TXT records takes, beside the readers of the crate mail-auth, and how
//! many times as long as there. A policy file is read by no other library on crates.io.

use std::hint::black_box;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use divan::Bencher;
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::mta_sts::{MtaSts, TlsRpt};
use mta_sts_bench::{ANNOUNCEMENTS, TLS_REPORTS};
use mta_sts_core::{StsRecordReading, TlsRptRecordReading};

fn main() -> io::Result<()> {
    if !every_reader_accepts_every_text() {
        return Err(io::Error::other(
            "a text is not accepted: nothing to compare",
        ));
    }
    divan::main();
    writeln!(
        io::stdout(),
        "\nTimes as long as mail-auth, the best of many rounds each:"
    )?;
    for text in ANNOUNCEMENTS {
        show(text, ours_announcement, theirs_announcement)?;
    }
    for text in TLS_REPORTS {
        show(text, ours_tls_report, theirs_tls_report)?;
    }
    Ok(())
}

fn ours_announcement(text: &str) -> bool {
    StsRecordReading::read(black_box(text)).is_valid()
}

fn theirs_announcement(text: &str) -> bool {
    MtaSts::parse(black_box(text.as_bytes())).is_ok()
}

fn ours_tls_report(text: &str) -> bool {
    TlsRptRecordReading::read(black_box(text)).is_valid()
}

fn theirs_tls_report(text: &str) -> bool {
    TlsRpt::parse(black_box(text.as_bytes())).is_ok()
}

fn every_reader_accepts_every_text() -> bool {
    ANNOUNCEMENTS
        .iter()
        .all(|text| ours_announcement(text) && theirs_announcement(text))
        && TLS_REPORTS
            .iter()
            .all(|text| ours_tls_report(text) && theirs_tls_report(text))
}

/// Rounds of which the best counts: the one that was disturbed least.
const ROUNDS: u32 = 200;
/// Readings in a round.
const READINGS: u32 = 1000;

fn show(text: &str, ours: fn(&str) -> bool, theirs: fn(&str) -> bool) -> io::Result<()> {
    let mut best = [Duration::MAX; 2];
    // In turns, so that a busy machine slows down both.
    for _ in 0..ROUNDS {
        for (best, read) in best.iter_mut().zip([ours, theirs]) {
            let start = Instant::now();
            for _ in 0..READINGS {
                black_box(read(text));
            }
            *best = start.elapsed().min(*best);
        }
    }
    let [ours, theirs] = best.map(|round| round / READINGS);
    let ratio = best[0].as_secs_f64() / best[1].as_secs_f64();
    writeln!(io::stdout(), "{ratio:.2} ({ours:?} to {theirs:?}): {text}")
}

#[divan::bench(args = ANNOUNCEMENTS)]
fn record(bencher: Bencher<'_, '_>, text: &str) {
    bencher.bench(|| StsRecordReading::read(black_box(text)));
}

#[divan::bench(args = ANNOUNCEMENTS)]
fn announcement_mail_auth(bencher: Bencher<'_, '_>, text: &str) {
    bencher.bench(|| MtaSts::parse(black_box(text.as_bytes())));
}

#[divan::bench(args = TLS_REPORTS)]
fn tls_report(bencher: Bencher<'_, '_>, text: &str) {
    bencher.bench(|| TlsRptRecordReading::read(black_box(text)));
}

#[divan::bench(args = TLS_REPORTS)]
fn tls_report_mail_auth(bencher: Bencher<'_, '_>, text: &str) {
    bencher.bench(|| TlsRpt::parse(black_box(text.as_bytes())));
}
