//! The files for each way to serve the policy: settings of a web server, folders to upload, steps.
//! Their texts stand in the folder of the same name, one folder a kind, laid out as they are
//! written. Nothing here is written to a disk.

mod advice;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Artifact, ArtifactError, Setup};

pub use advice::{HostingAdvice, hosting_advice};

/// Stands in the texts for the domain, and is replaced by it.
const DOMAIN: &str = "DOMAIN";
/// Stands in the Worker for the policy as a literal of JavaScript.
const POLICY_TEXT: &str = "POLICY_TEXT";
/// What the Worker has before and after that literal.
const AROUND_POLICY_TEXT: (&str, &str) = ("\nconst POLICY = ", ";\n");
/// How every `README.txt` ends: checks, and what to do later.
const CLOSING: &str = include_str!("hosting/closing.txt");

/// A way to serve the policy at `https://mta-sts.DOMAIN/.well-known/mta-sts.txt`.
///
/// ```
/// use mta_sts_core::Hosting;
/// let hosting: Hosting = "github-pages".parse()?;
/// assert_eq!(hosting.name(), "GitHub Pages");
/// assert!(Hosting::ALL.contains(&hosting));
/// # Ok::<(), mta_sts_core::HostingError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hosting {
    /// nginx on a server of one's own.
    Nginx,
    /// Apache httpd on a server of one's own.
    Apache,
    /// Caddy on a server of one's own.
    Caddy,
    /// Internet Information Services on Windows Server.
    Iis,
    /// A Worker at Cloudflare, which holds the policy itself.
    CloudflareWorker,
    /// Pages at Cloudflare.
    CloudflarePages,
    /// Pages of a GitHub repository.
    GithubPages,
    /// Pages of a GitLab project.
    GitlabPages,
    /// Netlify.
    Netlify,
    /// Vercel.
    Vercel,
    /// A bucket at Amazon S3 behind `CloudFront`.
    S3Cloudfront,
    /// Static Web Apps at Microsoft Azure.
    AzureStaticWebApps,
    /// Web space with cPanel.
    Cpanel,
    /// Web space with Plesk.
    Plesk,
}

/// What somebody has who takes a way to serve the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostingKind {
    /// Rented web space with a control panel.
    WebSpace,
    /// A server of one's own.
    Server,
    /// Neither: a service holds the file.
    Service,
}

impl Hosting {
    /// What somebody has who takes this way.
    #[must_use]
    pub fn kind(self) -> HostingKind {
        match self {
            Self::Cpanel | Self::Plesk => HostingKind::WebSpace,
            Self::Nginx | Self::Apache | Self::Caddy | Self::Iis => HostingKind::Server,
            _ => HostingKind::Service,
        }
    }
}

/// A word that names no [`Hosting`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this web host isn’t known")]
pub struct HostingError;

/// One file as it stands in the folder beside this module, or the policy file itself.
struct Template {
    path: &'static str,
    body: Body,
}

