//! The files for each way to serve the policy: settings of a web server, folders to upload, steps.
//! Their texts stand in the folder of the same name, one folder a kind, laid out as they are
//! written. Nothing here is written to a disk.

mod advice;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use advice::{HostingAdvice, hosting_advice};

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
    /// Caddy on a server of one's own that serves the policies of many domains.
    CaddyMany,
    /// Traefik in front of containers, on a server of one's own.
    Traefik,
    /// Nginx Proxy Manager on a server of one's own.
    NginxProxyManager,
    /// `HAProxy` on a server of one's own.
    Haproxy,
    /// mailcow, which serves the policy from its own settings.
    Mailcow,
    /// Internet Information Services on Windows Server.
    Iis,
    /// A Synology NAS that the internet can reach.
    Synology,
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
    /// Web space with `DirectAdmin`.
    Directadmin,
    /// Web space without such a panel, with uploads over FTPS or SFTP.
    FtpSpace,
}

/// What somebody has who takes a way to serve the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostingKind {
    /// Rented web space, mostly with a control panel.
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
            Self::Cpanel | Self::Plesk | Self::Directadmin | Self::FtpSpace => {
                HostingKind::WebSpace
            }
            Self::Nginx
            | Self::Apache
            | Self::Caddy
            | Self::CaddyMany
            | Self::Traefik
            | Self::NginxProxyManager
            | Self::Haproxy
            | Self::Mailcow
            | Self::Iis
            | Self::Synology => HostingKind::Server,
            _ => HostingKind::Service,
        }
    }
}

/// A word that names no [`Hosting`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this web host isn’t known")]
pub struct HostingError;

/// One file as it stands in the folder beside this module, or the policy file itself.
pub(crate) struct Template {
    pub(crate) path: &'static str,
    pub(crate) body: Body,
}

pub(crate) enum Body {
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
    /// Every way: servers of one's own first, then services, then web space.
    pub const ALL: [Self; 22] = [
        Self::Nginx,
        Self::Apache,
        Self::Caddy,
        Self::CaddyMany,
        Self::Traefik,
        Self::NginxProxyManager,
        Self::Haproxy,
        Self::Mailcow,
        Self::Iis,
        Self::Synology,
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
        Self::Directadmin,
        Self::FtpSpace,
    ];

    /// The word that names it on the command line and in files, such as `github-pages`.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Apache => "apache",
            Self::Caddy => "caddy",
            Self::CaddyMany => "caddy-many",
            Self::Traefik => "traefik",
            Self::NginxProxyManager => "nginx-proxy-manager",
            Self::Haproxy => "haproxy",
            Self::Mailcow => "mailcow",
            Self::Iis => "iis",
            Self::Synology => "synology",
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
            Self::Directadmin => "directadmin",
            Self::FtpSpace => "ftp-space",
        }
    }

    /// Its name for a person, such as “GitHub Pages”.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Apache => "Apache",
            Self::Caddy => "Caddy",
            Self::CaddyMany => "Caddy for many domains",
            Self::Traefik => "Traefik",
            Self::NginxProxyManager => "Nginx Proxy Manager",
            Self::Haproxy => "HAProxy",
            Self::Mailcow => "mailcow",
            Self::Iis => "IIS on Windows Server",
            Self::Synology => "Synology NAS",
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
            Self::Directadmin => "DirectAdmin",
            Self::FtpSpace => "Web space over FTPS or SFTP",
        }
    }

    #[rustfmt::skip]
    pub(crate) fn templates(self) -> &'static [Template] {
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
            Self::CaddyMany => kit!(
                "caddy-many", policy "site/.well-known/mta-sts.txt", "Caddyfile"
            ),
            Self::Traefik => kit!(
                "traefik", policy "site/.well-known/mta-sts.txt", "compose.yaml", "mta-sts.conf"
            ),
            Self::NginxProxyManager => kit!(
                "nginx-proxy-manager", policy "site/.well-known/mta-sts.txt", "advanced.conf"
            ),
            Self::Haproxy => kit!(
                "haproxy", policy "site/.well-known/mta-sts.txt", "mta-sts.cfg", "deploy.sh"
            ),
            Self::Mailcow => kit!(
                "mailcow", policy "site/.well-known/mta-sts.txt"
            ),
            Self::Iis => kit!(
                "iis", policy "site/.well-known/mta-sts.txt", "site/web.config"
            ),
            Self::Synology => kit!(
                "synology", policy "site/.well-known/mta-sts.txt"
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
            Self::Directadmin => kit!(
                "directadmin", policy "site/.well-known/mta-sts.txt"
            ),
            Self::FtpSpace => kit!(
                "ftp-space", policy "site/.well-known/mta-sts.txt"
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

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
}
