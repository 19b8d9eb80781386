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

/// A resolver that answers SERVFAIL to so many questions before it checks signatures properly, and says
/// whether the zone is signed. Returns what a lookup of a TXT record gives.
async fn behind_failures(failures: u32, signed: bool) -> Observed<Answer<String>> {
    let socket = tokio::net::UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
    let address = socket.local_addr().unwrap();
    let serve = async move {
        let mut left = failures;
        let mut incoming = [0; 2048];
        loop {
            let (length, client) = socket.recv_from(&mut incoming).await.unwrap();
            let asked = Message::from_vec(&incoming[..length]).unwrap();
            let question = asked.queries[0].clone();
            let mut reply = Message::new(asked.id, MessageType::Response, OpCode::Query);
            reply.add_query(question.clone());
            let data = match question.query_type() {
                RecordType::DS if signed && question.name().num_labels() == 2 => {
                    let rdata = hickory_proto::rr::rdata::NULL::with(vec![0; 36]);
                    let code = RecordType::DS;
                    Some(RData::Unknown { code, rdata })
                }
                RecordType::TXT => Some(RData::TXT(TXT::new(vec!["text".into()]))),
                _ => None,
            };
            if !asked.metadata.checking_disabled && left > 0 {
                left -= 1;
                reply.metadata.response_code = ResponseCode::ServFail;
            } else if let Some(data) = data {
                reply.add_answer(Record::from_rdata(question.name().clone(), 60, data));
            }
            socket
                .send_to(&reply.to_vec().unwrap(), client)
                .await
                .unwrap();
        }
    };
    let resolver = NameServers {
        addresses: vec![address],
        recursion: true,
        transport: Transport::Plain,
        within: Duration::from_secs(8),
    };
    tokio::select! {
        () = serve => unreachable!(),
        answer = resolver.txt("_mta-sts.example.com") => answer,
    }
}

#[tokio::test]
async fn a_resolver_that_failed_for_a_moment_is_heard_out() {
    for signed in [false, true] {
        let answer = behind_failures(2, signed).await;
        assert_eq!(answer.seen().unwrap().records, ["text"], "{signed}");
    }
}

#[tokio::test]
async fn a_failure_that_stays_is_one_of_signatures_only_in_a_signed_zone() {
    let unsigned = behind_failures(u32::MAX, false).await;
    assert_eq!(unsigned.failed().unwrap().kind, FailureKind::ServFail);
    let signed = behind_failures(u32::MAX, true).await;
    assert_eq!(signed.failed().unwrap().kind, FailureKind::DnssecBroken);
}

#[test]
fn records_of_another_class_are_none() {
    let mut message = message(ResponseCode::NoError, vec![]);
    let data = RData::TXT(TXT::new(vec!["chaos".into()]));
    let mut record = Record::from_rdata(asked_name("a.example").unwrap(), 60, data);
    record.dns_class = hickory_proto::rr::DNSClass::CH;
    message.add_answer(record);
    let answer = answer(&message, &question("a.example"), text).unwrap();
    assert_eq!(answer.records, [""; 0]);
}

#[test]
fn an_answer_with_too_many_records_is_not_judged_in_part() {
    let text_record = |number: usize| {
        let data = RData::TXT(TXT::new(vec![number.to_string()]));
        ("a.example", 60, data)
    };
    let records = (0..=MAX_RECORDS).map(text_record).collect();
    let message = message(ResponseCode::NoError, records);
    let failure = answer(&message, &question("a.example"), text).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Other);
}