enum Body {
    /// A text in which [`DOMAIN`] stands for the domain; LF, for programs.
    Text(&'static str),
    /// The same, with [`POLICY_TEXT`] for the policy.
    Worker(&'static str),
    /// Steps for a person, to which [`CLOSING`] is added; CRLF, so that every editor shows them.
    Steps(&'static str),
    /// The policy file, byte for byte.
    Policy,
}

/// The templates of one kind: its steps, the policy file (or the Worker), then all other texts.
macro_rules! kit {
    ($id:literal, worker $worker:literal) => {
        &[
            kit!(@text Steps, $id, "README.txt"),
            kit!(@text Worker, $id, $worker),
        ]
    };
    ($id:literal, policy $policy:literal $(, $file:literal)*) => {
        &[
            kit!(@text Steps, $id, "README.txt"),
            Template { path: concat!("hosting/", $id, "/", $policy), body: Body::Policy },
            $(kit!(@text Text, $id, $file),)*
        ]
    };
    (@text $body:ident, $id:literal, $file:literal) => {
        Template {
            path: concat!("hosting/", $id, "/", $file),
            body: Body::$body(include_str!(concat!("hosting/", $id, "/", $file))),
        }
    };
}

impl Hosting {
    /// Every way: servers of one's own first, then services, then web space with a panel.
    pub const ALL: [Self; 14] = [
        Self::Nginx,
        Self::Apache,
        Self::Caddy,
        Self::Iis,
        Self::CloudflareWorker,
        Self::CloudflarePages,
        Self::GithubPages,
        Self::GitlabPages,
        Self::Netlify,
        Self::Vercel,
        Self::S3Cloudfront,
        Self::AzureStaticWebApps,
        Self::Cpanel,
        Self::Plesk,
    ];

    /// The word that names it on the command line and in files, such as `github-pages`.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Apache => "apache",
            Self::Caddy => "caddy",
            Self::Iis => "iis",
            Self::CloudflareWorker => "cloudflare-worker",
            Self::CloudflarePages => "cloudflare-pages",
            Self::GithubPages => "github-pages",
            Self::GitlabPages => "gitlab-pages",
            Self::Netlify => "netlify",
            Self::Vercel => "vercel",
            Self::S3Cloudfront => "s3-cloudfront",
            Self::AzureStaticWebApps => "azure-static-web-apps",
            Self::Cpanel => "cpanel",
            Self::Plesk => "plesk",
        }
    }

    /// Its name for a person, such as “GitHub Pages”.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Apache => "Apache",
            Self::Caddy => "Caddy",
            Self::Iis => "IIS on Windows Server",
            Self::CloudflareWorker => "Cloudflare Worker",
            Self::CloudflarePages => "Cloudflare Pages",
            Self::GithubPages => "GitHub Pages",
            Self::GitlabPages => "GitLab Pages",
            Self::Netlify => "Netlify",
            Self::Vercel => "Vercel",
            Self::S3Cloudfront => "Amazon S3 and CloudFront",
            Self::AzureStaticWebApps => "Azure Static Web Apps",
            Self::Cpanel => "cPanel",
            Self::Plesk => "Plesk",
        }
    }

    #[rustfmt::skip]
    fn templates(self) -> &'static [Template] {
        match self {
            Self::Nginx => kit!(
                "nginx", policy "site/.well-known/mta-sts.txt", "mta-sts.conf"
            ),
            Self::Apache => kit!(
                "apache", policy "site/.well-known/mta-sts.txt", "mta-sts.conf"
            ),
            Self::Caddy => kit!(
                "caddy", policy "site/.well-known/mta-sts.txt", "Caddyfile"
            ),
            Self::Iis => kit!(
                "iis", policy "site/.well-known/mta-sts.txt", "site/web.config"
            ),
            Self::CloudflareWorker => kit!(
                "cloudflare-worker", worker "worker.js"
            ),
            Self::CloudflarePages => kit!(
                "cloudflare-pages", policy "site/.well-known/mta-sts.txt", "site/_headers"
            ),
            Self::GithubPages => kit!(
                "github-pages", policy "site/.well-known/mta-sts.txt",
                "site/.nojekyll", "site/CNAME", "site/.gitattributes"
            ),
            Self::GitlabPages => kit!(
                "gitlab-pages", policy "site/public/.well-known/mta-sts.txt",
                "site/.gitlab-ci.yml", "site/.gitattributes"
            ),
            Self::Netlify => kit!(
                "netlify", policy "site/.well-known/mta-sts.txt", "site/_headers"
            ),
            Self::Vercel => kit!(
                "vercel", policy "site/public/.well-known/mta-sts.txt", "site/vercel.json"
            ),
            Self::S3Cloudfront => kit!(
                "s3-cloudfront", policy "site/.well-known/mta-sts.txt"
            ),
            Self::AzureStaticWebApps => kit!(
                "azure-static-web-apps", policy "site/.well-known/mta-sts.txt",
                "site/index.html", "site/staticwebapp.config.json"
            ),
            Self::Cpanel => kit!(
                "cpanel", policy "site/.well-known/mta-sts.txt"
            ),
            Self::Plesk => kit!(
                "plesk", policy "site/.well-known/mta-sts.txt"
            ),
        }
    }
}

impl fmt::Display for Hosting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}

impl FromStr for Hosting {
    type Err = HostingError;

    fn from_str(id: &str) -> Result<Self, HostingError> {
        Self::ALL
            .into_iter()
            .find(|hosting| hosting.id() == id)
            .ok_or(HostingError)
    }
}

