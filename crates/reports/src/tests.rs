//! Reports in every wrapping that senders and people use, their neighbours in a mailbox, and what
//! is made to cost much.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

const REPORT: &str = r#"{"organization-name":"Sender","report-id":"7",
    "date-range":{"start-datetime":"2026-11-20T00:00:00Z","end-datetime":"2026-11-20T23:59:59Z"},
    "contact-info":"mailto:tls@sender.example","policies":[]}"#;
const DMARC: &[u8] = b"<?xml version=\"1.0\"?>\n<feedback><report_metadata/></feedback>";

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

/// What is counted where nothing is to be told.
#[track_caller]
fn others(bytes: &[u8]) -> Others {
    let opened = open("file", bytes);
    assert_eq!((opened.reports.len(), opened.remarks), (0, vec![]));
    opened.others
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
        "file: this isn’t a TLS report: it has no list of “policies”"
    );
    let torn = gzip(REPORT.as_bytes());
    let torn = refused(torn.get(..torn.len() / 2).unwrap());
    assert!(torn.starts_with("file: it can’t be unpacked"), "{torn}");
    let broken = refused(b"PK\x03\x04 and no more");
    assert!(broken.starts_with("file: it can’t be unpacked"), "{broken}");
}

#[test]
fn a_bomb_is_not_unpacked() {
    let zeros = vec![b' '; TlsReport::MAX_BYTES + 1];
    let reason = "it is larger than 10 megabytes when unpacked";
    assert_eq!(refused(&gzip(&zeros)), format!("file: {reason}"));
    let archive = zip(&[("r.json", &zeros)]);
    assert_eq!(refused(&archive), format!("file, r.json: {reason}"));
    let mut layers = REPORT.as_bytes().to_vec();
    for _ in 0..MAX_LAYERS {
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
    let archive = zip(&[("\u{202e}.json.gz", b"x")]);
    let remark = refused(&archive);
    assert!(remark.contains(r"\u{202e}.json.gz"), "{remark}");
    let opened = open("\u{1b}[31m", b"");
    assert_eq!(opened.remarks.first().unwrap().name, r"\u{1b}[31m");
}

/// A mail with other words in its header.
fn mail_with(from: &str, to: &str) -> Vec<u8> {
    let mail = String::from_utf8(mail("application/tlsrpt+json", REPORT.as_bytes())).unwrap();
    assert!(mail.contains(from));
    mail.replace(from, to).into_bytes()
}

#[test]
fn every_mail_of_an_mbox_is_read() {
    let mail = mail("application/tlsrpt+gzip", &gzip(REPORT.as_bytes()));
    let separator = &b"From tls@sender.example Sat Nov 21 10:00:00 2026\r\n"[..];
    let mbox = [separator, &mail, b"\r\n", separator, &mail].concat();
    for bytes in [mbox.clone(), gzip(&mbox), zip(&[("Inbox", &mbox)])] {
        let opened = open("file", &bytes);
        assert_eq!((opened.reports.len(), opened.remarks.len()), (2, 0));
    }
    let letter = b"From: a@b.example\r\nSubject: Hello\r\n\r\nFrom me.\r\n\r\n";
    let broken = mail_with("\r\n\r\neyJ", "\r\n\r\ne30=");
    let mixed = [separator, letter, separator, &broken, separator, &mail].concat();
    let opened = open("box", &mixed);
    assert_eq!((opened.reports.len(), opened.others.mails), (1, 1));
    let [remark] = opened.remarks.as_slice() else {
        panic!("{opened:?}")
    };
    assert_eq!(remark.name, "box, e-mail 2");
}

#[test]
fn neighbours_of_reports_are_counted_and_no_fault() {
    let mails = |count| Others {
        mails: count,
        ..Others::default()
    };
    let dmarc = Others {
        dmarc_reports: 1,
        ..Others::default()
    };
    let letter = b"From: a@b.example\r\nSubject: Hello\r\n\r\nHello\r\n";
    assert_eq!(others(letter), mails(1));
    for report in [DMARC.to_vec(), gzip(DMARC), zip(&[("a!b!1!2.xml", DMARC)])] {
        assert_eq!(others(&report), dmarc);
        let mail = String::from_utf8(mail("application/gzip", &report)).unwrap();
        let mail = mail
            .replace("TLS-Report-", "X-")
            .replace("tlsrpt", "feedback");
        assert_eq!(others(mail.as_bytes()), dmarc);
    }
    // Whatever is attached to other e-mails, damaged or not.
    for (kind, body) in [
        (
            "application/zip",
            zip(&[("photo.jpg", b"\xff\xd8"), ("b.json", b"{}")]),
        ),
        ("application/zip", b"PK\x03\x04 and no more".to_vec()),
        (
            "application/json; name=\"package.json\"",
            b"{\"name\":1}".to_vec(),
        ),
        (
            "application/json; name=\"tsconfig.json\"",
            b"{ // not JSON".to_vec(),
        ),
        (
            "application/gzip",
            gzip(&vec![b'x'; TlsReport::MAX_BYTES + 1]),
        ),
    ] {
        let mail = String::from_utf8(mail(kind, &body)).unwrap();
        let mail = mail.replace("TLS-Report-", "X-").replace("tlsrpt", "x");
        assert_eq!(others(mail.as_bytes()), mails(1), "{kind}");
    }
    let sentence = Others {
        dmarc_reports: 1,
        mails: 2,
        files: 0,
        folders: 1,
    };
    assert_eq!(
        sentence.sentence().as_deref(),
        Some(
            "1 DMARC report, 2 other e-mails, 1 folder were skipped: only TLS reports are read \
             here."
        )
    );
    assert_eq!(Others::default().sentence(), None);
}

#[test]
fn what_is_with_the_reports_in_a_folder_or_an_archive_is_counted() {
    let archive = zip(&[
        ("r.json", REPORT.as_bytes()),
        ("photo.jpg", b"\xff\xd8\xff\xe0"),
        ("settings.json", b"{\"a\": 1}"),
    ]);
    let opened = open("file", &archive);
    assert_eq!((opened.reports.len(), opened.remarks.len()), (1, 0));
    assert_eq!(opened.others.files, 2);
    let in_folder = |name, bytes| open_in_folder(name, bytes, &mut Budget::new(&|| false));
    assert_eq!(in_folder("photo.jpg", b"\xff\xd8\xff\xe0").others.files, 1);
    assert_eq!(in_folder("a.json", b"{\"a\": 1}").others.files, 1);
    assert_eq!(in_folder("r.json", REPORT.as_bytes()).reports.len(), 1);
    assert_eq!(in_folder("r.json.gz", b"\x1f\x8b\x08").remarks.len(), 1);
    assert_eq!(in_folder("r", b"{\"policies\": [").remarks.len(), 1);
}

#[test]
fn an_announced_report_that_is_not_there_is_told() {
    let mail = mail("application/octet-stream", b"\0");
    assert_eq!(
        refused(&mail),
        "file: this e-mail says that it contains a TLS report, but there is none in it"
    );
}

#[test]
fn text_in_other_encodings_is_read() {
    let text = REPORT.replace("Sender", "Müller");
    let utf_16 = |of: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(of).collect::<Vec<u8>>();
    let little = utf_16(u16::to_le_bytes);
    let big = utf_16(u16::to_be_bytes);
    let latin_1 = text.chars().map(|it| u8::try_from(u32::from(it)).unwrap());
    for bytes in [
        [&b"\xff\xfe"[..], &little].concat(),
        [&b"\xfe\xff"[..], &big].concat(),
        [&b"\xef\xbb\xbf"[..], text.as_bytes()].concat(),
        gzip(&little),
        little,
        big,
        latin_1.collect(),
    ] {
        let opened = open("file", &bytes);
        assert_eq!(opened.remarks, []);
        assert_eq!(opened.reports.first().unwrap().organization, "Müller");
    }
}

#[test]
fn files_of_outlook_are_named_with_what_to_do() {
    let mail = refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0");
    assert!(
        mail.contains(".msg") && mail.contains("Save it as .eml"),
        "{mail}"
    );
    let data = refused(b"!BDN\0\0");
    assert!(data.contains(".pst"), "{data}");
}

#[test]
fn a_mail_of_apple_mail_is_read() {
    let mail = mail("application/tlsrpt+json", REPORT.as_bytes());
    let length = format!("{}    \n", mail.len());
    holds_the_report(&[length.as_bytes(), &mail, b"<?xml version=\"1.0\"?>"].concat());
}

/// The domain, the begin and the end of the only report.
#[track_caller]
fn filled_in(name: &str, bytes: &[u8]) -> (String, String) {
    let opened = open(name, bytes);
    assert_eq!(opened.remarks, []);
    let report = opened.reports.first().unwrap();
    let [begin, end] =
        [report.begin, report.end].map(|at| at.map_or("?".to_owned(), |at| at.date().to_string()));
    let domain = report.policies.first().map(|policy| policy.domain.clone());
    (domain.unwrap_or_default(), format!("{begin} {end}"))
}

#[test]
fn what_a_report_does_not_say_its_wrapping_says() {
    let day = "2026-11-20 2026-11-20".to_owned();
    let right = |domain: &str| (domain.to_owned(), day.clone());
    let bare = br#"{"report-id":"1","policies":[{"policy":{"policy-type":"sts"}}]}"#;
    let name = "s.example!b.example!1795132800!1795219199!1.json";
    assert_eq!(filled_in(name, bare), right("b.example"));
    let archive = zip(&[(name, &bare[..])]);
    assert_eq!(filled_in("archive.zip", &archive), right("b.example"));
    // The header of the mail knows the domain better than the name of a file.
    let named = mail(&format!("application/json; name=\"{name}\""), bare);
    assert_eq!(filled_in("a.eml", &named), right("a.example"));
    // A report is about the day before it is sent.
    let plain = mail("application/tlsrpt+json", bare);
    let dated = [&b"Date: Sat, 21 Nov 2026 10:00:00 +0000\r\n"[..], &plain].concat();
    assert_eq!(filled_in("a.eml", &dated), right("a.example"));
    let text = String::from_utf8(dated).unwrap();
    let by_subject = text.replace("TLS-Report-Domain: a.example\r\n", "");
    let by_subject = by_subject.replace("Domain: a.example", "Domain: Bücher.example");
    let right_subject = right("xn--bcher-kva.example");
    assert_eq!(filled_in("a.eml", by_subject.as_bytes()), right_subject);
    let half = br#"{"date-range":{"end-datetime":"2026-11-20"},"policies":[]}"#;
    assert_eq!(filled_in("a", half), right(""));
    let opened = open("a.eml", &plain);
    assert_eq!(
        opened.reports.first().unwrap().organization,
        "sender.example"
    );
}

#[test]
fn what_a_report_says_counts_against_its_wrapping() {
    let report = br#"{"date-range":{"start-datetime":"2026-11-20","end-datetime":"2026-11-20"},
        "policies":[{"policy":{"policy-domain":"a.example"}}]}"#;
    let name = "s.example!b.example!1795046400!1795132799!1.json";
    let day = "2026-11-20 2026-11-20".to_owned();
    assert_eq!(filled_in(name, report), ("a.example".to_owned(), day));
}

