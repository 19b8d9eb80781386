//! Whether bot protection stands between senders and the policy file.

use crate::facts::Response;
use crate::rules::case::Case;

/// What pages that check for bots say, in lower case.
const MARKS: &[&str] = &[
    "cf-challenge",
    "anubis",
    "making sure you're not a bot",
    "making sure you&#39;re not a bot",
    "checking your browser",
    "verify you are human",
    "ddos-guard",
    "sucuri website firewall",
    "_incapsula_resource",
    "awswafcookiedomainlist",
    "go-away",
    "just a moment",
    "attention required",
    "access denied",
];

/// A start page may load one for its contact form, so this counts only in the title.
const MARK_OF_A_TITLE: &str = "captcha";

/// How the sender is blocked.
pub(crate) enum Block<'a> {
    /// By a status: 403, 429 or 503.
    Status(u16),
    /// By a web page with a status of success that contains this text.
    Page(&'a str),
}

/// Whether the policy host's answer comes from bot protection.
pub(crate) fn block<'a>(case: &Case<'a>) -> Option<Block<'a>> {
    let response = case.response()?;
    match response.status {
        status @ (403 | 429 | 503) => Some(Block::Status(status)),
        200..=299 | 401 if is_page(response) => mark(response).map(Block::Page),
        _ => None,
    }
}

fn is_page(response: &Response) -> bool {
    response.body.0.trim_ascii_start().starts_with(b"<")
}

/// The words that give a page away, as the page has them.
fn mark(response: &Response) -> Option<&str> {
    let page = std::str::from_utf8(&response.body.0).ok()?;
    let lower = page.to_ascii_lowercase();
    let found = |mark: &str| {
        lower
            .find(mark)
            .and_then(|from| page.get(from..from + mark.len()))
    };
    MARKS.iter().find_map(|mark| found(mark)).or_else(|| {
        let (_, rest) = lower.split_once("<title")?;
        let title = rest.split("</title").next()?;
        title.contains(MARK_OF_A_TITLE).then_some(MARK_OF_A_TITLE)
    })
}