impl Setup {
    /// The files for one way to serve the policy, below `hosting/`; the first is a `README.txt`
    /// with the steps. The policy that they serve is read back strictly before they are handed out.
    ///
    /// # Errors
    ///
    /// The same as for [`Setup::artifacts`]. No file is handed out then.
    pub fn hosting_artifacts(&self, hosting: Hosting) -> Result<Vec<Artifact>, ArtifactError> {
        self.check()?;
        let policy = self.policy.write();
        let literal = serde_json::to_string(&policy).map_err(|_| ArtifactError::Policy)?;
        let domain = self.domain.as_str();
        let mut artifacts = Vec::new();
        for Template { path, body } in hosting.templates() {
            let text = match body {
                Body::Text(text) => filled(text, domain, "\n"),
                Body::Steps(text) => filled(&[*text, CLOSING].concat(), domain, "\r\n"),
                Body::Worker(text) => {
                    let worker = filled(text, domain, "\n").replace(POLICY_TEXT, &literal);
                    self.check_policy(&policy_within(&worker).ok_or(ArtifactError::Policy)?)?;
                    worker
                }
                Body::Policy => policy.clone(),
            };
            artifacts.push(Artifact {
                path,
                contents: text.into_bytes(),
            });
        }
        Ok(artifacts)
    }
}

/// A template with the domain in place. The domain is letters, digits, hyphens and dots, which
/// mean nothing in any of the formats but for two hyphens in a comment of XML.
fn filled(text: &str, domain: &str, line_end: &str) -> String {
    text.lines()
        .flat_map(|line| [line.replace(DOMAIN, domain), line_end.to_owned()])
        .collect()
}

