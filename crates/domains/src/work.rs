//! One domain: what was seen, what the person decided, and what has been live.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use mta_sts_core::facts::KnownPolicy;
use mta_sts_core::{Change, Domain, Facts, History, Propagation, Served, Setup};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::draft::Draft;

/// The four steps of the wizard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Choose a domain and check its mail servers.
    #[default]
    Check,
    /// Create the records and the policy.
    Create,
    /// Publish them and watch them arrive.
    Publish,
    /// Save the files.
    Finish,
}

/// The form in which the files are saved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SaveForm {
    /// Separate files in a folder.
    #[default]
    Folder,
    /// One ZIP file, to pass on.
    Zip,
}

/// Everything saved for one domain except its TLS reports, which have their own file.
///
/// Fields that a newer version added are carried along unchanged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// The domain.
    pub domain: Domain,
    /// The step in which the person left it.
    #[serde(default)]
    pub step: Step,
    /// What the last check saw, even if it was stopped.
    #[serde(default)]
    pub facts: Option<Arc<Facts>>,
    /// The choices of step 2, once it was entered.
    #[serde(default)]
    pub draft: Option<Draft>,
    /// What was seen published, and what has been live everywhere.
    #[serde(flatten)]
    pub history: History,
    /// Names of public resolvers that are skipped.
    #[serde(default)]
    pub left_out: BTreeSet<String>,
    /// What is in the folder field.
    #[serde(default)]
    pub folder_text: String,
    /// The form in which the files are saved.
    #[serde(default)]
    pub save_form: SaveForm,
    /// The files that were saved, with their modification times.
    #[serde(default)]
    pub written: BTreeMap<PathBuf, SystemTime>,
    /// The plan that the person follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Change>,
    /// What a newer version of this program saved.
    #[serde(flatten)]
    pub(crate) newer: Map<String, Value>,
}

impl Work {
    /// A domain about which nothing is known yet.
    #[must_use]
    pub fn new(domain: Domain) -> Self {
        Self {
            domain,
            step: Step::Check,
            facts: None,
            draft: None,
            history: History::default(),
            left_out: BTreeSet::new(),
            folder_text: String::new(),
            save_form: SaveForm::Folder,
            written: BTreeMap::new(),
            plan: None,
            newer: Map::new(),
        }
    }

    /// Takes in what a check saw, whether it finished, was stopped or ran elsewhere. The draft gets
    /// the current mail servers.
    pub fn take_facts(&mut self, mut facts: Facts) {
        // Every check includes what senders may know, so that a change without a new id shows.
        let known = self.known_to_senders();
        facts.earlier = known.or(facts.earlier);
        self.history.note(&facts);
        if let Some(draft) = &mut self.draft
            && facts.mx.seen().is_some()
        {
            draft.check_again(&facts, &self.history, facts.checked_at);
        }
        self.facts = Some(Arc::new(facts));
    }

    /// Takes in what one look at the publication saw.
    pub fn take_look(&mut self, seen: &Propagation) {
        let mut facts = Facts::new(self.domain.clone(), seen.asked_at);
        facts.policy = seen.policy.clone();
        if let Some(mut published) = facts.published() {
            let id = seen.published(&self.domain).map(|setup| setup.id);
            published.id = id.map(|id| id.to_string());
            self.history.note_policy(&published);
        }
    }

    /// Notes that the draft has been seen live everywhere.
    pub fn note_live(&mut self, setup: &Setup, now: OffsetDateTime) {
        self.history.note_live(setup, now);
    }

    /// What the next check compares with, so that a change without a new id shows.
    #[must_use]
    pub fn known_to_senders(&self) -> Option<KnownPolicy> {
        let known = self.facts.as_ref().and_then(|it| it.known_to_senders());
        let latest = self.history.policies.iter().max_by_key(|it| it.last_seen);
        known.or_else(|| latest.map(Served::known))
    }

    /// The setup of the draft, if it is valid.
    #[must_use]
    pub fn setup(&self) -> Option<Setup> {
        self.draft.as_ref()?.setup(self.facts.as_ref()?)
    }

