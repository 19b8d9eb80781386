//! Migrates the work saved by versions before 0.2: one file for everything, formats
//! `mta-sts-wizard/1` and `/2`, with one live date, one folder and one set of reports for all
//! domains.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use mta_sts_core::facts::KnownPolicy;
use mta_sts_core::{Domain, Facts, Live, Mode, PolicyId, TlsReport, TlsReports};
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;

use crate::draft::Draft;
use crate::file::{FileError, open_lock, read_bounded};
use crate::practice::PracticeWorld;
use crate::store::{Settings, Store, set_aside};
use crate::work::{SaveForm, Step, Work};

/// Larger than any state file that those versions could read.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

#[derive(Deserialize)]
struct Legacy {
    #[serde(default)]
    step: Step,
    #[serde(default)]
    domain_text: String,
    facts: Option<Facts>,
    draft: Option<Draft>,
    #[serde(default)]
    other_drafts: BTreeMap<Domain, Draft>,
    #[serde(default)]
    known: BTreeMap<Domain, KnownPolicy>,
    live: Option<LegacyLive>,
    #[serde(default)]
    left_out: std::collections::BTreeSet<String>,
    #[serde(default)]
    folder_text: String,
    #[serde(default)]
    save_form: SaveForm,
    #[serde(default)]
    written: BTreeMap<PathBuf, SystemTime>,
    #[serde(default)]
    tls_reports: TlsReports,
    #[serde(default)]
    display: Value,
}

#[derive(Deserialize)]
struct LegacyLive {
    domain: Domain,
    id: PolicyId,
    #[serde(with = "time::serde::rfc3339")]
    since: OffsetDateTime,
}

/// Migrates what versions before 0.2 saved in one file, once. The file stays under another name.
/// Does nothing if there is none.
///
/// # Errors
/// A sentence for the person; nothing is lost.
pub fn migrate(store: &mut Store, legacy: &Path) -> Result<(), String> {
    let named = |reason: String| format!("{}: {reason}", legacy.display());
    if !legacy.exists() {
        return Ok(());
    }
    // Locked until everything is migrated, so that no window of such a version writes meanwhile.
    let lock = legacy.with_extension("lock");
    let lock = open_lock(&lock)
        .map_err(|error| format!("{}: {}", lock.display(), mta_sts_save::not_written(&error)))?;
    if lock.try_lock().is_err() {
        return Err(named("it is open in a window of an older version".into()));
    }
    let bytes = match read_bounded(legacy, MAX_BYTES) {
        Ok(bytes) => bytes,
        Err(FileError::Missing) => return Ok(()),
        Err(error) => return Err(error.to_string()),
    };
    let value: Value = match serde_json::from_slice(&bytes) {
        Ok(value) => value,
        Err(_) => {
            return set_aside(legacy, "damaged").and(Err(named("it is damaged".into())));
        }
    };
    let format = value
        .get("format")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if !matches!(format, "mta-sts-wizard/1" | "mta-sts-wizard/2") {
        if format.starts_with("mta-sts-wizard/") {
            return Err(named("a newer version of this program wrote it".into()));
        }
        return set_aside(legacy, "damaged").and(Err(named("its format is unknown".into())));
    }
    let legacy_state: Legacy = match serde_json::from_value(value) {
        Ok(state) => state,
        Err(_) => {
            return set_aside(legacy, "damaged").and(Err(named("it is damaged".into())));
        }
    };
    // Existing files are newer: an earlier start already wrote them.
    let (works, reports, settings) = legacy_state.split();
    for work in &works {
        if !store.has_work(&work.domain) {
            store.write(work)?;
        }
    }
    for (domain, reports) in &reports {
        if !store.has_reports(domain) {
            store.write_reports(domain, reports)?;
        }
    }
    if !store.has_settings() {
        store.write_settings(&settings)?;
    }
    set_aside(legacy, "before-0.2")
}

