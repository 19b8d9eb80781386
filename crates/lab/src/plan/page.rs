//! What the web host of a scenario answers for the path of the policy.

use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::HeaderValue;

use crate::error::LabError;
use crate::https::{Document, POLICY_PATH, Page};
use crate::scenario::{Scenario, WebAnswer};

pub(super) fn policy_page(scenario: &Scenario) -> Result<Page, LabError> {
    const HTML: &str =
        "<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body>Welcome.</body></html>\n";
    let web = &scenario.web;
    let policy = scenario.policy_body();
    let mut document = match web.answer {
        WebAnswer::Hang => return Ok(Page::Hang),
        WebAnswer::Drip => return Ok(Page::Drip(policy.into())),
        WebAnswer::Policy => Document::plain_text(policy),
        WebAnswer::Empty => Document::plain_text(Bytes::new()),
        WebAnswer::TooLarge => Document::plain_text(padded(policy)),
        WebAnswer::Html => Document {
            content_type: HeaderValue::from_static("text/html; charset=utf-8"),
            ..Document::plain_text(HTML)
        },
        WebAnswer::Redirect => Document {
            status: StatusCode::MOVED_PERMANENTLY,
            location: Some(header_value(&format!(
                "https://www.{}{POLICY_PATH}",
                scenario.domain
            ))?),
            ..Document::plain_text("moved\r\n")
        },
    };
    if let Some(status) = web.status {
        document.status = StatusCode::from_u16(status).unwrap_or(document.status);
    }
    if let Some(content_type) = &web.content_type {
        document.content_type = header_value(content_type)?;
    }
    if let Some(location) = &web.location {
        document.location = Some(header_value(location)?);
    }
    Ok(Page::Policy(document))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_padded_policy_is_just_over_the_limit() {
        let length = padded("version: STSv1\r\n".to_owned()).len();
        assert!((65_537..65_700).contains(&length), "{length}");
    }
}