#[test]
fn a_contact_is_understood_however_it_is_written() {
    for contact in [
        "tls@sender.example",
        "mailto:tls@sender.example",
        "The Postmaster <tls@Sender.example>",
        "https://sender.example/tls/contact",
        "https://support.sender.example",
        "ask us",
    ] {
        let report = REPORT.replace("mailto:tls@sender.example", contact);
        let opened = open("file", &mail("application/tlsrpt+json", report.as_bytes()));
        assert_eq!(
            (opened.reports.len(), opened.remarks),
            (1, vec![]),
            "{contact}"
        );
    }
}

#[test]
fn the_submitter_is_compared_with_the_report_of_this_mail_alone() {
    let separator = &b"From a Sat Nov 21 10:00:00 2026\n"[..];
    let good = mail("application/tlsrpt+json", REPORT.as_bytes());
    let broken = mail_with("sender.example\r\nMIME", "other.example\r\nMIME");
    let broken = String::from_utf8(broken)
        .unwrap()
        .replace("\r\n\r\neyJ", "\r\n\r\ne30=");
    let opened = open(
        "box",
        &[separator, &good, separator, broken.as_bytes()].concat(),
    );
    assert_eq!(opened.reports.len(), 1);
    let [remark] = opened.remarks.as_slice() else {
        panic!("{opened:?}")
    };
    assert!(
        remark.text.starts_with("this isn’t a TLS report"),
        "{remark:?}"
    );
}

