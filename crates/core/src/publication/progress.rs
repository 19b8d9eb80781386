//! How far a publication is: a look ([`Propagation`]) compared with the setup that is meant to be
//! published.

mod misplaced;
mod policy_file;
mod records;

use std::collections::BTreeSet;

use serde::Serialize;
use time::{Duration, OffsetDateTime, UtcOffset};

use crate::facts::server_view::{Observer, ServerView};
use crate::facts::{Answer, Observed};
use crate::publication::artifacts::Setup;
use crate::publication::propagation::Propagation;
use crate::rules::finding::{Area, Finding};
use crate::text::date_style::clock_time;
use crate::text::wording::duration;

/// How far each of the four things to publish is, observer by observer.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// The TLS-RPT record; empty where the setup has none.
    pub tls_report: Vec<Sight>,
    /// The policy host, `mta-sts.DOMAIN`.
    pub policy_host: Vec<Sight>,
    /// The policy file, over each family of addresses that its host has.
    pub policy_file: Vec<Sight>,
    /// The MTA-STS record.
    pub record: Vec<Sight>,
    /// What the rules say of misplaced records, the policy host and the file, with the fix.
    pub findings: Vec<Finding>,
}

/// One of the four things to publish, in the order in which they are published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Piece {
    /// The TLS-RPT record.
    TlsReport,
    /// The policy host.
    PolicyHost,
    /// The policy file.
    PolicyFile,
    /// The MTA-STS record.
    Record,
}

impl Piece {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [
        Self::TlsReport,
        Self::PolicyHost,
        Self::PolicyFile,
        Self::Record,
    ];

    /// What a person calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TlsReport => "TLS-RPT record",
            Self::PolicyHost => "policy host",
            Self::PolicyFile => "policy file",
            Self::Record => "MTA-STS record",
        }
    }
}

/// A kind of place where something published is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The authoritative name servers.
    NameServers,
    /// The resolver of this computer.
    ThisResolver,
    /// Resolvers that answer everybody.
    PublicResolvers,
    /// The web server, over IPv4 where it has that.
    Web,
    /// The web server over IPv6, where it has both.
    WebOverIpv6,
}

impl Place {
    /// All of them, in the order in which something published arrives there.
    pub const ALL: [Self; 5] = [
        Self::NameServers,
        Self::ThisResolver,
        Self::PublicResolvers,
        Self::Web,
        Self::WebOverIpv6,
    ];

    fn of(observer: &Observer) -> Self {
        match observer {
            Observer::NameServer { .. } => Self::NameServers,
            Observer::SystemResolver => Self::ThisResolver,
            Observer::PublicResolver { .. } => Self::PublicResolvers,
        }
    }
}

/// What one observer sees of one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sight {
    /// Where it was looked for.
    #[serde(skip)]
    pub place: Place,
    /// Who looked, in words. Safe to show.
    pub who: String,
    /// How far it is there.
    pub stage: Stage,
    /// What was seen, in a sentence. Safe to show.
    pub saw: String,
    /// When a cache lets go of something that is not what is meant, UTC.
    #[serde(with = "time::serde::rfc3339::option")]
    pub until: Option<OffsetDateTime>,
}

/// How far all of it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// What stands for the whole; [`Stage::NotYet`] while some of it is on its way.
    pub stage: Stage,
    /// The sentence.
    pub text: String,
}

/// How far one thing is at one observer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// What is meant to be published.
    Correct,
    /// Nothing there yet. No fault.
    NotYet,
    /// Another version, valid in itself.
    Old,
    /// Something that senders would not take.
    Wrong,
    /// The observer did not answer.
    Unknown,
}

impl Stage {
    /// In words for a person.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Correct => "correct",
            Self::NotYet => "not there yet",
            Self::Old => "old version",
            Self::Wrong => "wrong",
            Self::Unknown => "couldn’t check",
        }
    }
}

impl Sight {
    /// What was seen, and until when a cache will go on saying so, on a clock of this offset.
    #[must_use]
    pub fn told(&self, offset: UtcOffset) -> String {
        let Some(until) = self.until else {
            return self.saw.clone();
        };
        let local = until.checked_to_offset(offset);
        // At the ends of the calendar a moment may have no local time.
        let (until, offset) = local.map_or((until, until.offset()), |it| (it, offset));
        let zone = if offset.is_utc() { " UTC" } else { "" };
        let clock = clock_time(until.time());
        let what = match self.stage {
            Stage::NotYet => "This resolver still has “no record” cached until",
            _ => "This resolver will fetch the new version at",
        };
        format!("{} {what} {clock}{zone}.", self.saw)
    }
}

impl Progress {
    /// True when nobody could be asked.
    #[must_use]
    pub(crate) fn is_unknown(&self) -> bool {
        let unknown = |sight: &Sight| sight.stage == Stage::Unknown;
        let records = [Piece::TlsReport, Piece::PolicyHost, Piece::Record];
        let records = records.map(|piece| self.of_piece(piece)).concat();
        !records.is_empty() && records.iter().all(unknown)
    }

