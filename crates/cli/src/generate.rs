//! `mta-sts generate`: writes a domain's policy file and records to a folder.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use mta_sts_core::{
    Artifact, ArtifactError, Domain, Facts, Finding, Hosting, MaxAge, Mode, MxPattern, Policy,
    PolicyId, PolicyReading, Publication, ReadyMailServers, Report, ReportUri, Setup, Severity,
    host_name, judge, lint, sender_compatibility, who_cannot_report,
};
use mta_sts_save::{SaveError, Target};
use serde::Serialize;
use time::OffsetDateTime;

use crate::args::{GenerateArgs, Typed};
use crate::exit::{CliError, Exit};
use crate::source::{self, Question};
use crate::text::{STRONG, safe, style};
use crate::{output, practice};

/// The list of written files that `--json` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Written {
    format: &'static str,
    /// The files, relative to the folder.
    pub(crate) files: Vec<WrittenFile>,
    /// The value of the MTA-STS record.
    pub(crate) record: String,
    /// The value of the TLS-RPT record, if there is an address for reports.
    pub(crate) tls_report: Option<String>,
    /// The id in the record.
    pub(crate) id: PolicyId,
}

#[derive(Debug, Serialize)]
pub(crate) struct WrittenFile {
    /// With forward slashes.
    pub(crate) path: &'static str,
    /// In bytes.
    pub(crate) size: usize,
}

pub(crate) fn run(args: &GenerateArgs, json: bool) -> anyhow::Result<Exit> {
    let (Some(domain), Some(out)) = (args.domain.as_ref().map(Typed::meant), &args.out) else {
        return practice::list(json);
    };
    let facts = if args.mx.is_empty() {
        Some(facts(args, domain)?)
    } else {
        None
    };
    let (mx, left_out) = match &facts {
        Some(facts) => live_patterns(facts, args.mode.into())?,
        None => (given_patterns(&args.mx)?, Vec::new()),
    };
    let setup = setup(args, domain, mx, facts.as_ref())?;
    let hostings: BTreeSet<Hosting> = args.hosting.iter().copied().collect();
    let artifacts =
        artifacts(&setup, &hostings).map_err(|error| CliError::refused(error.to_string()))?;
    save(out, &artifacts, args.overwrite)?;
    let written = Written::new(&setup, &artifacts);
    let mut cautions = left_out;
    cautions.extend(about(&setup, facts.as_ref()));
    if json {
        output::print_json(&written)?;
        if !cautions.is_empty() {
            output::warn(&in_lines(&cautions));
        }
    } else {
        output::print(&account(out, &setup, &written, &hostings, &cautions))?;
    }
    Ok(Exit::Fine)
}

fn artifacts(setup: &Setup, hostings: &BTreeSet<Hosting>) -> Result<Vec<Artifact>, ArtifactError> {
    let mut artifacts = setup.artifacts()?;
    for hosting in hostings {
        artifacts.extend(setup.hosting_artifacts(*hosting)?);
    }
    Ok(artifacts)
}

/// Only enforce mode needs the answers of the mail servers. The rest is known quickly.
fn facts(args: &GenerateArgs, domain: &Domain) -> anyhow::Result<Facts> {
    let enough = match args.mode.into() {
        Mode::Enforce => |_: &Facts| false,
        Mode::Testing | Mode::None => is_enough_to_generate,
    };
    let question = Question {
        domain,
        legacy: false,
        planned: &[],
        enough,
    };
    source::observe(&args.source, &question)
}

fn is_enough_to_generate(facts: &Facts) -> bool {
    let hosts_known = match facts.mx.seen() {
        Some(mx) => {
            !mx.records.is_empty() || !mx.name_exists || !facts.domain_addresses.is_not_asked()
        }
        None => facts.mx.failed().is_some(),
    };
    let policy_known = match facts.policy_host.seen() {
        Some(host) => host.records.is_empty() || !facts.policy.is_not_asked(),
        None => facts.policy_host.failed().is_some(),
    };
    hosts_known && policy_known && !facts.record.is_not_asked()
}

fn setup(
    args: &GenerateArgs,
    domain: &Domain,
    mx: Vec<MxPattern>,
    facts: Option<&Facts>,
) -> anyhow::Result<Setup> {
    let policy = Policy::new(args.mode.into(), max_age(args.max_age)?, mx)
        .map_err(|error| CliError::refused(format!("{error}. Nothing was written")))?;
    let mut rua: Vec<ReportUri> = Vec::new();
    for address in &args.rua {
        let typed = ReportUri::all_from_person(address);
        let typed = typed.map_err(|error| refusal("--rua", address, &error.to_string()))?;
        let new: Vec<_> = typed.into_iter().filter(|it| !rua.contains(it)).collect();
        rua.extend(new);
    }
    let id = match &args.id {
        Some(id) => PolicyId::parse(id).map_err(|error| refusal("--id", id, &error.to_string()))?,
        None => facts
            .and_then(|facts| published_id(facts, &policy))
            .unwrap_or_else(|| PolicyId::from_utc(OffsetDateTime::now_utc())),
    };
    Ok(Setup {
        domain: domain.clone(),
        zone: facts.map_or_else(|| domain.clone(), Facts::zone_or_domain),
        policy,
        id,
        rua,
    })
}

