//! The command line and its help texts.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand, ValueEnum};
use mta_sts_core::{Domain, DomainError, Hosting, Mode, MxPattern, PublicResolver};
use time::Date;

use crate::output;

/// The exit statuses, at the end of every help page.
const EXIT_STATUS: &str = "Exit status: 0 nothing worse than a note; 1 a problem was found, or \
attention with everything checked, or the request was refused; 2 something couldn’t be checked and \
no problem was found; 64 usage error; 70 internal error.";

/// Checks and sets up MTA-STS (RFC 8461) and TLS reporting (RFC 8460) for a mail domain.
#[derive(Debug, Parser)]
#[command(name = "mta-sts", version, after_help = EXIT_STATUS, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Print one JSON object instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check a domain’s mail servers and what it publishes, and say what is wrong.
    #[command(after_help = EXIT_STATUS)]
    Check(CheckArgs),
    /// Check whether every name server, public resolvers and the web host show what you published.
    #[command(after_help = EXIT_STATUS)]
    Verify(VerifyArgs),
    /// Check a policy file or the text of a record, without the network.
    #[command(after_help = EXIT_STATUS)]
    Lint(LintArgs),
    /// Write a domain’s policy file and DNS records to a folder.
    #[command(after_help = EXIT_STATUS)]
    Generate(GenerateArgs),
    /// Plan a change that takes days or weeks: what to publish, when, and why then.
    #[command(after_help = EXIT_STATUS)]
    Plan(PlanArgs),
    /// List the domains in the window: their state, the next step and the last check. Doesn’t use
    /// the network.
    #[command(after_help = EXIT_STATUS)]
    Domains(DomainsArgs),
    /// Read the TLS reports that senders have e-mailed you, and say what failed and whether enforce
    /// mode is safe. Doesn’t use the network or check the signatures of the e-mails.
    #[command(after_help = EXIT_STATUS)]
    Report(ReportArgs),
    /// Explain a bounce or a line of a mail log: which server software wrote it, whether it is about
    /// MTA-STS, DANE or TLS, what it means and how to fix it. Doesn’t use the network. Exit status:
    /// 0 it is about something else, 1 a mail server was refused, 2 it can’t be told.
    #[command(after_help = EXIT_STATUS)]
    Explain(ExplainArgs),
    /// Check domains and say only what changed since the last run, so that a daily job speaks up when
    /// something happens. Exit status: 0 nothing is worse, 1 something is worse, 2 something couldn’t
    /// be checked and nothing is worse.
    #[command(after_help = EXIT_STATUS)]
    Watch(WatchArgs),
}

/// A domain as it was typed.
#[derive(Clone, Debug)]
pub(crate) struct Typed {
    domain: Domain,
    remark: Option<String>,
}

impl Typed {
    fn read(text: &str) -> Result<Self, DomainError> {
        Domain::from_person(text).map(|(domain, remark)| Self { domain, remark })
    }