impl Legacy {
    /// The part of each domain. What belonged to no particular domain goes to the one that was
    /// open.
    fn split(self) -> (Vec<Work>, BTreeMap<Domain, TlsReports>, Settings) {
        let mut works: BTreeMap<Domain, Work> = BTreeMap::new();
        let mut work_of = |domain: &Domain, change: &mut dyn FnMut(&mut Work)| {
            let work = works
                .entry(domain.clone())
                .or_insert_with(|| Work::new(domain.clone()));
            change(work);
        };
        for (domain, known) in &self.known {
            work_of(domain, &mut |work| work.history.note_policy(known));
        }
        for (domain, draft) in self.other_drafts {
            // A draft can only be shown with facts; the next check supplies them.
            work_of(&domain, &mut |work| work.draft = Some(draft.clone()));
        }
        let open = self.facts.as_ref().map(|facts| facts.domain.clone());
        let open = open.or_else(|| Domain::parse(&self.domain_text).ok());
        if let Some(domain) = &open {
            let mut facts = self.facts;
            let mut draft = self.draft;
            work_of(domain, &mut |work| {
                work.draft = work.draft.take().or(draft.take());
                if let Some(facts) = facts.take() {
                    if let Some(published) = facts.published() {
                        work.history.note_policy(&published);
                    }
                    work.facts = Some(facts.into());
                }
                work.step = self.step;
                work.folder_text.clone_from(&self.folder_text);
                work.save_form = self.save_form;
                work.written.clone_from(&self.written);
                work.left_out.clone_from(&self.left_out);
            });
        }
        if let Some(live) = self.live {
            work_of(&live.domain, &mut |work| {
                let same = |draft: &&Draft| draft.id == live.id;
                let mode = work.draft.as_ref().filter(same).map(|draft| draft.mode);
                let published = work.facts.as_deref().and_then(Facts::published_policy);
                work.history.live = Some(Live {
                    mode: mode
                        .or(published.map(|it| it.mode()))
                        .unwrap_or(Mode::Testing),
                    id: live.id.clone(),
                    since: live.since,
                });
            });
        }
        let reports = reports_by_domain(self.tls_reports, open.as_ref());
        for domain in reports.keys() {
            work_of(domain, &mut |_| {});
        }
        let settings = Settings::new(open, self.display, PracticeWorld::default());
        (works.into_values().collect(), reports, settings)
    }
}

