//! `mta-sts check`: saved facts, practice domains, and what is asked wrongly.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use mta_sts_lab::{Lab, scenarios};

use crate::{codes, mta_sts, mta_sts_reading};

#[test]
fn saved_facts_give_the_same_report_without_any_network() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("facts.json");
    let file = path.to_str().unwrap();
    let domain = "one-of-two-bad.example";
    let live = mta_sts(&[
        "check",
        "--practice",
        domain,
        "--json",
        "--save-facts",
        file,
    ]);
    assert_eq!(codes(&live.json()["findings"]), ["cert-name-mismatch"]);

    let again = mta_sts(&["check", "--facts", file, "--json"]);
    assert_eq!(again.stdout, live.stdout);
    assert_eq!(again.status, live.status);

    let piped = mta_sts_reading(
        &["check", domain, "--facts", "-", "--json"],
        &fs::read(&path).unwrap(),
    );
    assert_eq!(piped.stdout, live.stdout);
}

#[test]
fn the_report_is_written_as_a_web_page_beside_what_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let facts = folder.path().join("facts.json");
    let facts = facts.to_str().unwrap();
    let page = folder.path().join("new/report.html");
    let file = page.to_str().unwrap();
    let domain = "expired-certificate.example";
    let asked = ["check", "--practice", domain, "--save-facts", facts];
    let printed = mta_sts(&[&asked[..], &["--html", file]].concat());
    assert!(printed.stdout.contains("cert-expired"), "{printed:?}");
    assert_eq!(printed.status, 1);
    let live = fs::read_to_string(&page).unwrap();
    for part in ["<!DOCTYPE html>", domain, "cert-expired", "</html>"] {
        assert!(live.contains(part), "{part} is missing in {live}");
    }

    fs::write(&page, "an older report").unwrap();
    let again = mta_sts(&["check", "--facts", facts, "--json", "--html", file]);
    assert_eq!(codes(&again.json()["findings"])[0], "cert-expired");
    assert_eq!(fs::read_to_string(&page).unwrap(), live);
}

#[cfg(unix)]
#[test]
fn facts_and_page_go_to_standard_output_and_into_nothing_where_these_are_named() {
    let facts = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../core/tests/recorded/healthy.json"
    );
    let asked = ["check", "--facts", facts, "--html"];
    let ran = mta_sts(&[&asked[..], &["/dev/stdout"]].concat());
    let (report, page) = ran.stdout.split_once("<!DOCTYPE html>").unwrap();
    assert!(
        report.contains("healthy.example") && page.contains("</html>"),
        "{ran:?}"
    );
    let ran = mta_sts(&[&asked[..], &["/dev/null"]].concat());
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[cfg(unix)]
#[test]
fn saved_facts_are_private_and_a_file_that_is_replaced_keeps_its_permissions() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let (facts, page) = (
        folder.path().join("facts.json"),
        folder.path().join("page.html"),
    );
    fs::write(&page, "an older report").unwrap();
    fs::set_permissions(&page, fs::Permissions::from_mode(0o640)).unwrap();
    let names = [&facts, &page].map(|it| it.to_str().unwrap());
    mta_sts(&[
        "check",
        "--practice",
        "null-mx.example",
        "--save-facts",
        names[0],
        "--html",
        names[1],
    ]);
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&facts), mode(&page)), (0o600, 0o640));
    assert!(fs::read_to_string(&page).unwrap().contains("</html>"));
}

#[test]
fn facts_from_the_end_of_the_calendar_are_judged_as_all_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("facts.json");
    let recorded = include_str!("../../../core/tests/recorded/healthy.json");
    let mut facts: serde_json::Value = serde_json::from_str(recorded).unwrap();
    facts["checked_at"] = "9999-12-31T23:59:59-23:59".into();
    facts["observed_on"] = "mail.example.com".into();
    fs::write(&path, facts.to_string()).unwrap();
    let ran = mta_sts(&["check", "--facts", path.to_str().unwrap()]);
    assert!(
        ran.stdout.contains("31 December 9999 at 23:59 UTC"),
        "{ran:?}"
    );
    assert_eq!(ran.status, 1, "its certificates have expired");
}

#[test]
fn facts_with_a_byte_order_mark_are_read_and_those_of_a_newer_version_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("facts.json");
    let recorded = include_str!("../../../core/tests/recorded/healthy.json");
    let with = |text: &str| {
        fs::write(&path, text).unwrap();
        mta_sts(&["check", "--facts", path.to_str().unwrap()])
    };
    assert_eq!(with(&format!("\u{feff}{recorded}")).status, 0);
    let newer = with(&recorded.replace("mta-sts-facts/1", "mta-sts-facts/2"));
    assert_eq!(newer.status, 64);
    assert!(
        newer.stderr.contains("written by a newer version"),
        "{newer:?}"
    );
}

#[test]
fn a_wrong_command_line_cannot_move_the_terminal() {
    for hostile in ["\u{1b}]0;owned\u{7}x", "\u{9b}31m", "x\u{202e}y", "x\ny"] {
        for args in [
            &["check", hostile][..],
            &["check", "a.example", "--resolver", hostile],
        ] {
            let ran = mta_sts(args);
            assert_eq!(ran.status, 64, "{ran:?}");
            assert!(!ran.stderr.contains(hostile), "{ran:?}");
            assert!(ran.stderr.contains("\\u{"), "{ran:?}");
        }
    }
}