#[test]
fn a_bomb_in_many_layers_ends_with_its_budget() {
    let nine_megabytes = gzip(&vec![b' '; 9 << 20]);
    let inner = zip(&[("r.json.gz", &nine_megabytes)]);
    let part = format!(
        "--b\r\nContent-Type: application/tlsrpt+gzip\r\nContent-Transfer-Encoding: base64\r\n\r\n\
         {}\r\n",
        base64(&nine_megabytes)
    );
    let mail = format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n{}--b--\r\n",
        part.repeat(60)
    );
    // The same bytes again and again, as ZIP files in a ZIP file and as attachments.
    let names: Vec<String> = (0..20).map(|number| format!("{number}.zip")).collect();
    let archives = names.iter().map(|name| (name.as_str(), inner.as_slice()));
    let mail = [("mail.eml", mail.as_bytes())];
    let bomb = zip(&archives.chain(mail).collect::<Vec<_>>());
    assert!(bomb.len() < 8 << 20);
    let mut budget = Budget::new(&|| false);
    let opened = open_with("bomb", &bomb, &mut budget);
    assert_eq!(opened.reports, []);
    assert_eq!(
        opened.remarks.first().unwrap().text,
        "it was not read to its end: it unpacks to more than 256 megabytes"
    );
    assert!((240 << 20..=256 << 20).contains(&budget.unpacked()));
    assert!(budget.is_spent());
}

