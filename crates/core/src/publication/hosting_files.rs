//! The files for a way to serve the policy, with domain and policy in place. Nothing here is written
//! to a disk.

use crate::knowledge::hosting::{Body, Hosting, Template};
use crate::publication::artifacts::{Artifact, ArtifactError, Setup};

/// Stands in the texts for the domain, and is replaced by it.
const DOMAIN: &str = "DOMAIN";
/// Stands in the Worker for the policy as a literal of JavaScript.
const POLICY_TEXT: &str = "POLICY_TEXT";
/// What the Worker has before and after that literal.
const AROUND_POLICY_TEXT: (&str, &str) = ("\nconst POLICY = ", ";\n");
/// How every `README.txt` ends: checks, and what to do later.
const CLOSING: &str = include_str!("../knowledge/hosting/closing.txt");

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
    use crate::text::domain::Domain;
    use crate::text::mx_pattern::MxPattern;
    use crate::text::policy::{MaxAge, Mode, Policy};
    use crate::text::sts_record::PolicyId;

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
        let mx = vec![MxPattern::from_grammar(&"a".repeat(60_000)).unwrap(); 2];
        setup = self::setup("example.com");
        setup.policy = Policy::new(Mode::Testing, MaxAge::LONGEST_WRITTEN, mx).unwrap();
        for hosting in Hosting::ALL {
            assert_eq!(setup.hosting_artifacts(hosting), Err(ArtifactError::Policy));
        }
    }
}