#[test]
fn a_page_that_cannot_be_written_is_named_and_the_report_still_printed() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("file/report.html");
    fs::write(folder.path().join("file"), "").unwrap();
    let ran = mta_sts(&[
        "check",
        "--practice",
        "null-mx.example",
        "--html",
        page.to_str().unwrap(),
    ]);
    assert_eq!(ran.status, 64);
    assert!(ran.stderr.contains("report.html"), "{ran:?}");
    assert!(ran.stdout.contains("doesn’t receive mail"), "{ran:?}");
}

#[test]
fn facts_about_another_domain_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("facts.json");
    let file = path.to_str().unwrap();
    mta_sts(&[
        "check",
        "--practice",
        "null-mx.example",
        "--save-facts",
        file,
    ]);
    let ran = mta_sts(&["check", "example.com", "--facts", file]);
    assert_eq!(ran.status, 64);
    assert!(
        ran.stderr.contains("null-mx.example, not example.com"),
        "{ran:?}"
    );
    assert_eq!(ran.stdout, "");
}

#[test]
fn a_file_that_holds_no_facts_is_named_with_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("facts.json");
    fs::write(&path, "{\n  \"format\": \"holiday\"\n}\n").unwrap();
    let ran = mta_sts(&["check", "--facts", path.to_str().unwrap()]);
    assert_eq!(ran.status, 64);
    for part in ["facts.json", "mta-sts-facts/1", "line 2"] {
        assert!(ran.stderr.contains(part), "{ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resolver_and_a_trust_root_may_be_named() {
    // A domain that is not in the DNS: nothing but the resolver on this machine is spoken to. It knows
    // no mail server of anybody else either, so that its answer is not believed.
    let domain = "no-such-domain.example";
    let scenario = scenarios()
        .iter()
        .find(|scenario| scenario.domain == domain);
    let lab = Lab::start(&[scenario.unwrap().clone()]).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root.pem");
    fs::write(&root, lab.trust_root_pem()).unwrap();
    let ran = mta_sts(&[
        "check",
        domain,
        "--resolver",
        &lab.resolver().to_string(),
        "--trust-root",
        root.to_str().unwrap(),
        "--json",
    ]);
    assert_eq!(ran.status, 2, "{ran:?}");
    assert_eq!(codes(&ran.json()["not_checked"]), ["dns-intercepted-here"]);

    fs::write(&root, "no certificate").unwrap();
    let ran = mta_sts(&["check", domain, "--trust-root", root.to_str().unwrap()]);
    assert_eq!(ran.status, 64);
    assert!(ran.stderr.contains("root.pem"), "{ran:?}");
}

#[test]
fn practice_without_a_domain_lists_every_domain_with_its_story() {
    let ran = mta_sts(&["check", "--practice"]);
    assert_eq!(ran.status, 0);
    let listed = mta_sts(&["check", "--practice", "--json"]).json();
    assert_eq!(
        listed["domains"].as_array().unwrap().len(),
        scenarios().len()
    );
    for (scenario, entry) in scenarios()
        .iter()
        .zip(listed["domains"].as_array().unwrap())
    {
        assert!(ran.stdout.contains(&scenario.domain), "{}", scenario.domain);
        assert!(ran.stdout.contains(&scenario.story), "{}", scenario.domain);
        assert_eq!(entry["domain"], *scenario.domain);
        assert_eq!(entry["story"], *scenario.story);
    }
}

#[test]
fn what_is_asked_wrongly_is_status_64_and_says_why() {
    let asked: [(&[&str], &str); 12] = [
        (&[], "Usage"),
        (&["check"], "DOMAIN"),
        (&["check", "192.0.2.1"], "IP address"),
        (&["check", "exa mple.com"], "can’t be part of a domain"),
        (&["check", "example.com", "--bogus"], "--bogus"),
        (
            &["check", "example.com", "--practice"],
            "isn’t a practice domain",
        ),
        (
            &["check", "example.com", "--resolver", "dns.example"],
            "IP address",
        ),
        (&["check", "example.com", "--timeout", "0"], "1..=300"),
        (
            &["check", "example.com", "--practice", "--facts", "f"],
            "cannot be used with",
        ),
        (
            &["check", "example.com", "--trust-root", "no/such.pem"],
            "no/such.pem",
        ),
        (&["check", "--facts", "no/such.json"], "no/such.json"),
        (&["examine", "example.com"], "examine"),
    ];
    for (args, why) in asked {
        let ran = mta_sts(args);
        assert_eq!(ran.status, 64, "{args:?} {ran:?}");
        assert!(ran.stderr.contains(why), "{args:?} {ran:?}");
        assert_eq!(ran.stdout, "", "{args:?}");
    }
}

#[test]
fn help_and_version_are_no_error() {
    for args in [
        &["--help"][..],
        &["--version"],
        &["check", "--help"],
        &["lint", "policy", "--help"],
    ] {
        let ran = mta_sts(args);
        assert_eq!(ran.status, 0, "{args:?}");
        assert!(ran.stdout.contains("mta-sts"), "{ran:?}");
        assert_eq!(ran.stderr, "");
    }
    assert!(
        mta_sts(&["check", "--help"])
            .stdout
            .contains("Exit status: 0")
    );
}

#[test]
fn the_text_tells_what_senders_do_and_names_those_that_differ() {
    let healthy = mta_sts(&["check", "--practice", "healthy.example"]).stdout;
    assert!(
        healthy.contains(
            "\n  mx1.healthy.example: testing delivered, enforce delivered \
             – mx1.healthy.example offers TLS 1.3"
        ),
        "{healthy}"
    );
    assert!(!healthy.contains("see it differently"), "{healthy}");

    let typed = mta_sts(&["check", "--practice", "policy-content-type.example"]).stdout;
    let (_, senders) = typed
        .split_once("\nSome senders see it differently\n")
        .unwrap();
    for part in ["\nchasquid ignores the policy", "text/plain", "\n  Fix: "] {
        assert!(senders.contains(part), "{part}: {typed}");
    }
}

#[test]
fn what_is_published_is_compared_with_the_files_of_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("files");
    let (out, domain) = (out.to_str().unwrap(), "healthy.example");
    let generated = mta_sts(&[
        "generate",
        domain,
        "--mx",
        "*.other.example",
        "--id",
        "abc1",
        "--out",
        out,
    ]);
    assert_eq!(generated.status, 0, "{generated:?}");
    let facts = folder.path().join("facts.json");
    let facts = facts.to_str().unwrap();
    let asked = ["check", "--practice", domain, "--json", "--expect", out];
    let ran = mta_sts(&[&asked[..], &["--save-facts", facts]].concat());
    assert!(
        codes(&ran.json()["findings"]).contains(&"policy-differs"),
        "{ran:?}"
    );
    let saved: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(facts).unwrap()).unwrap();
    assert_eq!(saved["written"]["id"], "abc1");
    let file = fs::read_to_string(Path::new(out).join(".well-known/mta-sts.txt")).unwrap();
    assert_eq!(saved["written"]["text"], file);

    fs::remove_file(Path::new(out).join("dns-records.txt")).unwrap();
    let again = ["check", "--facts", facts, "--json", "--expect", out];
    assert_eq!(mta_sts(&again).stdout, ran.stdout, "the zone lines will do");

    let year_14645 = SystemTime::UNIX_EPOCH + Duration::from_secs(400_000_000_000);
    let policy = File::options()
        .append(true)
        .open(Path::new(out).join(".well-known/mta-sts.txt"));
    policy.unwrap().set_modified(year_14645).unwrap();
    let late = mta_sts(&again);
    assert_eq!(
        late.status, ran.status,
        "a disk may name any time: {late:?}"
    );
}

