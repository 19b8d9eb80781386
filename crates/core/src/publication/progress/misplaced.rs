//! Records that were added at a name where nobody looks.

use super::{Place, Sight, Stage};
use crate::code;
use crate::facts::{Answer, Facts, KnownPolicy, Observed};
use crate::judge;
use crate::publication::artifacts::Setup;
use crate::publication::propagation::Propagation;
use crate::rules::finding::{Area, Finding};

/// What the rules say of records that a name server has elsewhere, with the way to move them.
pub(super) fn findings(propagation: &Propagation, setup: &Setup) -> Vec<Finding> {
    let mut facts = Facts::new(setup.domain.clone(), propagation.asked_at);
    facts.zone = propagation.zone.clone();
    facts.near_misses.clone_from(&propagation.near_misses);
    facts.written = Some(KnownPolicy {
        at: propagation.asked_at,
        id: Some(setup.id.to_string()),
        text: setup.policy.write(),
    });
    // Where no name server answered, the rules say nothing.
    let seen = |answer: Option<&Answer<String>>| match answer {
        Some(answer) => Observed::Seen(answer.clone()),
        None => Observed::NotAsked,
    };
    facts.record = seen(propagation.first_answer(|view| &view.record));
    facts.tls_rpt = seen(propagation.first_answer(|view| &view.tls_rpt));
    judge::run(&facts, |rule| match rule.code {
        code::RECORD_WRONG_PLACE => true,
        code::TLSRPT_WRONG_NAME => !setup.rua.is_empty(),
        _ => false,
    })
}

/// One row for each record of this area that stands elsewhere.
pub(super) fn sights(findings: &[Finding], area: Area) -> impl Iterator<Item = Sight> {
    let found = findings.iter().filter(move |it| it.rule.area == area);
    found.map(|finding| Sight {
        place: Place::NameServers,
        who: "other names".into(),
        stage: Stage::Wrong,
        saw: finding.evidence.clone(),
        until: None,
    })
}