/// The policy as JavaScript would read it out of the Worker. Every JSON string is a literal of
/// JavaScript with the same value (ECMA-262, since 2019).
fn policy_within(worker: &str) -> Option<String> {
    let (before, after) = AROUND_POLICY_TEXT;
    let (_, rest) = worker.split_once(before)?;
    let (literal, _) = rest.split_once(after)?;
    serde_json::from_str(literal).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{Domain, MaxAge, Mode, MxPattern, Policy, PolicyId};

    const POLICY: &str = "version: STSv1\r\nmode: testing\r\nmx: *.mx.example\r\n\
                          max_age: 604800\r\n";

    fn setup(domain: &str) -> Setup {
        let mx = vec![MxPattern::parse("*.mx.example").unwrap()];
        Setup {
            domain: Domain::parse(domain).unwrap(),
            zone: Domain::parse(domain).unwrap(),
            policy: Policy::new(Mode::Testing, MaxAge::new(604_800).unwrap(), mx).unwrap(),
            id: PolicyId::parse("1").unwrap(),
            rua: Vec::new(),
        }
    }

    fn files(domain: &str, hosting: Hosting) -> Vec<(&'static str, String)> {
        let artifacts = setup(domain).hosting_artifacts(hosting).unwrap();
        let text = |artifact: Artifact| String::from_utf8(artifact.contents).unwrap();
        artifacts
            .into_iter()
            .map(|it| (it.path, text(it)))
            .collect()
    }

    fn file(hosting: Hosting, path: &str) -> String {
        let files = files("example.com", hosting);
        let (_, text) = files
            .into_iter()
            .find(|(it, _)| *it == path)
            .unwrap_or_else(|| panic!("no {path}"));
        text
    }

    #[test]
    fn the_id_is_the_same_word_everywhere() {
        let ids: BTreeSet<&str> = Hosting::ALL.into_iter().map(Hosting::id).collect();
        assert_eq!(ids.len(), Hosting::ALL.len());
        for hosting in Hosting::ALL {
            assert_eq!(hosting.id().parse(), Ok(hosting));
            assert_eq!(hosting.to_string(), hosting.id());
            assert_eq!(serde_json::to_value(hosting).unwrap(), hosting.id());
        }
        assert_eq!("Nginx".parse::<Hosting>(), Err(HostingError));
    }

    #[test]
    fn every_kind_serves_the_policy_byte_for_byte() {
        for hosting in Hosting::ALL {
            let served: Vec<String> = files("example.com", hosting)
                .into_iter()
                .filter_map(|(path, text)| {
                    if path.ends_with("/.well-known/mta-sts.txt") {
                        Some(text)
                    } else {
                        policy_within(&text)
                    }
                })
                .collect();
            assert_eq!(served, [POLICY], "{hosting}");
        }
    }

    #[test]
    fn every_kind_begins_with_steps_that_tell_the_essentials() {
        for hosting in Hosting::ALL {
            let files = files("example.com", hosting);
            let (path, steps) = &files[0];
            assert_eq!(*path, format!("hosting/{hosting}/README.txt"));
            assert!(
                steps.starts_with("The policy of example.com with "),
                "{steps}"
            );
            for essential in [
                "\r\n1. ",
                "https://mta-sts.example.com/.well-known/mta-sts.txt",
                "certificate",
                "redirect",
                "text/plain",
                "mta-sts verify example.com",
            ] {
                assert!(
                    steps.contains(essential),
                    "{hosting} does not say {essential}"
                );
            }
            assert_eq!(steps.matches('\n').count(), steps.matches("\r\n").count());
        }
    }

    #[test]
    fn paths_are_below_the_folder_of_the_kind_and_each_stands_once() {
        for hosting in Hosting::ALL {
            let mut seen = BTreeSet::new();
            for (path, _) in files("example.com", hosting) {
                let below = path
                    .strip_prefix(&format!("hosting/{hosting}/"))
                    .unwrap_or_else(|| panic!("{path}"));
                for part in below.split('/') {
                    assert!(!matches!(part, "" | "." | ".."), "{path}");
                    assert!(!part.contains(['\\', ':']), "{path}");
                }
                assert!(seen.insert(path), "{path}");
            }
        }
    }

    #[test]
    fn a_name_cannot_break_out_of_any_format() {
        let harmless = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
        for domain in ["xn--bcher-kva.example", "a--b.example", "1.2.example.com"] {
            let setup = setup(domain);
            assert!(setup.domain.policy_host().chars().all(harmless));
            for hosting in Hosting::ALL {
                for (path, text) in files(domain, hosting) {
                    assert!(text.is_ascii(), "{path}");
                    assert!(
                        !text.contains(DOMAIN) && !text.contains(POLICY_TEXT),
                        "{path}"
                    );
                }
            }
        }
        for hostile in [
            "a\";b.example",
            "a b.example",
            "a}.example",
            "a\n.example",
            "$a.example",
        ] {
            assert!(Domain::parse(hostile).is_err(), "{hostile:?}");
        }
    }

    #[test]
    fn settings_are_well_formed() {
        for (hosting, path) in [
            (Hosting::Vercel, "hosting/vercel/site/vercel.json"),
            (
                Hosting::AzureStaticWebApps,
                "hosting/azure-static-web-apps/site/staticwebapp.config.json",
            ),
        ] {
            let settings: serde_json::Value = serde_json::from_str(&file(hosting, path)).unwrap();
            assert!(settings.to_string().contains("text/plain"), "{path}");
        }
        assert_eq!(
            file(Hosting::GithubPages, "hosting/github-pages/site/CNAME"),
            "mta-sts.example.com\n"
        );
        assert_eq!(
            file(Hosting::GithubPages, "hosting/github-pages/site/.nojekyll"),
            ""
        );
    }

    #[test]
    fn every_element_of_the_xml_is_closed_and_no_name_stands_in_its_comment() {
        let xml = file(Hosting::Iis, "hosting/iis/site/web.config");
        assert!(!xml.contains("example.com"), "{xml}");
        let mut open = Vec::new();
        for tag in xml.split('<').skip(1) {
            let (tag, _) = tag.split_once('>').unwrap();
            let name = tag.split([' ', '/']).find(|part| !part.is_empty()).unwrap();
            if tag.starts_with(['?', '!']) || tag.ends_with('/') {
                continue;
            }
            if tag.starts_with('/') {
                assert_eq!(open.pop(), Some(name), "{xml}");
            } else {
                open.push(name);
            }
        }
        assert_eq!(open, [""; 0], "{xml}");
    }

    #[test]
    fn what_a_sender_would_refuse_is_not_handed_out() {
        let mut setup = setup("example.com");
        let long = "a".repeat(63);
        setup.domain = Domain::parse(&format!("{long}.{long}.{long}.{}", "b".repeat(61))).unwrap();
        assert!(matches!(
            setup.hosting_artifacts(Hosting::Nginx),
            Err(ArtifactError::NameTooLong(_))
        ));
        let mx = vec![MxPattern::parse(&"a".repeat(60_000)).unwrap(); 2];
        setup = self::setup("example.com");
        setup.policy = Policy::new(Mode::Testing, MaxAge::LONGEST_WRITTEN, mx).unwrap();
        for hosting in Hosting::ALL {
            assert_eq!(setup.hosting_artifacts(hosting), Err(ArtifactError::Policy));
        }
    }
}