/// Each report goes to every domain that it is about, or else to the open domain.
fn reports_by_domain(all: TlsReports, open: Option<&Domain>) -> BTreeMap<Domain, TlsReports> {
    let mut by_domain: BTreeMap<Domain, TlsReports> = BTreeMap::new();
    let file = |by_domain: &mut BTreeMap<Domain, TlsReports>, domain: Domain, report: TlsReport| {
        by_domain.entry(domain).or_default().add(report);
    };
    for report in all {
        let about = report.policies.iter();
        let mut about: Vec<Domain> = about
            .filter_map(|it| Domain::parse(&it.domain).ok())
            .collect();
        about.sort();
        about.dedup();
        if about.is_empty() {
            about.extend(open.cloned());
        }
        for domain in about {
            file(&mut by_domain, domain, report.clone());
        }
    }
    by_domain
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn migrated(text: &str) -> (tempfile::TempDir, Result<(), String>) {
        let folder = tempfile::tempdir().unwrap();
        let legacy = folder.path().join("wizard.json");
        fs::write(&legacy, text).unwrap();
        let mut store = Store::lock(&folder.path().join("work")).unwrap();
        let done = migrate(&mut store, &legacy);
        (folder, done)
    }

    #[test]
    fn format_1_comes_back_and_its_file_stays() {
        let (folder, done) = migrated(include_str!("../tests/format-1.json"));
        done.unwrap();
        let read = Store::read(&folder.path().join("work"));
        let work = &read.domains[0];
        assert_eq!(work.domain.as_str(), "example.com");
        assert_eq!(work.step, Step::Create);
        assert_eq!(
            work.draft.as_ref().unwrap().report_address,
            "me@example.net"
        );
        assert_eq!(work.folder_text, "/home/me/mta-sts");
        assert!(work.setup().is_some());
        assert_eq!(read.settings.open.as_ref(), Some(&work.domain));
        assert!(!folder.path().join("wizard.json").exists());
        assert!(folder.path().join("wizard.before-0.2.json").exists());
    }

    #[test]
    fn format_2_gives_each_domain_its_own_part() {
        let mut value: Value =
            serde_json::from_str(include_str!("../tests/format-1.json")).unwrap();
        value["format"] = "mta-sts-wizard/2".into();
        let id = value["draft"]["id"].clone();
        value["live"] =
            serde_json::json!({"domain": "example.com", "id": id, "since": "2026-11-03T12:00:00Z"});
        let mut other = value["draft"].clone();
        other["report_address"] = "other@example.net".into();
        value["other_drafts"] = serde_json::json!({ "example.org": other });
        value["known"] = serde_json::json!({ "example.net": {
            "at": "2026-11-03T12:00:00Z", "id": "7",
            "text": "version: STSv1\nmode: enforce\nmx: mx.example.net\nmax_age: 31536000\n"
        } });
        let report = |domain: &str, id: &str| {
            serde_json::json!({
                "organization": "Sender", "report_id": id, "contact": null,
                "begin": "2026-11-20T00:00:00Z", "end": "2026-11-20T23:59:59Z",
                "policies": [{ "policy_type": "sts", "domain": domain, "successful_sessions": 3,
                    "failed_sessions": 0, "failures": [] }]
            })
        };
        value["tls_reports"] =
            serde_json::json!([report("example.com", "1"), report("example.net", "2")]);
        let (folder, done) = migrated(&value.to_string());
        done.unwrap();
        let root = folder.path().join("work");
        let read = Store::read(&root);
        let names: Vec<&str> = read.domains.iter().map(|it| it.domain.as_str()).collect();
        assert_eq!(names, ["example.com", "example.net", "example.org"]);
        let [com, net, org] = &read.domains[..] else {
            panic!("{names:?}")
        };
        let live = com.history.live.as_ref().unwrap();
        assert_eq!((live.mode, live.since.day()), (Mode::Testing, 3));
        assert_eq!(net.history.policies[0].max_age_secs, 31_536_000);
        assert_eq!(
            org.draft.as_ref().unwrap().report_address,
            "other@example.net"
        );
        assert_eq!(org.folder_text, "");
        for work in [com, net] {
            let reports = Store::read_reports(&root, &work.domain).unwrap();
            assert_eq!(reports.len(), 1, "{}", work.domain);
        }
    }

    #[test]
    fn what_is_damaged_or_newer_is_told_and_kept() {
        for (text, reason, stays) in [
            ("{", "damaged", false),
            (
                "{\"format\":\"mta-sts-wizard/2\",\"facts\":7}",
                "damaged",
                false,
            ),
            ("[]", "format", false),
            ("{\"format\":\"mta-sts-wizard/3\"}", "newer version", true),
        ] {
            let (folder, done) = migrated(text);
            let told = done.unwrap_err();
            assert!(told.contains(reason), "{told}");
            let file = if stays {
                "wizard.json"
            } else {
                "wizard.damaged.json"
            };
            assert_eq!(fs::read_to_string(folder.path().join(file)).unwrap(), text);
        }
    }

    #[test]
    fn what_was_worked_on_since_is_not_overwritten_by_a_second_migration() {
        let text = include_str!("../tests/format-1.json");
        let (folder, done) = migrated(text);
        done.unwrap();
        let root = folder.path().join("work");
        let mut work = Store::read(&root).domains.remove(0);
        work.folder_text = "since".into();
        let mut store = Store::lock(&root).unwrap();
        store.write(&work).unwrap();
        let legacy = folder.path().join("wizard.json");
        fs::write(&legacy, text).unwrap();
        migrate(&mut store, &legacy).unwrap();
        assert_eq!(Store::read(&root).domains[0].folder_text, "since");
        assert!(folder.path().join("wizard.before-0.2-2.json").exists());
    }

    #[test]
    fn nothing_is_taken_over_while_a_window_of_an_earlier_version_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let legacy = folder.path().join("wizard.json");
        fs::write(&legacy, include_str!("../tests/format-1.json")).unwrap();
        let lock = fs::File::create(legacy.with_extension("lock")).unwrap();
        lock.lock().unwrap();
        let mut store = Store::lock(&folder.path().join("work")).unwrap();
        assert!(
            migrate(&mut store, &legacy)
                .unwrap_err()
                .contains("it is open")
        );
        drop(lock);
        migrate(&mut store, &legacy).unwrap();
    }

    #[test]
    fn nothing_saved_is_no_fault() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::lock(folder.path()).unwrap();
        assert_eq!(
            migrate(&mut store, &folder.path().join("none.json")),
            Ok(())
        );
    }
}
