//! Reports in every wrapping that senders and people use, and what only looks like one.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

const REPORT: &str = r#"{"organization-name":"Sender","report-id":"7",
    "contact-info":"mailto:tls@sender.example","policies":[]}"#;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut packed = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = SimpleFileOptions::default();
        packed.start_file(*name, options).unwrap();
        packed.write_all(bytes).unwrap();
    }
    packed.finish().unwrap().into_inner()
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = (0..3).fold(0_u32, |number, place| {
            number << 8 | u32::from(chunk.get(place).copied().unwrap_or(0))
        });
        for place in 0..4 {
            let sextet = number >> (18 - 6 * place) & 63;
            let letter = usize::try_from(sextet).unwrap();
            text.push(if place <= chunk.len() {
                char::from(LETTERS[letter])
            } else {
                '='
            });
        }
    }
    text
}

/// A mail as RFC 8460 5.3 wants it, with these words for the type of its report.
fn mail(kind: &str, body: &[u8]) -> Vec<u8> {
    format!(
        "From: tls@sender.example\r\nTo: reports@a.example\r\n\
         Subject: Report Domain: a.example Submitter: sender.example Report-ID: <7>\r\n\
         TLS-Report-Domain: a.example\r\nTLS-Report-Submitter: sender.example\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=\"tlsrpt\"; boundary=\"b\"\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nA report.\r\n\
         --b\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--\r\n",
        base64(body)
    )
    .into_bytes()
}

#[track_caller]
fn holds_the_report(bytes: &[u8]) {
    let opened = open("file", bytes);
    assert_eq!(opened.remarks, []);
    assert_eq!(
        opened.reports,
        [TlsReport::read(REPORT.as_bytes()).unwrap()]
    );
}

/// The only remark, where no report was found.
#[track_caller]
fn refused(bytes: &[u8]) -> String {
    let opened = open("file", bytes);
    assert_eq!(opened.reports, []);
    let [remark] = opened.remarks.as_slice() else {
        panic!("{opened:?}")
    };
    format!("{}: {}", remark.name, remark.text)
}

#[test]
fn a_report_is_found_in_every_wrapping() {
    let report = REPORT.as_bytes();
    holds_the_report(report);
    holds_the_report(&gzip(report));
    holds_the_report(&zip(&[("folder/", b""), ("folder/r.json", report)]));
    holds_the_report(&zip(&[
        ("r.json.gz", &gzip(report)),
        ("__MACOSX/._r.json.gz", b"\0\x05\x16"),
    ]));
    for (kind, body) in [
        ("application/tlsrpt+gzip", gzip(report)),
        ("application/tlsrpt+json", report.to_vec()),
        ("application/gzip; name=\"r.json.gz\"", gzip(report)),
        (
            "application/octet-stream; name=\"a!b!1!2.json.gz\"",
            gzip(report),
        ),
        ("APPLICATION/Zip", zip(&[("r.json", report)])),
    ] {
        let mail = mail(kind, &body);
        holds_the_report(&mail);
        holds_the_report(&zip(&[("mail.eml", &mail)]));
    }
}

#[test]
fn a_mail_that_was_sent_on_as_it_is_holds_its_report() {
    let inner = mail("application/tlsrpt+gzip", &gzip(REPORT.as_bytes()));
    let mut outer = b"From: me@a.example\r\nSubject: Fwd\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=\"o\"\r\n\r\n--o\r\n\
        Content-Type: message/rfc822\r\n\r\n"
        .to_vec();
    outer.extend(inner);
    outer.extend(b"\r\n--o--\r\n");
    holds_the_report(&outer);
}

