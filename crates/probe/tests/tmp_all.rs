//! tmp
use mta_sts_core::*; use mta_sts_lab::*; use mta_sts_probe::*; use std::sync::Mutex; use time::OffsetDateTime;
#[tokio::test]
async fn all() {
    let lab = Lab::start(scenarios()).await.unwrap();
    let mut futures = Vec::new();
    for s in scenarios() {
        let e = Endpoints::practice(lab.resolver(), lab.routes(), lab.trust_root_der(), lab.control_hosts_for(&s.domain), lab.control_web_host());
        let probe = Probe::new(e).unwrap();
        futures.push(async move {
            let mut plan = Plan::new(s.domain.parse().unwrap()); plan.legacy = true;
            plan.timeouts.policy = std::time::Duration::from_secs(12);
            let at = OffsetDateTime::now_utc();
            let began = std::time::Instant::now();
            let facts = Mutex::new(Facts::new(plan.domain.clone(), at));
            probe.check(&plan, at, |f| facts.lock().unwrap().fold(f)).await;
            let facts = facts.into_inner().unwrap();
            let report = judge(&facts);
            let mut codes: Vec<String> = report.findings.iter().map(|f| f.code.to_string()).chain(report.not_checked.iter().map(|n| n.code.to_string())).collect();
            codes.sort(); codes.dedup();
            let took = began.elapsed();
            let ok = codes == s.expected;
            println!("{} {:32} {:6} ms expected {:?} got {:?}", if ok {"ok  "} else {"DIFF"}, s.name, took.as_millis(), s.expected, codes);
        });
    }
    let mut set = tokio::task::JoinSet::new();
    for f in futures { set.spawn(f); }
    set.join_all().await;
}