    /// Compares what was seen with what is meant. Total.
    #[must_use]
    pub fn of(propagation: &Propagation, setup: &Setup) -> Self {
        let mut views: Vec<&ServerView> = propagation.views.iter().collect();
        views.sort_by(|a, b| a.observer.cmp(&b.observer));
        let each = |sight: &dyn Fn(&ServerView) -> Sight| -> Vec<Sight> {
            let seen = views.iter().map(|view| sight(view));
            seen.chain(no_name_servers(propagation)).collect()
        };
        let mut findings = misplaced::findings(propagation, setup);
        let with_misplaced = |mut sights: Vec<Sight>, area| {
            sights.extend(misplaced::sights(&findings, area));
            sights
        };
        let tls_report = match setup.tls_rpt_record() {
            Some(record) => each(&|view| {
                let seen = records::tls_report(&view.tls_rpt, &record.value);
                sight(view, &view.tls_rpt, seen)
            }),
            None => Vec::new(),
        };
        let record = each(&|view| {
            let seen = records::record(&view.record, setup);
            sight(view, &view.record, seen)
        });
        let tls_report = with_misplaced(tls_report, Area::TlsRpt);
        let record = with_misplaced(record, Area::Record);
        let (policy_file, of_the_file) = policy_file::sights(propagation, setup);
        findings.extend(of_the_file);
        Self {
            tls_report,
            policy_host: each(&|view| {
                sight(
                    view,
                    &view.policy_host,
                    records::policy_host(&view.policy_host),
                )
            }),
            policy_file,
            record,
            findings,
        }
    }

    /// The same, with a reason wherever something was correct at an earlier look and is not now.
    #[must_use]
    pub fn after(mut self, earlier: &Self) -> Self {
        for piece in Piece::ALL {
            let before = earlier.of_piece(piece);
            let now = self.of_piece_mut(piece).iter_mut();
            for sight in now.filter(|it| it.stage != Stage::Correct) {
                let was_correct = |it: &Sight| it.who == sight.who && it.has_been_correct();
                if before.iter().any(was_correct) {
                    sight.saw = format!("{} {WAS_CORRECT}", sight.saw);
                }
            }
        }
        self
    }

    /// True when every observer that answered sees what is meant. A server that could not be asked
    /// is no obstacle: many machines have no IPv6, and some networks let nobody ask others.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let is_left_out = |piece| piece == Piece::TlsReport && self.tls_report.is_empty();
        Piece::ALL
            .into_iter()
            .all(|piece| is_left_out(piece) || self.is_done(piece))
    }

    /// What was seen of one thing; empty where the setup has none.
    #[must_use]
    pub fn of_piece(&self, piece: Piece) -> &[Sight] {
        match piece {
            Piece::TlsReport => &self.tls_report,
            Piece::PolicyHost => &self.policy_host,
            Piece::PolicyFile => &self.policy_file,
            Piece::Record => &self.record,
        }
    }

    fn of_piece_mut(&mut self, piece: Piece) -> &mut [Sight] {
        match piece {
            Piece::TlsReport => &mut self.tls_report,
            Piece::PolicyHost => &mut self.policy_host,
            Piece::PolicyFile => &mut self.policy_file,
            Piece::Record => &mut self.record,
        }
    }

    /// Whether one thing is seen by everybody who answered.
    #[must_use]
    pub fn is_done(&self, piece: Piece) -> bool {
        let is_at_hand = |it: &Sight| matches!(it.stage, Stage::Correct | Stage::Unknown);
        match piece {
            Piece::PolicyFile => {
                self.policy_file_is_correct() && self.policy_file.iter().all(is_at_hand)
            }
            _ => !self.of_piece(piece).is_empty() && is_seen(self.of_piece(piece)),
        }
    }

    /// Whether one thing is where its owner puts it: the next one can be published, while caches catch
    /// up.
    #[must_use]
    pub fn is_published(&self, piece: Piece) -> bool {
        match (piece, self.stage_at(piece, Place::NameServers)) {
            (Piece::PolicyFile, _) | (_, Some(Stage::Unknown) | None) => self.is_done(piece),
            (_, Some(stage)) => stage == Stage::Correct,
        }
    }

    /// How far one thing is at one kind of place: the worst of what was seen there; `None` where it is
    /// not looked for.
    #[must_use]
    pub fn stage_at(&self, piece: Piece, place: Place) -> Option<Stage> {
        let sights = self.of_piece(piece).iter();
        let stages = sights
            .filter(|sight| sight.place == place)
            .map(|it| it.stage);
        stages.max_by_key(|stage| match stage {
            Stage::Unknown => 0,
            Stage::Correct => 1,
            Stage::Old => 2,
            Stage::NotYet => 3,
            Stage::Wrong => 4,
        })
    }

    /// True when one thing was looked for at this kind of place, and nobody there answered.
    #[must_use]
    pub fn is_silent(&self, place: Place) -> bool {
        let stages = Piece::ALL.map(|piece| self.stage_at(piece, place));
        stages.contains(&Some(Stage::Unknown))
    }

    /// The whole in a sentence.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let silent = self.all().filter(|sight| sight.stage == Stage::Unknown);
        let silent: BTreeSet<&str> = silent.map(|sight| sight.who.as_str()).collect();
        let unknown = match silent.len() {
            0 => String::new(),
            1 => " One server didn’t answer.".into(),
            several => format!(" {several} servers didn’t answer."),
        };
        if self.is_complete() {
            return Summary {
                stage: Stage::Correct,
                text: format!("Everything is published and visible everywhere we looked.{unknown}"),
            };
        }
        let count = |stage| self.all().filter(|sight| sight.stage == stage).count();
        if count(Stage::Wrong) > 0 {
            return Summary {
                stage: Stage::Wrong,
                text: self.fault().into(),
            };
        }
        if self.is_unknown() {
            return Summary {
                stage: Stage::Unknown,
                text: "We couldn’t check from here, because no server answered.".into(),
            };
        }
        let (correct, all) = (count(Stage::Correct), self.all().count());
        let text = if correct == 0 {
            format!("Nothing is visible yet.{unknown}")
        } else {
            format!("Visible in {correct} of {all} places so far. This can take a while.{unknown}")
        };
        Summary {
            stage: Stage::NotYet,
            text,
        }
    }

    /// What is wrong, by its name where it is one mistake.
    fn fault(&self) -> &'static str {
        if self.findings_of(Area::Record).next().is_some() {
            "The MTA-STS record was added at the wrong name."
        } else if self.findings_of(Area::TlsRpt).next().is_some() {
            "The TLS-RPT record was added at the wrong name."
        } else {
            "Something you published isn’t valid."
        }
    }

    /// True when the file that is meant came over one family of addresses at least.
    #[must_use]
    pub(crate) fn policy_file_is_correct(&self) -> bool {
        self.policy_file
            .iter()
            .any(|sight| sight.stage == Stage::Correct)
    }

    /// What needs fixing in one area.
    pub fn findings_of(&self, area: Area) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |it| it.rule.area == area)
    }

    /// Every sight, in the order in which the things are published.
    pub fn all(&self) -> impl Iterator<Item = &Sight> {
        Piece::ALL
            .into_iter()
            .flat_map(|piece| self.of_piece(piece))
    }
}

