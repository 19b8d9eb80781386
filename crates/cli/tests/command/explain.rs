//! `mta-sts explain`: bounces and log lines, from a file and from standard input.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::schema::{faults, validator};
use crate::{mta_sts, mta_sts_reading};

const REFUSED: &[u8] = b"550 5.4.8 MX hosts of example.com failed MTA-STS validation";
const ELSEWHERE: &[u8] = b"550 5.1.1 <nobody@example.com>: User unknown";

#[test]
fn the_status_tells_what_it_is_about() {
    for (text, status, verdict) in [
        (
            REFUSED,
            1,
            "Exchange Online didn’t deliver to the mail server (MTA-STS): the policy",
        ),
        (
            ELSEWHERE,
            0,
            "This bounce is about an address that doesn’t exist, not about MTA-STS",
        ),
        (
            b"550 5.9.99 gone",
            2,
            "A delivery failed, but nothing in this text is known here",
        ),
        (
            b"Dear all, MTA-STS is great.",
            2,
            "No failed delivery was found in this text",
        ),
        (b"", 2, "No failed delivery was found in this text"),
        (
            b"\xff\xfe\0\0",
            2,
            "No failed delivery was found in this text",
        ),
    ] {
        let ran = mta_sts_reading(&["explain"], text);
        assert_eq!((ran.status, ran.stderr.as_str()), (status, ""), "{ran:?}");
        assert!(ran.stdout.starts_with(verdict), "{ran:?}");
    }
}

#[test]
fn a_file_and_standard_input_are_read_alike() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bounce.txt");
    fs::write(&path, REFUSED).unwrap();
    let file = mta_sts(&["explain", path.to_str().unwrap()]);
    let piped = mta_sts_reading(&["explain", "-"], REFUSED);
    assert_eq!(file.stdout, piped.stdout);
    assert!(
        file.stdout
            .contains("\nCheck it\n  mta-sts check example.com\n"),
        "{file:?}"
    );
    let missing = mta_sts(&["explain", "not-there.txt"]);
    assert_eq!(missing.status, 64);
    assert!(
        missing.stderr.contains("not-there.txt couldn’t be read"),
        "{missing:?}"
    );
}

#[test]
fn an_e_mail_is_decoded() {
    let mail = b"From: mailer-daemon@out.example\r\nSubject: Undelivered\r\n\
        Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n\
        NTUwIDUuNC44IE1YIGhvc3RzIG9mIGV4YW1wbGUuY29tIGZhaWxlZCBNVEEtU1RTIHZhbGlkYXRpb24K\r\n";
    let ran = mta_sts_reading(&["explain", "--json"], mail);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert_eq!(ran.json()["finding"]["code"], "policy-mx-not-listed");
}

#[test]
fn a_tls_report_is_sent_to_its_own_command() {
    let ran = mta_sts_reading(&["explain"], b"{\"policies\": []}");
    assert_eq!(ran.status, 2);
    assert!(
        ran.stdout.contains("Read it with mta-sts report."),
        "{ran:?}"
    );
}

#[test]
fn hostile_text_cannot_move_the_terminal() {
    let text =
        b"550 5.4.8 MX hosts of example.com failed MTA-STS validation \x1b[2J\x07\n\x1b]0;x\n";
    let ran = mta_sts_reading(&["explain"], text);
    assert_eq!(ran.status, 1);
    let moves = |it: char| it.is_control() && it != '\n';
    assert!(!ran.stdout.contains(moves), "{ran:?}");
}

#[test]
fn a_long_text_is_read_in_part_and_says_so() {
    let long = [REFUSED, b"\n\n", &vec![b'x'; 9 * 1024 * 1024][..]].concat();
    let ran = mta_sts_reading(&["explain"], &long);
    assert_eq!(ran.status, 1);
    assert!(
        ran.stdout.ends_with("only its beginning was read.\n"),
        "{ran:?}"
    );
}

#[test]
fn every_bounce_of_the_core_keeps_the_published_form() {
    let validator = validator("explain-v1");
    let bounces = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/tests/bounces");
    let mut count = 0;
    for (folder, may_refuse) in [("mapped", true), ("declined", false)] {
        for file in fs::read_dir(bounces.join(folder)).unwrap() {
            let path = file.unwrap().path();
            let ran = mta_sts(&["explain", "--json", path.to_str().unwrap()]);
            let json = ran.json();
            assert_eq!(faults(&validator, &json), "", "{}: {json}", path.display());
            assert_eq!(ran.status == 1, may_refuse, "{}: {json}", path.display());
            assert_eq!(
                json["outcome"] == "refused",
                may_refuse,
                "{}",
                path.display()
            );
            count += 1;
        }
    }
    assert!(count >= 60, "{count}");
    let mut damaged = mta_sts_reading(&["explain", "--json"], ELSEWHERE).json();
    damaged["finding"] = json!({ "code": "cert-expired" });
    assert!(!validator.is_valid(&damaged));
}
