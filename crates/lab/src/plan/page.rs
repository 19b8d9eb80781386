//! What the web host of a scenario answers for the path of the policy.

use std::io::Read as _;
use std::time::Duration;

use flate2::Compression;
use flate2::read::GzEncoder;
use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::HeaderValue;

use crate::error::LabError;
use crate::https::{Document, POLICY_PATH, Page};
use crate::scenario::{Scenario, WebAnswer};

const HTML: &str =
    "<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body>Welcome.</body></html>\n";

const UNCLAIMED: &str = "<!DOCTYPE html>\n<html><head><title>Site not found</title></head><body>There isn't \
                         a GitHub Pages site here.</body></html>\n";

const CHALLENGE: &str = "<!DOCTYPE html>\n<html><head><title>Just a moment...</title></head>\
    <body class=\"cf-challenge\">Checking that you are human.</body></html>\n";

/// What the policy host answers.
pub(super) fn policy_page(scenario: &Scenario) -> Result<Page, LabError> {
    let web = &scenario.web;
    let mut page = page(scenario, web.answer)?;
    if let Page::Documents(documents) = &mut page {
        for document in documents.values_mut() {
            if let Some(status) = web.status {
                document.status = StatusCode::from_u16(status).unwrap_or(document.status);
            }
            if let Some(content_type) = &web.content_type {
                document.content_type = header_value(content_type)?;
            }
            document.delay = Duration::from_secs(web.delay_secs.into());
            document.age = web.age_secs.map(HeaderValue::from);
            if let Some(location) = &web.location {
                document.location = Some(header_value(location)?);
            }
        }
    }
    Ok(page)
}

/// What the policy host answers over IPv6, if it is different.
pub(super) fn policy_page_over_ipv6(scenario: &Scenario) -> Result<Option<Page>, LabError> {
    let answer = scenario.web.answer_over_ipv6;
    answer.map(|answer| page(scenario, answer)).transpose()
}

fn page(scenario: &Scenario, answer: WebAnswer) -> Result<Page, LabError> {
    let policy = scenario.policy_body();
    let html = |text| Document {
        content_type: HeaderValue::from_static("text/html; charset=utf-8"),
        ..Document::plain_text(text)
    };
    let document = match answer {
        WebAnswer::Hang => return Ok(Page::Hang),
        WebAnswer::Drip => return Ok(Page::Drip(policy.into())),
        WebAnswer::NotHttp => return Ok(Page::Raw(Bytes::from_static(b"SSH-2.0-practice\r\n"))),
        WebAnswer::CutShort => return Ok(Page::Raw(cut_short(&policy))),
        WebAnswer::Gzip => Document {
            encoding: Some(HeaderValue::from_static("gzip")),
            ..Document::plain_text(packed(&policy)?)
        },
        WebAnswer::Unclaimed => Document {
            status: StatusCode::NOT_FOUND,
            ..html(UNCLAIMED)
        },
        WebAnswer::Policy => Document::plain_text(policy),
        WebAnswer::Empty => Document::plain_text(Bytes::new()),
        WebAnswer::TooLarge => Document::plain_text(padded(policy)),
        WebAnswer::Html => html(HTML),
        WebAnswer::Challenge => html(CHALLENGE),
        WebAnswer::Redirect => Document {
            status: StatusCode::MOVED_PERMANENTLY,
            location: Some(header_value(&format!(
                "https://www.{}{POLICY_PATH}",
                scenario.domain
            ))?),
            ..Document::plain_text("moved\r\n")
        },
    };
    Ok(Page::policy(document))
}

fn header_value(text: &str) -> Result<HeaderValue, LabError> {
    HeaderValue::from_str(text).map_err(|_| LabError::Header(text.to_owned()))
}

/// The policy with extension fields (RFC 8461 3.2) behind it until it has more than 64 KiB.
fn padded(mut policy: String) -> String {
    const LIMIT_BYTES: usize = 64 * 1024;
    while policy.len() <= LIMIT_BYTES {
        policy.push_str("padding: this line carries no meaning and makes the file longer\r\n");
    }
    policy
}

/// The policy with the length of a longer one.
fn cut_short(policy: &str) -> Bytes {
    let length = policy.len() + 100;
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n");
    format!("{head}Connection: close\r\n\r\n{policy}").into()
}

fn packed(policy: &str) -> Result<Vec<u8>, LabError> {
    let mut packed = Vec::new();
    let mut encoder = GzEncoder::new(policy.as_bytes(), Compression::default());
    encoder
        .read_to_end(&mut packed)
        .map_err(|source| LabError::Socket {
            server: "web",
            source,
        })?;
    Ok(packed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_padded_policy_is_just_over_the_limit() {
        let length = padded("version: STSv1\r\n".to_owned()).len();
        assert!((65_537..65_700).contains(&length), "{length}");
    }
}
