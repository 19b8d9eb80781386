//! The summary never counts one cause twice: domains with several things wrong at once, and exactly
//! the codes that each must give. Every case begins with the recorded facts of a healthy domain.

use mta_sts_core::{Facts, judge};
use serde_json::{Value, json};

/// What is done to the facts of the healthy domain.
type Change = fn(&mut Value);

#[test]
fn each_cause_is_told_once() {
    for (name, change, expected) in CASES {
        let mut facts: Value = serde_json::from_str(include_str!("recorded/healthy.json")).unwrap();
        change(&mut facts);
        let facts = Facts::from_json(&facts.to_string()).unwrap_or_else(|error| {
            panic!("{name}: {error}");
        });
        let report = judge(&facts);
        let found = report.findings.iter().map(|finding| finding.rule.code);
        let not_checked = report.not_checked.iter().map(|entry| entry.rule.code);
        let mut codes: Vec<&str> = found.chain(not_checked).collect();
        codes.sort_unstable();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(codes, expected, "{name}: {:#?}", report.findings);
    }
}

const CASES: &[(&str, Change, &[&str])] = &[
    ("nothing wrong", |_| (), &[]),
    (
        "a mail server’s certificate is self-signed, expired and for another name",
        |facts| {
            for chain in chains_of(facts, 1) {
                chain["trust"] = json!("self-signed");
                chain["certificates"][0]["not_after"] = json!("2026-03-01T00:00:00Z");
                chain["certificates"][0]["dns_names"] = json!(["old.example"]);
            }
        },
        &["cert-self-signed", "cert-expired", "cert-name-mismatch"],
    ),
    (
        "the same certificate fails at both addresses of a host",
        |facts| {
            for chain in chains_of(facts, 0) {
                chain["trust"] = json!({ "unknown-root": { "root": "CN=Office" } });
            }
        },
        &["cert-untrusted"],
    ),
    (
        "an expired certificate with its name in the common name alone, and no intermediate",
        |facts| {
            for chain in chains_of(facts, 1) {
                chain["trust"] = json!({ "issuer-missing": { "issuer": "CN=Intermediate" } });
                chain["certificates"][0]["not_after"] = json!("2026-03-01T00:00:00Z");
                chain["certificates"][0]["dns_names"] = json!([]);
            }
        },
        &["cert-chain-incomplete", "cert-expired", "cert-no-san"],
    ),
    (
        "the handshake with the policy host fails and its certificate has expired",
        |facts| {
            policy_chain(facts)["certificates"][0]["not_after"] = json!("2026-03-01T00:00:00Z");
            fetch(facts)["response"] = failed("tls-handshake");
        },
        &["policy-cert-expired"],
    ),
    (
        "the policy host has nothing newer than TLS 1.1",
        |facts| {
            fetch(facts)["chain"] = json!("not-asked");
            fetch(facts)["response"] = failed("tls-too-old");
        },
        &["policy-tls-too-old"],
    ),
    (
        "the policy host ends the handshake with an alert",
        |facts| {
            fetch(facts)["chain"] = json!("not-asked");
            fetch(facts)["response"] = failed("tls-handshake");
        },
        &["policy-tls-failed"],
    ),
    (
        "a policy file whose lines end with CR alone",
        |facts| body(facts, &POLICY.replace("\r\n", "\r")),
        &["policy-syntax"],
    ),
    (
        "a web page with status 404 that sends the reader on",
        |facts| {
            response(facts)["status"] = json!(404);
            response(facts)["location"] = json!("https://www.healthy.example/");
            page(facts, "<!DOCTYPE html><title>Not found</title>");
        },
        &["policy-http-status"],
    ),
    (
        "a redirect with a web page as its body",
        |facts| {
            response(facts)["status"] = json!(301);
            response(facts)["location"] = json!("https://www.healthy.example/");
            page(facts, "<html>Moved</html>");
        },
        &["policy-redirect"],
    ),
    (
        "a web page with status 200, labelled as such",
        |facts| page(facts, "<html><title>Welcome</title>"),
        &["policy-html"],
    ),
    (
        "a protection against robots with status 403 and its page",
        |facts| {
            response(facts)["status"] = json!(403);
            page(facts, "<html><title>Just a moment...</title>");
        },
        &["policy-blocked"],
    ),
    (
        "a protection against robots with status 200",
        |facts| page(facts, "<html><title>Just a moment...</title>"),
        &["policy-blocked"],
    ),
    (
        "an empty file without a label",
        |facts| {
            response(facts)["content_type"] = Value::Null;
            body(facts, "");
        },
        &["policy-empty"],
    ),
    (
        "JSON in place of a policy",
        |facts| {
            let text = "{\"version\": \"STSv1\", \"mode\": \"enforce\", \"max_age\": 604800}";
            body(facts, text);
        },
        &["policy-syntax"],
    ),
    (
        "a page of prose in place of a policy",
        |facts| {
            body(
                facts,
                "Welcome to our site!\nWe are moving house.\nPlease come back soon.\n",
            );
        },
        &["policy-syntax"],
    ),
    (
        "the text record in place of the policy",
        |facts| body(facts, "v=STSv1; id=20261101T000000Z;\n"),
        &["policy-syntax"],
    ),
    (
        "two policy files, one after the other",
        |facts| body(facts, &format!("{POLICY}{POLICY}")),
        &["policy-duplicate-field"],
    ),
    (
        "two policy files whose joint lost its line break",
        |facts| body(facts, &format!("{}{POLICY}", POLICY.trim_end())),
        &["policy-syntax"],
    ),
    (
        "every line indented",
        |facts| {
            body(
                facts,
                &format!("  {}", POLICY.trim_end().replace("\r\n", "\r\n  ")),
            );
        },
        &["policy-indented"],
    ),
    (
        "a byte order mark and an empty line: two slips of one editor",
        |facts| {
            body(
                facts,
                &format!("\u{feff}{}", POLICY.replacen("\r\n", "\r\n\r\n", 1)),
            );
        },
        &["policy-bom", "policy-blank-line"],
    ),
    (
        "a file beyond the limit that begins like a policy",
        |facts| {
            response(facts)["too_large"] = json!(true);
            body(facts, "version: STSv1\r\nmode: enf");
        },
        &["policy-too-large"],
    ),
    (
        "a star over a provider whose names have two parts before it",
        |facts| {
            facts["mx"]["seen"]["records"] = json!([
                { "preference": 1, "exchange": "aspmx.l.google.com" },
                { "preference": 5, "exchange": "alt1.aspmx.l.google.com" },
            ]);
            facts["mail_servers"] = json!([]);
            body(
                facts,
                "version: STSv1\r\nmode: enforce\r\nmx: *.google.com\r\nmax_age: 604800\r\n",
            );
        },
        &["policy-mx-wildcard-depth"],
    ),
    (
        "a star over the own domain beside a host below it",
        |facts| {
            let policy = POLICY.replace("mx: mx1.healthy.example\r\n", "");
            body(facts, &policy.replace("mx2.healthy", "*.healthy"));
        },
        &["policy-mx-wildcard-broad"],
    ),
    (
        "a mail server that is gone and that the policy lists",
        |facts| {
            facts["mail_servers"][1]["ipv4"] = nothing();
            facts["mail_servers"][1]["ipv6"] = nothing();
            facts["mail_servers"][1]["sessions"] = json!([]);
        },
        &["mx-not-found"],
    ),
    (
        "a mail server with weak suites alone at each of its addresses",
        |facts| handshakes_end(facts, &json!("1.2")),
        &["tls-weak-suites-only"],
    ),
    (
        "a mail server that hangs up on new versions and takes an old one",
        |facts| handshakes_end(facts, &json!("1.0")),
        &["tls-too-old"],
    ),
    (
        "no STARTTLS at either address",
        |facts| {
            for session in sessions_of(facts, 0) {
                session["ehlo"] = json!({ "seen": { "code": 250, "lines": ["mx", "SIZE 1"] } });
                for step in ["starttls", "tls", "chain", "ehlo_in_tls"] {
                    session[step] = json!("not-asked");
                }
            }
        },
        &["starttls-missing"],
    ),
    (
        "the policy does not come over IPv6, and its certificate there is another one",
        |facts| {
            facts["policy_host"]["seen"]["records"] = json!(["203.0.113.128", "2001:db8::80"]);
            facts["policy_over_ipv6"] = facts["policy"].clone();
            let over_ipv6 = &mut facts["policy_over_ipv6"]["seen"];
            over_ipv6["chain"]["seen"]["trust"] = json!("self-signed");
            over_ipv6["response"]["seen"]["status"] = json!(404);
        },
        &["policy-ipv6-broken"],
    ),
    (
        "the policy host is gone while the record stays",
        |facts| {
            facts["policy_host"] = nothing();
            facts["policy"] = json!("not-asked");
        },
        &["policy-host-missing"],
    ),
    (
        "a record in quotation marks, whose id has forbidden characters too",
        |facts| facts["record"]["seen"]["records"] = json!(["\"v=STSv1; id=2026-11-01;\""]),
        &["record-quoted"],
    ),
    (
        "the record stands at the domain itself, and nothing at its name",
        |facts| {
            let texts = facts["record"].clone();
            facts["near_misses"] = json!([{ "name": "healthy.example", "texts": texts }]);
            facts["record"] = nothing();
        },
        &["record-wrong-place"],
    ),
    (
        "the name of the record is an alias for a name that is gone",
        |facts| {
            facts["record"] = nothing();
            facts["record"]["seen"]["aliases"] = json!(["_mta-sts.former-host.example"]);
        },
        &["record-cname-dangling"],
    ),
    (
        "the policy stands at the domain itself, and its own host answers 404",
        |facts| {
            let fetch = facts["policy"].clone();
            let url = "https://healthy.example/.well-known/mta-sts.txt";
            facts["stray_policies"] = json!([{ "url": url, "fetch": fetch }]);
            response(facts)["status"] = json!(404);
        },
        &["policy-wrong-place"],
    ),
    (
        "the record for TLS reports stands at a misspelt name",
        |facts| {
            let texts = facts["tls_rpt"].clone();
            let name = "_smtp.tls.healthy.example";
            facts["near_misses"] = json!([{ "name": name, "texts": texts }]);
            facts["tls_rpt"] = nothing();
        },
        &["tlsrpt-wrong-name"],
    ),
    (
        "two records, one of them faulty",
        |facts| {
            facts["record"]["seen"]["records"] = json!(["v=STSv1; id=1;", "v=STSv1; id=!;"]);
        },
        &["record-multiple"],
    ),
    (
        "the TLSA records of a host match neither of its addresses",
        |facts| {
            facts["mail_servers"][0]["tlsa"] = json!({ "seen": {
                "authenticated": true,
                "records": [{ "usage": 3, "selector": 1, "matching": 1, "data": "00" }],
            } });
        },
        &["dane-mismatch"],
    ),
];

