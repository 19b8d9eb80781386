//! The scenario file: what a practice domain looks like, read from TOML and checked.
//!
//! Everything has a healthy default, so a file says only what is wrong. The servers act on it;
//! nothing here opens a socket.

mod settings;

use hickory_proto::rr::Name;
use serde::Deserialize;

pub(crate) use settings::{
    CertificateKind, CertificateSettings, Conduct, Connection, DnsSettings, DomainConnect,
    ExtraRecord, MailHost, Network, PolicySettings, RecordKind, Starttls, StrayPolicy,
    TlsBehaviour, Tlsa, WebAnswer, WebSettings,
};

/// A practice domain: its story, the faults a check must find, and its servers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Name of the scenario: the file name without `.toml`.
    #[serde(skip)]
    pub name: String,
    /// One short line for a newcomer.
    pub story: String,
    /// The practice domain, lower case, without a final dot.
    pub domain: String,
    /// Codes that a check of the domain reports, sorted, each once.
    pub expected: Vec<String>,
    /// What the network between here and the mail servers does: see
    /// [`Lab::control_hosts_for`](crate::Lab::control_hosts_for).
    #[serde(default)]
    pub(crate) network: Network,
    /// How long each server keeps its old answer after a publication.
    #[serde(default)]
    pub publishing: Publishing,
    /// Whether MTA-STS and TLS-RPT are published at the start.
    #[serde(default = "yes")]
    pub(crate) published: bool,
    /// A null MX (RFC 7505), alone unless `mx` says otherwise.
    #[serde(default)]
    pub(crate) null_mx: bool,
    #[serde(default)]
    pub(crate) mx: Option<Vec<MailHost>>,
    #[serde(default)]
    pub(crate) dns: DnsSettings,
    #[serde(default)]
    pub(crate) policy: PolicySettings,
    #[serde(default)]
    pub(crate) web: WebSettings,
}

/// Delays in seconds between a publication and the moment a server shows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Publishing {
    /// First and second authoritative name server.
    pub name_server_delays_secs: [u32; 2],
    /// The web host which serves the policy.
    pub web_delay_secs: u32,
    /// The resolver, which keeps a cached answer for a while.
    pub resolver_delay_secs: u32,
}

impl Publishing {
    /// Every server shows a publication at once.
    pub const AT_ONCE: Self = Self {
        name_server_delays_secs: [0, 0],
        web_delay_secs: 0,
        resolver_delay_secs: 0,
    };
}

impl Default for Publishing {
    fn default() -> Self {
        Self {
            name_server_delays_secs: [0, 4],
            web_delay_secs: 6,
            resolver_delay_secs: 8,
        }
    }
}

/// A scenario file that cannot be used, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {detail}", line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct ScenarioError {
    /// File name, such as `healthy.toml`.
    pub file: String,
    /// Line, counted from one, when the fault has one.
    pub line: Option<usize>,
    /// What is wrong, naming the key.
    pub detail: String,
}

impl Scenario {
    /// Reads a scenario file; `name` is its file name without `.toml`.
    ///
    /// # Errors
    /// [`ScenarioError`] names file, line and key of TOML that does not parse, an unknown or
    /// missing key, a value of the wrong kind, or a name that is invalid in the DNS.
    pub fn parse(name: &str, toml: &str) -> Result<Self, ScenarioError> {
        let refuse = |line, detail| ScenarioError {
            file: format!("{name}.toml"),
            line,
            detail,
        };
        let mut scenario: Self = toml::from_str(toml).map_err(|error| {
            let line = error.span().map(|span| line_at(toml, span.start));
            refuse(line, error.message().to_owned())
        })?;
        name.clone_into(&mut scenario.name);
        scenario.fill_in_host_names();
        scenario.check().map_err(|detail| refuse(None, detail))?;
        Ok(scenario)
    }

    /// The mail hosts, those without an MX record included.
    pub(crate) fn mail_hosts(&self) -> &[MailHost] {
        self.mx.as_deref().unwrap_or_default()
    }

