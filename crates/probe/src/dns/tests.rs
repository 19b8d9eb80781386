//! What an answer section says.

use hickory_proto::op::{MessageType, OpCode};
use hickory_proto::rr::Record;
use hickory_proto::rr::rdata::{CNAME, TXT};

use super::*;

fn question(name: &str) -> Query {
    Query::query(asked_name(name).unwrap(), RecordType::TXT)
}

fn message(code: ResponseCode, records: Vec<(&str, u32, RData)>) -> Message {
    let mut message = Message::new(1, MessageType::Response, OpCode::Query);
    message.metadata.response_code = code;
    for (name, ttl, data) in records {
        message.add_answer(Record::from_rdata(asked_name(name).unwrap(), ttl, data));
    }
    message
}

fn alias(target: &str) -> RData {
    RData::CNAME(CNAME(asked_name(target).unwrap()))
}

fn text(data: &RData) -> Option<String> {
    match data {
        RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
        _ => None,
    }
}

#[test]
fn aliases_are_followed_in_order_and_the_smallest_ttl_counts() {
    let message = message(
        ResponseCode::NoError,
        vec![
            (
                "c.example",
                300,
                RData::TXT(TXT::new(vec!["one".into(), "two".into()])),
            ),
            ("b.example", 60, alias("c.example")),
            ("a.example", 900, alias("B.example")),
            ("d.example", 1, RData::TXT(TXT::new(vec!["foreign".into()]))),
        ],
    );
    let answer = answer(&message, &question("A.example"), text).unwrap();
    assert_eq!(answer.aliases, ["b.example", "c.example"]);
    assert_eq!(answer.records, ["onetwo"]);
    assert_eq!(answer.ttl_secs, Some(60));
}

#[test]
fn aliases_that_run_in_a_circle_are_a_failure_that_names_them() {
    let message = message(
        ResponseCode::NoError,
        vec![
            ("a.example", 60, alias("b.example")),
            ("b.example", 60, alias("a.example")),
        ],
    );
    let failure = answer(&message, &question("a.example"), text).unwrap_err();
    assert_eq!(failure.kind, FailureKind::AliasLoop);
    assert_eq!(failure.detail, "a.example → b.example → a.example");
}

#[test]
fn a_missing_name_behind_an_alias_keeps_the_alias() {
    let message = message(
        ResponseCode::NXDomain,
        vec![("a.example", 60, alias("gone.example"))],
    );
    let answer = answer(&message, &question("a.example"), text).unwrap();
    assert!(!answer.name_exists);
    assert_eq!(answer.aliases, ["gone.example"]);
}

#[test]
fn one_failed_family_hides_addresses_of_the_other_only_where_there_are_none() {
    let failed = || Observed::Failed(ProbeFailure::new(FailureKind::TimedOut, "8 s"));
    let one = Answer::of([Ipv4Addr::new(192, 0, 2, 1)]);
    assert!(
        both_families(Observed::Seen(one), failed())
            .seen()
            .is_some()
    );
    assert!(
        both_families(Observed::Seen(Answer::no_data()), failed())
            .failed()
            .is_some()
    );
}