const POLICY: &str = "version: STSv1\r\nmode: enforce\r\nmx: mx1.healthy.example\r\nmx: \
                      mx2.healthy.example\r\nmax_age: 1209600\r\n";

fn sessions_of(facts: &mut Value, server: usize) -> impl Iterator<Item = &mut Value> {
    let sessions = facts["mail_servers"][server]["sessions"].as_array_mut();
    sessions.into_iter().flatten()
}

fn chains_of(facts: &mut Value, server: usize) -> impl Iterator<Item = &mut Value> {
    sessions_of(facts, server).map(|session| &mut session["chain"]["seen"])
}

/// The handshakes of the first mail server end with an alert; offered everything, it takes this
/// version with an old suite.
fn handshakes_end(facts: &mut Value, version: &Value) {
    for session in sessions_of(facts, 0) {
        session["tls"] = failed("tls-handshake");
        session["chain"] = json!("not-asked");
        session["ehlo_in_tls"] = json!("not-asked");
        session["anything_goes"] = json!({ "seen": {
            "version": version,
            "cipher": "TLS_RSA_WITH_AES_128_CBC_SHA",
            "key_exchange": null,
        } });
    }
}

fn fetch(facts: &mut Value) -> &mut Value {
    &mut facts["policy"]["seen"]
}

fn policy_chain(facts: &mut Value) -> &mut Value {
    &mut fetch(facts)["chain"]["seen"]
}

fn response(facts: &mut Value) -> &mut Value {
    &mut fetch(facts)["response"]["seen"]
}

fn body(facts: &mut Value, text: &str) {
    response(facts)["body"] = json!({ "text": text });
}

fn page(facts: &mut Value, text: &str) {
    response(facts)["content_type"] = json!("text/html; charset=utf-8");
    body(facts, text);
}

/// The name does not exist.
fn nothing() -> Value {
    json!({ "seen":
        { "name_exists": false, "records": [], "ttl_secs": null, "aliases": [] } })
}

fn failed(kind: &str) -> Value {
    json!({ "failed": { "kind": kind, "detail": "in a test" } })
}
