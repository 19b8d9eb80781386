//! A list of domains, pasted or in a file: one per line, or separated by commas, semicolons or
//! spaces.

use std::collections::BTreeSet;

use mta_sts_core::{Domain, escaped};

/// More than anybody has.
const MAX_DOMAINS: usize = 10_000;

/// What was in a pasted list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pasted {
    /// The domains, each once, in the order of the list.
    pub domains: Vec<Domain>,
    /// The entries that are not domains, as typed.
    pub left: Vec<String>,
    /// Why each of them was skipped. Safe to show.
    pub invalid: Vec<String>,
}

/// Reads a pasted list. Lines that start with `#` are skipped.
///
/// ```
/// use mta_sts_domains::pasted_domains;
///
/// let pasted = pasted_domains("example.com, example.net\nme@example.com\nnonsense");
/// assert_eq!(pasted.domains.len(), 2);
/// assert!(pasted.invalid[0].contains("line 3"));
/// ```
#[must_use]
pub fn pasted_domains(text: &str) -> Pasted {
    let mut pasted = Pasted::default();
    let mut seen = BTreeSet::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with('#') {
            continue;
        }
        let words = line.split([',', ';', '\t', ' ']).map(str::trim);
        for word in words.filter(|word| !word.is_empty()) {
            match Domain::from_person(word).map(|(domain, _)| domain) {
                Ok(domain) if pasted.domains.len() >= MAX_DOMAINS => {
                    if !seen.contains(&domain) {
                        let more = format!("line {number}: more than {MAX_DOMAINS} domains");
                        pasted.invalid.push(more);
                        return pasted;
                    }
                }
                Ok(domain) => {
                    if seen.insert(domain.clone()) {
                        pasted.domains.push(domain);
                    }
                }
                Err(error) => {
                    pasted.left.push(word.to_owned());
                    let shown = escaped(word, 60);
                    pasted
                        .invalid
                        .push(format!("line {number}: “{shown}”: {error}"));
                }
            }
        }
    }
    pasted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_however_it_is_parted_and_each_domain_once() {
        let pasted = pasted_domains(
            "# ours\nexample.com;example.net\n\nhttps://example.org/x Example.COM.\nb\u{fc}cher.example\n",
        );
        let names: Vec<&str> = pasted.domains.iter().map(Domain::as_str).collect();
        assert_eq!(
            names,
            [
                "example.com",
                "example.net",
                "example.org",
                "xn--bcher-kva.example"
            ]
        );
        assert_eq!(pasted.invalid, Vec::<String>::new());
    }

    #[test]
    fn what_is_no_domain_is_told_with_its_line() {
        let pasted = pasted_domains("example.com\nlocalhost\n\u{202e}x.example");
        assert_eq!(pasted.domains.len(), 1);
        assert_eq!(pasted.invalid.len(), 2);
        assert!(pasted.invalid[0].starts_with("line 2: “localhost”"));
        assert!(!pasted.invalid[1].contains('\u{202e}'));
    }
}
