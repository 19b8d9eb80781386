//! The program as the system starts it.

#![cfg(unix)]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::process::Command;

#[test]
fn an_argument_that_is_no_text_is_a_wrong_argument_and_no_crash() {
    let output = Command::new(env!("CARGO_BIN_EXE_mta-sts-wizard"))
        .arg(OsStr::from_bytes(b"--pr\xffctice"))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("unexpected argument"), "{told}");
}

#[test]
fn a_wrong_argument_cannot_move_the_terminal() {
    for hostile in ["\u{1b}]0;owned\u{7}x", "\u{9b}31mx", "x\u{202e}y", "x\ny"] {
        let output = Command::new(env!("CARGO_BIN_EXE_mta-sts-wizard"))
            .arg(format!("--{hostile}"))
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        let moves = |it: char| it != '\n' && it.is_control() || it == '\u{202e}';
        assert!(!told.contains(moves), "{told:?}");
    }
}