    /// The domain that is meant. If something else was typed, a line on standard error says so.
    pub(crate) fn meant(&self) -> &Domain {
        if let Some(remark) = &self.remark {
            output::warn(&format!("{remark}\n"));
        }
        &self.domain
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct DomainsArgs {
    /// List the domains of practice mode instead.
    #[arg(long)]
    pub(crate) practice: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct PlanArgs {
    /// The domain that receives mail, such as example.com.
    #[arg(value_parser = Typed::read)]
    pub(crate) domain: Typed,
    /// What is to change.
    #[arg(value_enum)]
    pub(crate) change: ChangeArg,
    /// With move: a mail server that receives all mail after the move, the preferred one first
    /// (repeatable). Name those that stay, too.
    #[arg(
        long,
        value_name = "HOST",
        value_parser = mail_host,
        num_args = 1..,
        required_if_eq("change", "move")
    )]
    pub(crate) new_mx: Vec<String>,
    /// With move: you have checked the new mail servers in another way, as port 25 can’t be reached
    /// from here.
    #[arg(long)]
    pub(crate) new_mx_checked: bool,
    /// Plan as of this day instead of today (YYYY-MM-DD).
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) today: Option<Date>,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

/// The changes that take days or weeks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ChangeArg {
    /// From testing to enforce mode
    Enforce,
    /// To other mail servers
    Move,
    /// Switch MTA-STS off
    Off,
    /// From a hosted policy to one on your own web host
    Leave,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ReportArgs {
    /// The reports: JSON, gzip, ZIP, the e-mail itself (.eml), a mailbox (mbox) or a folder, such as
    /// a Maildir; - reads standard input. Copies count once.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExplainArgs {
    /// The bounce as text or as the e-mail itself (.eml), or lines of a mail log; - reads standard
    /// input.
    #[arg(default_value = "-", hide_default_value = true, value_name = "FILE")]
    pub(crate) file: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// The domain that receives mail, such as example.com. An e-mail address works too.
    #[arg(
        required_unless_present_any = ["practice", "facts", "batch"],
        value_parser = Typed::read
    )]
    pub(crate) domain: Option<Typed>,
    /// Check every domain in this file and print one JSON object per line, in the same order. The
    /// file has one domain per line or is the output of `mta-sts domains --json`; - reads standard
    /// input. The exit status is the worst of all.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["domain", "facts", "save_facts", "expect", "html"]
    )]
    pub(crate) batch: Option<PathBuf>,
    /// How many domains --batch checks at once.
    #[arg(
        long,
        value_name = "COUNT",
        default_value_t = 16,
        value_parser = jobs,
        conflicts_with_all = ["domain", "facts"]
    )]
    pub(crate) jobs: usize,
    /// Make two to five more connections to each mail server: with TLS 1.2 only, without SNI as
    /// older senders do, and with TLS 1.1 and older.
    #[arg(long, conflicts_with = "facts")]
    pub(crate) legacy: bool,
    /// Save what was seen as JSON. You can open it with --facts on any computer.
    #[arg(long, value_name = "FILE", conflicts_with = "facts")]
    pub(crate) save_facts: Option<PathBuf>,
    /// Also check that exactly the policy and the id in this folder are published. The folder is
    /// one that `mta-sts generate` or the wizard wrote.
    #[arg(long, value_name = "DIR")]
    pub(crate) expect: Option<PathBuf>,
    /// Also write the report as a web page, to keep, print or pass on.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct WatchArgs {
    /// The domains that receive mail. Without any, and without --file, those in the window.
    #[arg(value_name = "DOMAIN", value_parser = Typed::read)]
    pub(crate) domains: Vec<Typed>,
    /// Watch every domain in this file. It has one domain per line or is the output of `mta-sts
    /// domains --json`; - reads standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Where to save what is known between runs, instead of the folder for this program’s data.
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// Also say when the TLS reports in this folder, Maildir or mbox show new failures (repeatable).
    #[arg(long, value_name = "FOLDER")]
    pub(crate) reports: Vec<PathBuf>,
    /// Also show a notice on the desktop when something changed.
    #[arg(long)]
    pub(crate) notify: bool,
    /// Run this every day, with these options and --notify: by a systemd timer, a launchd agent or
    /// the Windows Task Scheduler.
    #[arg(long, conflicts_with = "uninstall")]
    pub(crate) install: bool,
    /// Remove what --install made.
    #[arg(long)]
    pub(crate) uninstall: bool,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct VerifyArgs {
    /// The domain that receives mail, such as example.com.
    #[arg(required_unless_present = "practice", value_parser = Typed::read)]
    pub(crate) domain: Option<Typed>,
    /// Compare with the files in this folder, which `mta-sts generate` or the wizard wrote. Without
    /// this option, compare with what the first name server that answers and the web host show. In
    /// practice mode, the files are published first, so that you can watch them spread.
    #[arg(long, value_name = "DIR")]
    pub(crate) expect: Option<PathBuf>,
    /// Keep checking until everything is visible everywhere, then exit with status 0. The checks
    /// become less frequent, and each resolver is checked again only after its cached answer has
    /// expired.
    #[arg(long)]
    pub(crate) watch: bool,
    /// Skip this public resolver (repeatable).
    #[arg(long, value_name = "NAME", value_parser = public_resolver())]
    pub(crate) without: Vec<String>,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct GenerateArgs {
    /// The domain that receives mail, such as example.com.
    #[arg(required_unless_present = "practice", requires = "out", value_parser = Typed::read)]
    pub(crate) domain: Option<Typed>,
    /// The folder to write to. It is created if it doesn’t exist.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// What senders should do when a mail server fails their check.
    #[arg(long, value_enum, default_value_t = ModeArg::Testing)]
    pub(crate) mode: ModeArg,
    /// How long senders may rely on the policy, in seconds; 604800 is one week.
    #[arg(long, value_name = "SECS", default_value_t = 604_800)]
    pub(crate) max_age: u64,
    /// A mail server for the policy, or a pattern such as *.example.com (repeatable). Without this
    /// option, the mail servers are looked up. With it, nothing is looked up.
    #[arg(long, value_name = "PATTERN")]
    pub(crate) mx: Vec<String>,
    /// Where senders send TLS reports: an e-mail address, mailto: or https: (repeatable). A mailbox
    /// at another domain is best. Without this option, no TLS-RPT record is written.
    #[arg(long, value_name = "URI")]
    pub(crate) rua: Vec<String>,
    /// The id of the policy: 1 to 32 letters or digits. Without this option, it is the published id
    /// if the policy is unchanged, otherwise the current time in UTC.
    #[arg(long)]
    pub(crate) id: Option<String>,
    /// Also write the files and the instructions for this web host (repeatable).
    #[arg(long, value_name = "KIND", value_parser = hosting())]
    pub(crate) hosting: Vec<Hosting>,
    /// Replace existing files that have different contents.
    #[arg(long)]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

/// Where facts come from: the internet, the practice internet, or a file.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Where to look")]
pub(crate) struct SourceArgs {
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    /// Use facts saved with --save-facts instead of the network; - reads standard input.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["practice", "resolver", "trust_root", "timeout"]
    )]
    pub(crate) facts: Option<PathBuf>,
}