#[test]
fn what_is_no_report_is_named_with_the_reason() {
    assert_eq!(
        refused(b"\xff\xd8\xff\xe0 a picture"),
        "file: this isn’t a TLS report, an e-mail or an archive"
    );
    assert_eq!(
        refused(b""),
        "file: this isn’t a TLS report, an e-mail or an archive"
    );
    assert_eq!(
        refused(br#"{"domain": "a.example"}"#),
        "file: this isn’t a TLS report: line 1, column 23: “policies” is missing"
    );
    assert_eq!(
        refused(b"From: a@b.example\r\nSubject: Hello\r\n\r\nHello\r\n"),
        "file: there is no TLS report in this e-mail"
    );
    let torn = gzip(REPORT.as_bytes());
    let torn = refused(torn.get(..torn.len() / 2).unwrap());
    assert!(torn.starts_with("file: it can’t be unpacked"), "{torn}");
    let broken = refused(b"PK\x03\x04 and no more");
    assert!(broken.starts_with("file: it can’t be unpacked"), "{broken}");
}

#[test]
fn a_bomb_is_not_unpacked() {
    let zeros = vec![b' '; TlsReport::MOST_BYTES + 1];
    let reason = "it is larger than 10 megabytes when unpacked";
    assert_eq!(refused(&gzip(&zeros)), format!("file: {reason}"));
    let archive = zip(&[("r.json", &zeros)]);
    assert_eq!(refused(&archive), format!("file, r.json: {reason}"));
    let mut layers = REPORT.as_bytes().to_vec();
    for _ in 0..5 {
        layers = gzip(&layers);
    }
    assert_eq!(refused(&layers), "file: it is nested too deeply");
}

#[test]
fn a_name_that_leads_out_of_the_archive_is_refused() {
    let archive = zip(&[
        ("../../r.json", REPORT.as_bytes()),
        ("r.json", REPORT.as_bytes()),
    ]);
    let opened = open("file", &archive);
    assert_eq!(opened.reports.len(), 1);
    let [remark] = opened.remarks.as_slice() else {
        panic!("{opened:?}")
    };
    assert_eq!(remark.name, "file, ../../r.json");
}

#[test]
fn a_submitter_that_is_not_the_reporter_is_told() {
    let mail = mail("application/tlsrpt+json", REPORT.as_bytes());
    let text = String::from_utf8(mail).unwrap();
    let forged = text.replace(
        "Submitter: sender.example\r\n",
        "Submitter: evil.example\r\n",
    );
    let opened = open("file", forged.as_bytes());
    assert_eq!(opened.reports.len(), 1);
    let remark = opened.remarks.first().unwrap();
    assert!(
        remark.text.contains("evil.example") && remark.text.contains("sender.example"),
        "{remark:?}"
    );
}

#[test]
fn names_and_reasons_can_be_shown_as_they_are() {
    let archive = zip(&[("\u{202e}gpj.exe", b"x")]);
    let remark = refused(&archive);
    assert!(remark.contains(r"\u{202e}gpj.exe"), "{remark}");
    let opened = open("\u{1b}[31m", b"");
    assert_eq!(opened.remarks.first().unwrap().name, r"\u{1b}[31m");
}

proptest! {
    #[test]
    fn whatever_the_bytes_are_there_is_an_answer(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        beginning in prop::sample::select(vec![
            &b""[..], b"{", b"\x1f\x8b\x08", b"PK\x03\x04",
            b"Content-Type: application/json\r\n\r\n",
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n",
        ]),
    ) {
        let opened = open("file", &[beginning, &bytes].concat());
        prop_assert!(!opened.reports.is_empty() || !opened.remarks.is_empty());
        for remark in &opened.remarks {
            prop_assert!(!remark.text.chars().any(char::is_control), "{remark:?}");
        }
    }

    #[test]
    fn a_wrapping_with_a_torn_byte_never_panics(place in 0_usize..2000, byte in any::<u8>()) {
        let report = REPORT.as_bytes();
        for mut bytes in [
            gzip(report),
            zip(&[("r.json", report), ("s.json.gz", &gzip(report))]),
            mail("application/tlsrpt+gzip", &gzip(report)),
        ] {
            let place = place % bytes.len();
            bytes[place] = byte;
            let opened = open("file", &bytes);
            prop_assert!(!opened.reports.is_empty() || !opened.remarks.is_empty());
        }
    }
}