#[test]
fn an_archive_whose_files_overlap_is_refused() {
    let mut archive = zip(&[("a.json", REPORT.as_bytes()), ("b.json", REPORT.as_bytes())]);
    // The second entry of the list, which points to its file at the end, points to the first.
    let second = archive
        .windows(4)
        .rposition(|it| it == b"PK\x01\x02")
        .unwrap();
    archive[second + 42..second + 46].fill(0);
    archive[second + 46] = b'a';
    let (first, _) = archive.split_at(second);
    assert!(first.len() > 100);
    archive[second + 46] = b'b';
    assert_eq!(
        refused(&archive),
        "file: its files overlap, so it was not unpacked"
    );
}

#[test]
fn more_parts_than_a_file_may_have_are_refused() {
    let mut archive = zip(&[]);
    let mut many = b"PK\x03\x04".to_vec();
    many.extend(b"PK\x01\x02".repeat(budget::MAX_PARTS + 1));
    many.append(&mut archive);
    assert_eq!(refused(&many), "file: it contains more than 200,000 files");
    let mbox = "From a 1:11\nTo: b\n".repeat(budget::MAX_PARTS + 1);
    let opened = open("file", mbox.as_bytes());
    let first = opened.remarks.first().unwrap();
    assert!(
        first.text.contains("more than 200,000 e-mails"),
        "{first:?}"
    );
    for line in ["a:\n", " a\n", "--\n"] {
        let fields = format!("Subject: a\n{}", line.repeat(100_001));
        assert_eq!(
            refused(fields.as_bytes()),
            "file: it has too many lines of headers"
        );
    }
}