    /// Since when the mode of the draft has been live everywhere; an earlier version of the policy
    /// in the same mode counts.
    #[must_use]
    pub fn live_since(&self) -> Option<OffsetDateTime> {
        let mode = self.draft.as_ref()?.mode;
        let live = self.history.live.as_ref()?;
        (live.mode == mode).then_some(live.since)
    }

    /// Whether this very version of the draft has been seen live everywhere.
    #[must_use]
    pub fn is_live(&self) -> bool {
        let id = self.draft.as_ref().map(|draft| &draft.id);
        id.is_some()
            && id == self.history.live.as_ref().map(|live| &live.id)
            && self.live_since().is_some()
    }
}

#[cfg(test)]
mod tests {
    use mta_sts_core::facts::{MailServer, Observed, PolicyFetch};
    use mta_sts_core::{Mode, judge};
    use time::Duration;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);

    fn drafted() -> Work {
        let mut work = Work::new(Domain::parse("example.com").unwrap());
        let mut facts = Facts::new(work.domain.clone(), NOW);
        facts.mail_servers = vec![MailServer::named("mx.example.com", 10)];
        work.draft = Some(Draft::new(&facts, &judge(&facts), NOW));
        work.take_facts(facts);
        work
    }

    #[test]
    fn a_new_mail_server_or_a_corrected_address_does_not_begin_the_two_weeks_anew() {
        let mut work = drafted();
        work.note_live(&work.setup().unwrap(), NOW);
        assert!(work.is_live());
        let later = NOW + Duration::days(5);
        let draft = work.draft.as_mut().unwrap();
        draft.new_mx = "mx2.example.com".into();
        draft.add_mx().unwrap();
        draft.renew_id(work.facts.as_ref().unwrap(), &History::default(), later);
        assert!(!work.is_live(), "the new version is not published yet");
        assert_eq!(work.live_since(), Some(NOW));
        work.note_live(&work.setup().unwrap(), later);
        assert!(work.is_live());
        assert_eq!(work.live_since(), Some(NOW));
    }

    #[test]
    fn another_mode_begins_when_it_is_seen() {
        let mut work = drafted();
        work.note_live(&work.setup().unwrap(), NOW);
        let later = NOW + Duration::days(14);
        let facts = Arc::clone(work.facts.as_ref().unwrap());
        let draft = work.draft.as_mut().unwrap();
        draft.choose(Mode::Enforce);
        draft.renew_id(&facts, &History::default(), later);
        assert_eq!(work.live_since(), None);
        work.note_live(&work.setup().unwrap(), later);
        assert_eq!(work.live_since(), Some(later));
    }

    #[test]
    fn every_policy_that_was_served_stays_known() {
        let mut work = Work::new(Domain::parse("example.com").unwrap());
        for (day, max_age) in [(0, 604_800), (1, 604_800), (2, 86_400)] {
            let at = NOW + Duration::days(day);
            let mut facts = Facts::new(work.domain.clone(), at);
            let text =
                format!("version: STSv1\nmode: testing\nmx: mx.example.com\nmax_age: {max_age}\n");
            facts.policy = Observed::Seen(PolicyFetch::of_file(text.as_bytes()));
            work.take_facts(facts);
        }
        let seen: Vec<_> = work
            .history
            .policies
            .iter()
            .map(|it| (it.max_age_secs, it.first_seen, it.last_seen))
            .collect();
        assert_eq!(
            seen,
            [
                (604_800, NOW, NOW + Duration::DAY),
                (86_400, NOW + Duration::days(2), NOW + Duration::days(2)),
            ]
        );
    }

    #[test]
    fn what_a_newer_version_saved_is_carried_along() {
        let mut json = serde_json::to_value(drafted()).unwrap();
        json["invented_later"] = serde_json::json!({ "a": 1 });
        json["draft"]["invented_later"] = true.into();
        let work: Work = serde_json::from_value(json.clone()).unwrap();
        let again = serde_json::to_value(work).unwrap();
        assert_eq!(again["invented_later"], json["invented_later"]);
        assert_eq!(again["draft"]["id"], json["draft"]["id"]);
    }
}