fn max_age(secs: u64) -> anyhow::Result<MaxAge> {
    let longest = MaxAge::LONGEST_WRITTEN;
    u32::try_from(secs)
        .ok()
        .and_then(|secs| MaxAge::new(secs).ok())
        .filter(|max_age| *max_age <= longest)
        .ok_or_else(|| {
            let reason = format!(
                "the maximum is {} seconds, which is one year",
                longest.secs()
            );
            refusal("--max-age", &secs.to_string(), &reason)
        })
}

fn given_patterns(values: &[String]) -> anyhow::Result<Vec<MxPattern>> {
    let mut patterns = Vec::new();
    for value in values {
        let pattern = MxPattern::parse(value).map_err(|error| {
            let meant = error.suggestion(value);
            let hint = if meant.is_empty() {
                String::new()
            } else {
                format!(". Try --mx {}", meant.join(" --mx "))
            };
            refusal("--mx", value, &format!("{error}{hint}"))
        })?;
        if !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
    }
    Ok(patterns)
}

/// One exact pattern for each live MX host, the preferred first, and a sentence for each one that
/// a policy can’t list.
fn live_patterns(facts: &Facts, mode: Mode) -> anyhow::Result<(Vec<MxPattern>, Vec<String>)> {
    let domain = &facts.domain;
    let hosts = live_hosts(facts)?;
    if hosts.is_empty() && mode != Mode::None {
        return Err(CliError::refused(format!(
            "{domain} doesn’t receive mail (its MX record says so), so there is no mail server to \
             list. Only --mode none makes sense. Nothing was written"
        )));
    }
    let (mut patterns, mut left_out) = (Vec::new(), Vec::new());
    for host in &hosts {
        match MxPattern::of_host(host) {
            Ok(pattern) => patterns.push(pattern),
            Err(error) => {
                let host = mta_sts_core::escaped(host, 253);
                left_out.push(format!(
                    "The MX records of {domain} name “{host}”, which was left out: {error}."
                ));
            }
        }
    }
    if patterns.is_empty() && mode != Mode::None {
        return Err(CliError::refused(format!(
            "{} So there is no mail server to list. Nothing was written",
            left_out.join(" ")
        )));
    }
    Ok((patterns, left_out))
}