#[test]
fn reports_are_kept_until_they_take_up_too_much() {
    let failures: Vec<String> = (0..290)
        .map(|number| format!("{{\"failure-reason-code\":\"{number:0300}\"}}"))
        .collect();
    let report = format!(
        "{{\"policies\":[{{\"failure-details\":[{}]}}]}}",
        failures.join(",")
    );
    let list = format!("[{}]", vec![report; 80].join(","));
    let packed = gzip(list.as_bytes());
    let names: Vec<String> = (0..12).map(|number| format!("{number}.json.gz")).collect();
    let entries = names.iter().map(|name| (name.as_str(), packed.as_slice()));
    let opened = open("file", &zip(&entries.collect::<Vec<_>>()));
    assert!(
        (300..800).contains(&opened.reports.len()),
        "{}",
        opened.reports.len()
    );
    let first = opened.remarks.first().unwrap();
    assert!(first.text.contains("more results than"), "{first:?}");
}

#[test]
fn reading_stops_soon_after_it_is_cancelled() {
    let archive = zip(&[("1.json", REPORT.as_bytes()), ("2.json", REPORT.as_bytes())]);
    let asked = std::cell::Cell::new(0);
    let is_cancelled = || {
        asked.set(asked.get() + 1);
        asked.get() > 3
    };
    let opened = open_with("file", &archive, &mut Budget::new(&is_cancelled));
    assert!(opened.reports.len() < 2);
    let [remark] = opened.remarks.as_slice() else {
        panic!("{opened:?}")
    };
    assert_eq!(
        remark.text,
        "it was not read to its end: reading was stopped"
    );
    assert_eq!(asked.get(), 4, "it is not asked again");
}

#[test]
fn remarks_are_bounded() {
    let names: Vec<String> = (0..250).map(|number| format!("{number}.json.gz")).collect();
    let entries = names.iter().map(|name| (name.as_str(), &b"x"[..]));
    let mut opened = open("file", &zip(&entries.collect::<Vec<_>>()));
    assert_eq!((opened.remarks.len(), opened.more_remarks), (100, 150));
    opened.append(Opened::not_read("a", "b"));
    assert_eq!((opened.remarks.len(), opened.more_remarks), (100, 151));
}

#[test]
fn remarks_speak_plainly() {
    let odd = br#"{"report-id":{},"date-range":7,"policies":[3,{"policy":"a","summary":[],
        "failure-details":7},{"policy":{"policy-string":{},"mx-host":true},
        "summary":{"total-successful-session-count":2.5,"total-failure-session-count":"x"}}]}"#;
    for remark in open("file", odd).remarks {
        let words = ["::", "struct", "u64", "invalid type", "expected"];
        assert!(
            words.iter().all(|word| !remark.text.contains(word)),
            "{remark:?}"
        );
    }
}

fn is_answer(opened: &Opened) -> bool {
    !opened.reports.is_empty() || !opened.remarks.is_empty() || opened.others != Others::default()
}

proptest! {
    #[test]
    fn whatever_the_bytes_are_there_is_an_answer(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        beginning in prop::sample::select(vec![
            &b""[..], b"{", b"\x1f\x8b\x08", b"PK\x03\x04",
            b"Content-Type: application/json\r\n\r\n",
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n",
            b"From a\nSubject: b\n\nFrom ", b"\xff\xfe{\0", b"<feedback",
        ]),
    ) {
        let opened = open("file", &[beginning, &bytes].concat());
        prop_assert!(is_answer(&opened));
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
            prop_assert!(is_answer(&opened));
        }
    }
}