    /// The policy as the web host serves it.
    pub(crate) fn policy_body(&self) -> String {
        let policy = &self.policy;
        if let Some(raw) = &policy.raw {
            return raw.clone();
        }
        if let Some(text) = &policy.text {
            return text.replace('\n', "\r\n");
        }
        let listed = || self.mail_hosts().iter().map(|mx| mx.host.clone()).collect();
        let patterns: Vec<String> = policy.mx.clone().unwrap_or_else(listed);
        let mut lines = vec![
            "version: STSv1".to_owned(),
            format!("mode: {}", policy.mode),
        ];
        lines.extend(patterns.iter().map(|pattern| format!("mx: {pattern}")));
        lines.push(format!("max_age: {}\r\n", policy.max_age_secs));
        lines.join("\r\n")
    }

    fn fill_in_host_names(&mut self) {
        if self.mx.is_none() {
            let hosts = if self.null_mx {
                vec![]
            } else {
                vec![MailHost::default()]
            };
            self.mx = Some(hosts);
        }
        for (index, mx) in self.mx.iter_mut().flatten().enumerate() {
            if mx.host.is_empty() {
                mx.host = format!("mx{}.{}", index + 1, self.domain);
            }
        }
    }

    fn check(&self) -> Result<(), String> {
        if self.story.trim().is_empty() || self.story.contains('\n') {
            return Err("`story` must be one line".to_owned());
        }
        check_name("domain", &self.domain)?;
        if !self.expected.is_sorted_by(|earlier, later| earlier < later) {
            return Err("`expected` must be sorted, each code once".to_owned());
        }
        for mx in self.mail_hosts() {
            check_name("mx.host", &mx.host)?;
            if let Some(holder) = &mx.alias_of {
                check_name("mx.alias_of", holder)?;
            }
        }
        if self
            .web
            .status
            .is_some_and(|status| !(200..=599).contains(&status))
        {
            return Err("`web.status` must be from 200 to 599".to_owned());
        }
        for stray in &self.web.strays {
            if !stray.path.starts_with('/') {
                return Err("`web.strays.path` must begin with a slash".to_owned());
            }
        }
        Ok(())
    }

    /// Whether a name is the domain itself or lies below it.
    pub(crate) fn holds(&self, name: &str) -> bool {
        name.strip_suffix(&self.domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }
}

fn check_name(key: &str, name: &str) -> Result<(), String> {
    let canonical = !name.ends_with('.') && !name.bytes().any(|byte| byte.is_ascii_uppercase());
    if name.is_empty() || !canonical || Name::from_ascii(name).is_err() {
        return Err(format!(
            "`{key}`: {name:?} is not a lower-case host name without a final dot"
        ));
    }
    Ok(())
}

fn line_at(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().iter().take(offset);
    1 + before.filter(|&&byte| byte == b'\n').count()
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALLEST: &str = "story = \"Well.\"\ndomain = \"d.example\"\nexpected = []\n";

    fn refusal(addition: &str) -> String {
        Scenario::parse("s", &format!("{SMALLEST}{addition}"))
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn the_smallest_file_is_a_healthy_domain() {
        let scenario = Scenario::parse("s", SMALLEST).unwrap();
        assert_eq!(scenario.mail_hosts().len(), 1);
        assert_eq!(
            scenario.policy_body(),
            "version: STSv1\r\nmode: enforce\r\nmx: mx1.d.example\r\nmax_age: 1209600\r\n"
        );
    }

    #[test]
    fn an_unknown_key_is_named_with_file_and_line() {
        let message = refusal("[[mx]]\nstartls = \"missing\"\n");
        assert!(message.starts_with("s.toml:5: "), "{message}");
        assert!(message.contains("`startls`"), "{message}");
    }

    #[test]
    fn a_wrong_word_is_answered_with_the_known_ones() {
        let message = refusal("[web]\nanswer = \"polcy\"\n");
        assert!(
            message.contains("`polcy`") && message.contains("`redirect`"),
            "{message}"
        );
    }

    #[test]
    fn names_and_codes_are_checked() {
        assert!(refusal("mx = [{ host = \"MX.d.example\" }]").contains("mx.host"));
        assert!(refusal("mx = [{ alias_of = \"other.example.\" }]").contains("mx.alias_of"));
        assert!(refusal("[web]\nstatus = 99").contains("web.status"));
        let stray = "[web]\nstrays = [{ host = \"@\", path = \"mta-sts.txt\" }]";
        assert!(refusal(stray).contains("web.strays.path"));
        let twice = SMALLEST.replace("[]", "[\"b\", \"a\"]");
        assert!(
            Scenario::parse("s", &twice)
                .unwrap_err()
                .detail
                .contains("expected")
        );
    }
}