/// Which network to check, and how.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Where to look")]
pub(crate) struct NetworkArgs {
    /// Use the built-in practice internet, which never leaves this computer. Without a domain, list
    /// the practice domains.
    #[arg(long, conflicts_with_all = ["resolver", "trust_root"])]
    pub(crate) practice: bool,
    /// Use this resolver instead of the system’s (repeatable). The default port is 53.
    #[arg(long, value_name = "IP[:PORT]", value_parser = resolver)]
    pub(crate) resolver: Vec<SocketAddr>,
    /// Also trust the root certificates in this file, in addition to Mozilla’s (repeatable).
    #[arg(long, value_name = "FILE.pem")]
    pub(crate) trust_root: Vec<PathBuf>,
    /// The mail system lives inside a network: private addresses are what its senders see. Without
    /// this option nothing is sent to a private address.
    #[arg(long)]
    pub(crate) internal: bool,
    /// How long to wait for each answer from a server, in seconds (1 to 300).
    #[arg(long, value_name = "SECS", value_parser = clap::value_parser!(u64).range(1..=300))]
    pub(crate) timeout: Option<u64>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct LintArgs {
    #[command(subcommand)]
    pub(crate) text: LintText,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LintText {
    /// Check a policy file. Exit status: 0 valid, 1 invalid.
    #[command(after_help = EXIT_STATUS)]
    Policy {
        /// The file; - reads standard input.
        file: PathBuf,
        /// A mail server that the policy must cover (repeatable). Status 1 if it doesn’t.
        #[arg(long, value_name = "HOST", value_parser = mail_host)]
        mx: Vec<String>,
    },
    /// Check the text of the MTA-STS record at _mta-sts. Exit status: 0 valid, 1 invalid.
    #[command(after_help = EXIT_STATUS)]
    Record {
        /// The text, such as "v=STSv1; id=20261123120000Z;"; - reads standard input.
        text: String,
    },
    /// Check the text of the TLS-RPT record at _smtp._tls. Exit status: 0 valid, 1 invalid.
    #[command(after_help = EXIT_STATUS)]
    Tlsrpt {
        /// The text, such as "v=TLSRPTv1; rua=mailto:tls@example.com"; - reads standard input.
        text: String,
    },
}

/// The three modes of RFC 8461 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModeArg {
    /// Mail is delivered anyway, and failures are reported
    Testing,
    /// Mail is not delivered to a server that fails the check
    Enforce,
    /// MTA-STS is switched off
    None,
}

impl From<ModeArg> for Mode {
    fn from(mode: ModeArg) -> Self {
        match mode {
            ModeArg::Testing => Self::Testing,
            ModeArg::Enforce => Self::Enforce,
            ModeArg::None => Self::None,
        }
    }
}

fn resolver(text: &str) -> Result<SocketAddr, String> {
    const DNS_PORT: u16 = 53;
    text.parse::<SocketAddr>()
        .or_else(|_| {
            let ip: IpAddr = text.trim_matches(['[', ']']).parse()?;
            Ok(SocketAddr::new(ip, DNS_PORT))
        })
        .map_err(|_: std::net::AddrParseError| {
            "enter an IP address, optionally with a port: 192.0.2.53:53 or [2001:db8::53]:53"
                .to_owned()
        })
}

fn hosting() -> impl TypedValueParser<Value = Hosting> {
    let kind = |hosting: Hosting| PossibleValue::new(hosting.id()).help(hosting.name());
    PossibleValuesParser::new(Hosting::ALL.map(kind)).try_map(|id| id.parse::<Hosting>())
}

fn public_resolver() -> impl TypedValueParser<Value = String> {
    let resolvers = mta_sts_core::public_resolvers().iter();
    let value = |it: &'static PublicResolver| {
        PossibleValue::new(it.id.as_str()).help(format!("{}, {}", it.name, it.region))
    };
    PossibleValuesParser::new(resolvers.map(value))
}

fn jobs(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|count| (1..=256).contains(count))
        .ok_or_else(|| "enter a number from 1 to 256".to_owned())
}

fn date(text: &str) -> Result<Date, String> {
    let form = time::macros::format_description!("[year]-[month]-[day]");
    Date::parse(text, form).map_err(|_| "enter a date such as 2026-12-31".to_owned())
}

fn mail_host(text: &str) -> Result<String, String> {
    let host = mta_sts_core::host_name(text).ok_or("enter the name of a mail server")?;
    let pattern = MxPattern::of_host(&host).map_err(|error| error.to_string())?;
    Ok(pattern.to_string())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_resolver_has_port_53_unless_it_says_otherwise() {
        for (text, address) in [
            ("192.0.2.53", "192.0.2.53:53"),
            ("192.0.2.53:5353", "192.0.2.53:5353"),
            ("2001:db8::53", "[2001:db8::53]:53"),
            ("[2001:db8::53]", "[2001:db8::53]:53"),
            ("[2001:db8::53]:5353", "[2001:db8::53]:5353"),
        ] {
            assert_eq!(resolver(text).unwrap(), address.parse().unwrap());
        }
        for text in ["", "dns.example.com", "192.0.2.53:", "192.0.2.53:99999"] {
            assert!(resolver(text).is_err(), "{text}");
        }
    }
}