/// Behind one address often stand many machines, each with a memory of its own.
const WAS_CORRECT: &str = "It was correct earlier. Several machines can share one address, and \
                           this one doesn’t have the change yet.";

impl Sight {
    fn has_been_correct(&self) -> bool {
        self.stage == Stage::Correct || self.saw.ends_with(WAS_CORRECT)
    }
}

/// One row: what was seen, and how long a cache will say so.
fn sight<T>(view: &ServerView, answer: &Observed<Answer<T>>, seen: (Stage, String)) -> Sight {
    let (stage, mut saw) = seen;
    let answer = answer.seen().filter(|_| stage != Stage::Correct);
    let ttl_secs = answer.and_then(|answer| answer.ttl_secs.or(answer.negative_ttl_secs));
    let mut until = None;
    if view.observer.is_cache() {
        until = view
            .asked_at
            .zip(ttl_secs)
            .map(|(asked_at, secs)| asked_at.saturating_add(Duration::seconds(secs.into())));
    } else if let (Stage::Old, Some(secs)) = (stage, ttl_secs) {
        saw = format!(
            "{saw} Resolvers may cache it for another {}.",
            duration(secs)
        );
    }
    Sight {
        place: Place::of(&view.observer),
        who: view.observer.to_string(),
        stage,
        saw,
        until,
    }
}

/// Correct for everybody, or for two at least while nobody who answered says otherwise.
fn is_seen(sights: &[Sight]) -> bool {
    let count = |stage| sights.iter().filter(|sight| sight.stage == stage).count();
    let (correct, unknown) = (count(Stage::Correct), count(Stage::Unknown));
    correct + unknown == sights.len() && (unknown == 0 || correct >= 2)
}

/// Without its name servers, nobody can say that all of them have a record.
fn no_name_servers(propagation: &Propagation) -> Option<Sight> {
    let saw = match &propagation.zone {
        Observed::Failed(failure) => format!("We couldn’t find them: {failure}."),
        Observed::Seen(zone)
            if zone
                .servers
                .iter()
                .all(|server| server.addresses.is_empty()) =>
        {
            "We found no address for any of them.".to_owned()
        }
        Observed::Seen(_) | Observed::NotAsked => return None,
    };
    Some(Sight {
        place: Place::NameServers,
        who: "the name servers".into(),
        stage: Stage::Unknown,
        saw,
        until: None,
    })
}

#[cfg(test)]
mod tests;