/// The MX hosts. Without an MX record, the domain itself (RFC 5321 5.1); for a null MX, none.
fn live_hosts(facts: &Facts) -> anyhow::Result<Vec<String>> {
    let domain = &facts.domain;
    let mx = match (facts.mx.seen(), facts.mx.failed()) {
        (Some(mx), _) => mx,
        (None, Some(failure)) => {
            return Err(CliError::not_checked(format!(
                "the MX records of {domain} couldn’t be looked up: {failure}. Try again, or name \
                 the mail servers with --mx"
            )));
        }
        (None, None) => {
            return Err(CliError::not_checked(format!(
                "the MX records of {domain} are not known. Name the mail servers with --mx"
            )));
        }
    };
    let mut records: Vec<_> = mx
        .records
        .iter()
        .filter(|record| !record.is_null())
        .collect();
    records.sort_by_key(|record| (record.preference, &record.exchange));
    let mut hosts: Vec<String> = Vec::new();
    for host in records
        .iter()
        .filter_map(|record| host_name(&record.exchange))
    {
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    if !mx.records.is_empty() {
        return Ok(hosts);
    }
    let receives_itself = facts
        .domain_addresses
        .seen()
        .is_some_and(|answer| !answer.records.is_empty());
    if receives_itself {
        return Ok(vec![domain.as_str().to_owned()]);
    }
    Err(match facts.domain_addresses.failed() {
        Some(failure) => CliError::not_checked(format!(
            "{domain} has no MX record, and its own addresses couldn’t be looked up: {failure}"
        )),
        None if mx.name_exists => CliError::refused(format!(
            "{domain} has no MX record and no address, so it can’t receive mail. Add an MX record \
             first, or name the mail servers with --mx. Nothing was written"
        )),
        None => CliError::refused(format!(
            "the domain {domain} doesn’t exist. Is it spelled correctly? Nothing was written"
        )),
    })
}

/// The published id, if the published policy says the same. Senders then need not fetch it again
/// (RFC 8461 3.1).
fn published_id(facts: &Facts, policy: &Policy) -> Option<PolicyId> {
    let is_same = facts.published_policy().as_ref() == Some(policy);
    facts.announced_id().filter(|_| is_same)
}

fn refusal(option: &str, value: &str, reason: &str) -> anyhow::Error {
    CliError::refused(format!(
        "{option} “{}”: {reason}. Nothing was written",
        mta_sts_core::escaped(value, 200)
    ))
}

fn save(out: &Path, artifacts: &[Artifact], overwrite: bool) -> anyhow::Result<()> {
    let target = Target::Folder(out.to_owned());
    match mta_sts_save::write(&target, artifacts, None, |_| overwrite) {
        Ok(_) => Ok(()),
        Err(error @ SaveError::WouldOverwrite(_)) => Err(CliError::refused(format!(
            "{error}. Nothing was written. Choose another folder or add --overwrite"
        ))),
        Err(error) => Err(CliError::usage(error.to_string())),
    }
}

/// What a person should know of the setup before publishing it.
fn about(setup: &Setup, facts: Option<&Facts>) -> Vec<String> {
    let file = setup.policy.write();
    let about_the_file = lint::policy("mta-sts.txt", file.as_bytes(), &[])
        .findings
        .into_iter()
        .filter(|finding| finding.severity <= Severity::Attention)
        .map(|Finding { evidence, .. }| evidence);
    let reading = PolicyReading::read(file.as_bytes());
    let about_senders = sender_compatibility(&Publication::of_file(&reading, file.as_bytes()));
    let about_senders = about_senders.into_iter().map(|verdict| verdict.reason);
    let about_reports = who_cannot_report(&setup.rua);
    let about_the_servers = if setup.policy.mode() == Mode::Enforce {
        match facts {
            Some(facts) => not_ready(&judge(facts)),
            None => Some("Your mail servers were not checked.".to_owned()),
        }
    } else {
        None
    };
    about_the_file
        .chain(about_senders)
        .chain(about_reports)
        .chain(about_the_servers.map(|reason| {
            format!(
                "{reason} In enforce mode, mail to a server that fails is not delivered. Run \
                 mta-sts check {} first, or publish testing mode.",
                setup.domain
            )
        }))
        .collect()
}

fn not_ready(report: &Report) -> Option<String> {
    match report.readiness.mail_servers {
        ReadyMailServers::Ready | ReadyMailServers::Attention | ReadyMailServers::NoMail => None,
        ReadyMailServers::NotReady => Some("Your mail servers are not ready.".to_owned()),
        ReadyMailServers::Undetermined => {
            Some("Not every mail server could be checked.".to_owned())
        }
    }
}

impl Written {
    fn new(setup: &Setup, artifacts: &[Artifact]) -> Self {
        Self {
            format: "mta-sts-generate/1",
            files: artifacts
                .iter()
                .map(|artifact| WrittenFile {
                    path: artifact.path,
                    size: artifact.contents.len(),
                })
                .collect(),
            record: setup.mta_sts_record().value,
            tls_report: setup.tls_rpt_record().map(|record| record.value),
            id: setup.id.clone(),
        }
    }
}

/// The files that were written, and the order in which to publish them.
fn account(
    out: &Path,
    setup: &Setup,
    written: &Written,
    hostings: &BTreeSet<Hosting>,
    cautions: &[String],
) -> String {
    let mut text = String::new();
    let folder = safe(&out.display().to_string());
    let _ = writeln!(text, "{STRONG}Written to {folder}{STRONG:#}");
    for file in &written.files {
        let _ = writeln!(text, "  {} ({} bytes)", file.path, file.size);
    }
    let _ = writeln!(
        text,
        "\n{STRONG}Publish in this order{STRONG:#} (see dns-records.txt for details)"
    );
    let domain = &setup.domain;
    let tls_report = setup.tls_rpt_record().map(|record| {
        let (name, value) = (record.name, record.value);
        format!("a TXT record at {name} with the value\n     {value}")
    });
    let record = setup.mta_sts_record();
    let steps = tls_report.into_iter().chain([
        format!("the policy host {}", domain.policy_host()),
        format!("the policy file at {}", domain.policy_url()),
        format!(
            "a TXT record at {} with the value\n     {}",
            record.name, record.value
        ),
    ]);
    for (number, step) in (1..).zip(steps) {
        let _ = writeln!(text, "  {number}. {step}");
    }
    if !hostings.is_empty() {
        let _ = writeln!(text, "\n{STRONG}How to serve the policy file{STRONG:#}");
    }
    for hosting in hostings {
        let _ = writeln!(
            text,
            "  with {}: follow hosting/{hosting}/README.txt",
            hosting.name()
        );
    }
    if !cautions.is_empty() {
        let _ = write!(text, "\n{}", in_lines(cautions));
    }
    text
}

/// Warnings before publishing.
fn in_lines(cautions: &[String]) -> String {
    let style = style(Severity::Attention);
    cautions.iter().fold(String::new(), |mut text, caution| {
        let _ = writeln!(text, "{style}attention{style:#}  {}", safe(caution));
        text
    })
}
