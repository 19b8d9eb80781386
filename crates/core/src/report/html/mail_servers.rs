//! The mail servers: what a sender does with them, and how they were seen.

use maud::{Markup, html};

use super::text::{left_out, name, sentences};
use super::{MAX_ENTRIES, Section, sign, table};
use crate::report::delivery::{Delivery, HostDelivery, Outcome};
use crate::report::{Acceptance, AddressView, CertificateView, MailServerView, Report};
use crate::text::date_style::day;

/// Addresses shown of one mail server.
const MAX_ADDRESSES: usize = 16;
/// DNS names shown of one certificate.
const MAX_CERTIFICATE_NAMES: usize = 8;

pub(super) fn delivery(report: &Report) -> Option<Section> {
    let hosts = &report.delivery;
    let rows = html! {
        tbody {
            @for host in hosts.iter().take(MAX_ENTRIES) { (delivery_row(host)) }
        }
    };
    let columns = [
        "Mail server",
        "In testing mode",
        "In enforce mode",
        "Because",
    ];
    (!hosts.is_empty()).then(|| Section {
        id: "delivery",
        heading: "How a sender sees it".to_owned(),
        body: html! {
            p { (report.delivery_premise()) }
            (table("How a sender sees it", &columns, &rows))
            (left_out(hosts.len().saturating_sub(MAX_ENTRIES)))
        },
    })
}

fn delivery_row(host: &HostDelivery) -> Markup {
    // Where both are told, what is said of testing mode holds what is said of enforce mode.
    let (testing, enforce) = (&host.testing, &host.enforce);
    let is_told_already = testing.because.contains(&enforce.because);
    html! {
        tr {
            th scope="row" { bdi { (name(&host.host)) } }
            td { (outcome(testing)) }
            td { (outcome(enforce)) }
            td {
                (sentences(&testing.because))
                @if !is_told_already { (sentences(&enforce.because)) }
            }
        }
    }
}

fn outcome(outcome: &Outcome) -> Markup {
    let words = outcome.delivery.in_words();
    match outcome.delivery {
        Delivery::Delivered => sign("ok", "✓", words),
        Delivery::DeliveredAndReported => sign("attention", "!", words),
        Delivery::Refused => sign("problem", "✕", words),
        Delivery::Unknown => sign("unknown", "?", words),
    }
}

pub(super) fn as_seen(report: &Report) -> Option<Section> {
    let servers = &report.mail_servers;
    let rows = html! {
        @for server in servers.iter().take(MAX_ENTRIES) {
            tbody { (server_rows(server, report)) }
        }
    };
    let columns = [
        "Mail server",
        "Address",
        "Port 25",
        "Encryption",
        "Certificate",
    ];
    (!servers.is_empty()).then(|| Section {
        id: "mail-servers",
        heading: "What we saw of the mail servers".to_owned(),
        body: html! {
            (table("What we saw of the mail servers", &columns, &rows))
            (left_out(servers.len().saturating_sub(MAX_ENTRIES)))
        },
    })
}

fn server_rows(server: &MailServerView, report: &Report) -> Markup {
    let shown = server.addresses.iter().take(MAX_ADDRESSES);
    let rows = shown.len().max(1);
    let host = html! {
        th scope="rowgroup" rowspan=(rows) {
            bdi { (name(&server.host)) }
            p.muted {
                "preference " (server.preference)
                @match server.listed_in_policy {
                    Some(true) => ", in the policy",
                    Some(false) => ", not in the policy",
                    None => "",
                }
            }
            (left_out(server.addresses.len().saturating_sub(MAX_ADDRESSES)))
        }
    };
    html! {
        @if server.addresses.is_empty() {
            tr { (host) td colspan="4" { "We saw no address." } }
        }
        @for (index, address) in shown.enumerate() {
            tr {
                @if index == 0 { (host) }
                (address_cells(address, report))
            }
        }
    }
}

fn address_cells(address: &AddressView, report: &Report) -> Markup {
    html! {
        td.short { code { (address.ip) } }
        td {
            @match address.reachable {
                Some(true) => (sign("ok", "✓", "reached")),
                Some(false) => (sign("unknown", "?", "no connection")),
                None => (sign("unknown", "?", "not tried")),
            }
        }
        td {
            (encryption(address))
            @if let Some(cipher) = &address.cipher { p.muted { (name(cipher)) } }
        }
        td {
            @match &address.certificate {
                Some(seen) => (certificate(seen, report)),
                None => "not seen",
            }
        }
    }
}

fn encryption(address: &AddressView) -> Markup {
    match (address.tls, address.starttls) {
        (Some(version), _) => html! { (version) },
        (None, Some(true)) => html! { "no encrypted connection, though STARTTLS is offered" },
        (None, Some(false)) => html! { "STARTTLS is not offered" },
        (None, None) => html! { "not seen" },
    }
}

fn certificate(seen: &CertificateView, report: &Report) -> Markup {
    let faults = [
        (seen.not_after < report.checked_at, "has expired"),
        (seen.not_before > report.checked_at, "isn’t valid yet"),
        (!seen.name_matches, "doesn’t name this mail server"),
    ];
    let wrong = faults.iter().filter(|(is_so, _)| *is_so);
    html! {
        @match &seen.acceptance {
            Acceptance::Accepted => (sign("ok", "✓", "valid")),
            Acceptance::Unclear(_) => (sign("unknown", "?", "not verified")),
            Acceptance::Refused(why) if wrong.clone().next().is_none() => {
                (sign("problem", "✕", why))
            }
            Acceptance::Refused(_) => {
                @for (_, words) in wrong { div { (sign("problem", "✕", words)) } }
            }
        }
        @if seen.not_before > report.checked_at {
            p { "Valid from " (day(seen.not_before)) " until " (day(seen.not_after)) }
        } @else {
            p { "Valid until " (day(seen.not_after)) }
        }
        p.muted { "For " (names(seen)) "; issued by " (name(&seen.issuer)) }
    }
}

fn names(seen: &CertificateView) -> String {
    if seen.names.is_empty() {
        return "no DNS name".to_owned();
    }
    let mut names: Vec<String> = seen
        .names
        .iter()
        .take(MAX_CERTIFICATE_NAMES)
        .map(|dns_name| name(dns_name))
        .collect();
    match seen.names.len().saturating_sub(MAX_CERTIFICATE_NAMES) {
        0 => {}
        more => names.push(format!("{more} more")),
    }
    names.join(", ")
}
