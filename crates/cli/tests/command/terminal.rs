//! What a terminal and a pipe get to see.

use std::process::Stdio;

use crate::{command, mta_sts};

#[test]
fn a_pipe_gets_no_escape_codes_whatever_the_environment_asks_for() {
    for variable in ["CLICOLOR_FORCE", "NO_COLOR", "FORCE_COLOR"] {
        for args in [
            &["check", "--practice", "expired-certificate.example"][..],
            &["lint", "record", "hello\u{1b}[31m"],
            &["check", "--bogus"],
            &["check", "--facts", "no\u{1b}[31m"],
        ] {
            let output = command(args).env(variable, "1").output().unwrap();
            let text = [output.stdout, output.stderr].concat();
            assert!(!text.is_empty());
            assert!(!text.contains(&0x1b), "{variable} {args:?}");
        }
    }
}

#[test]
fn nothing_but_the_report_is_written_where_nobody_looks_on() {
    let ran = mta_sts(&["check", "--practice", "expired-certificate.example"]);
    assert_eq!(ran.stderr, "");
    let mut lines = ran.stdout.lines();
    let first = lines.next().unwrap();
    let refused = "Mail to expired-certificate.example is being refused right now: \
                   mx1.expired-certificate.example at 192.0.2.1 has a certificate that expired on ";
    assert!(first.starts_with(refused), "{first}");
    for part in ["[cert-expired]", "Fix: ", "\nMail servers\n", "TLS 1.3"] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
}

#[test]
fn a_reader_that_went_away_is_no_error() {
    let mut child = command(&["check", "--practice"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stderr, b"");
}