#[test]
fn a_policy_that_was_meant_and_is_not_there_is_a_problem() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let domain = "nothing-published.example";
    let generated = mta_sts(&["generate", domain, "--mx", "*.other.example", "--out", out]);
    assert_eq!(generated.status, 0, "{generated:?}");
    let ran = mta_sts(&["check", "--practice", domain, "--json", "--expect", out]);
    assert_eq!(ran.status, 1, "{ran:?}");
    let findings = &ran.json()["findings"];
    assert_eq!(findings[0]["severity"], "problem", "{findings}");

    let other = mta_sts(&["check", "--practice", "healthy.example", "--expect", out]);
    assert_eq!(other.status, 64, "{other:?}");
    assert!(
        other.stderr.contains("is not for healthy.example"),
        "{other:?}"
    );
}

#[test]
fn a_changed_policy_under_the_old_id_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let domain = "healthy.example";
    let report = mta_sts(&["check", "--practice", domain, "--json"]).json();
    let id = report["record"]["id"].as_str().unwrap();
    let generated = mta_sts(&[
        "generate",
        domain,
        "--mx",
        "*.other.example",
        "--id",
        id,
        "--out",
        out,
    ]);
    assert_eq!(generated.status, 0, "{generated:?}");
    let ran = mta_sts(&["check", "--practice", domain, "--json", "--expect", out]);
    assert!(
        codes(&ran.json()["findings"]).contains(&"record-id-not-bumped"),
        "{ran:?}"
    );
}

#[test]
fn a_folder_without_the_files_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let asked = ["check", "--practice", "null-mx.example", "--expect", out];
    let ran = mta_sts(&asked);
    assert_eq!(ran.status, 64, "{ran:?}");
    assert!(ran.stderr.contains("mta-sts.txt"), "{ran:?}");

    fs::create_dir(folder.path().join(".well-known")).unwrap();
    fs::write(
        folder.path().join(".well-known/mta-sts.txt"),
        "version: STSv1\n",
    )
    .unwrap();
    let ran = mta_sts(&asked);
    assert_eq!(ran.status, 64, "{ran:?}");
    assert!(ran.stderr.contains("dns-records.txt"), "{ran:?}");
}
