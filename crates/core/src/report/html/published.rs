//! What is published: the two records and the policy file, as they came.

use maud::{Markup, html};

use super::Section;
use super::text::{file, left_out, name, record};
use crate::report::Report;

/// Texts shown of one name in the DNS.
const MAX_TEXTS: usize = 20;

pub(super) fn as_seen(report: &Report) -> Section {
    Section {
        id: "published",
        heading: "What is published".to_owned(),
        body: html! {
            (mta_sts_record(report))
            (policy(report))
            (tls_reporting(report))
        },
    }
}

fn mta_sts_record(report: &Report) -> Markup {
    let record = &report.record;
    html! {
        article.card {
            h3 { "MTA-STS record" }
            p { "TXT at " code { (name(&report.domain.mta_sts_record_name())) } }
            (texts(record.texts.as_deref()))
            @if let Some(alias) = &record.alias {
                p { "This name is an alias (CNAME) for " code { (name(alias)) } "." }
            }
            @if let Some(secs) = record.ttl_secs {
                p.muted { "Resolvers cache it for up to " (secs) " seconds (TTL)." }
            }
        }
    }
}

fn policy(report: &Report) -> Markup {
    let policy = &report.policy;
    html! {
        article.card {
            h3 { "Policy file" }
            p { "At " code { (name(&report.domain.policy_url())) } }
            @if let Some(service) = report.hosted_policy { p { (service.in_words()) } }
            @if let Some(provider) = &report.domain_connect {
                p { (provider.in_words(&report.domain)) }
            }
            @match (&policy.text, policy.http_status) {
                (Some(text), _) if text.is_empty() => { p { "The file is empty." } }
                (Some(text), _) => (file(text)),
                (None, Some(status)) => {
                    p { "The web server answered with status " (status) ", so there is no file." }
                }
                (None, None) => { p { "Not seen." } }
            }
            @if let Some(content_type) = &policy.content_type {
                p.muted { "Served as " code { (name(content_type)) } }
            }
        }
    }
}

fn tls_reporting(report: &Report) -> Markup {
    html! {
        article.card {
            h3 { "TLS-RPT record" }
            p { "TXT at " code { (name(&report.domain.tls_rpt_record_name())) } }
            (texts(report.tls_reporting.texts.as_deref()))
        }
    }
}

fn texts(texts: Option<&[String]>) -> Markup {
    html! {
        @match texts {
            None => { p { "Not seen." } }
            Some([]) => { p { "There is no such record." } }
            Some(texts) => {
                @for text in texts.iter().take(MAX_TEXTS) { (record(text)) }
                (left_out(texts.len().saturating_sub(MAX_TEXTS)))
            }
        }
    }
}
