//! The rules, in a folder for each area. Each is one file with its page beside it:
//! `certificate/cert_expired.rs` and `cert_expired.md` are the code `cert-expired` and the anchor of
//! the same name in `docs/findings.md`.
//!
//! To add a rule: write the two files and list the module in the file of its area.

pub(crate) mod case;
pub(crate) mod finding;

/// Declares the modules of an area and lists their rules, so that none can be forgotten.
macro_rules! rules {
    ($area:ident: $($module:ident),* $(,)?) => {
        $(pub(crate) mod $module;)*

        const AREA: $crate::rules::finding::Area = $crate::rules::finding::Area::$area;

        /// The rules of this area, in the order in which findings are told.
        pub(super) static RULES: &[&$crate::rules::finding::Rule] = &[$(&$module::RULE),*];

        #[cfg(test)]
        pub(super) const MODULES: &[&str] = &[$(stringify!($module)),*];
    };
}

/// Declares the rule of a module: its code, how bad it is, what it finds, its page, and how it looks.
macro_rules! rule {
    (code: $code:ident, severity: $severity:ident, title: $title:expr, page: $page:literal, check,) => {
        rule! {
            code: $code, severity: $severity, title: $title, page: $page,
            check: check,
        }
    };
    (
        code: $code:ident, severity: $severity:ident, title: $title:expr, page: $page:literal,
        check: $check:expr,
    ) => {
        pub(super) static RULE: $crate::rules::finding::Rule = $crate::rules::finding::Rule {
            code: $crate::code::$code,
            area: super::AREA,
            severity: $crate::rules::finding::Severity::$severity,
            title: $title,
            doc: include_str!($page),
            check: $check,
        };
    };
}

/// The areas, in the order in which findings are told.
macro_rules! areas {
    ($($area:ident),* $(,)?) => {
        $(pub(crate) mod $area;)*

        const AREAS: &[&[&Rule]] = &[$($area::RULES),*];

        #[cfg(test)]
        const MODULES: &[(&str, &[&str])] = &[$((stringify!($area), $area::MODULES)),*];
    };
}

areas![
    domain,
    mx,
    smtp,
    tls,
    certificate,
    record,
    policy_host,
    policy_file,
    coverage,
    tls_rpt,
];

#[cfg(test)]
mod catalogue_test;
#[cfg(test)]
pub(crate) mod testing;

pub use finding::Rule;

/// Every rule, in the order in which findings are told: the way of a message.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    AREAS.iter().copied().flatten().copied()
}

/// Finds a rule by its code.
#[must_use]
pub fn rule(code: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.code == code)
}

/// All pages as one Markdown document: `docs/findings.md`.
#[must_use]
pub fn book() -> String {
    let mut book = String::from(
        "# Findings\n\nEverything that a check can find, and what to do about it. This page is made \
         from the rules:\n`cargo run --package mta-sts-core --example findings > \
         docs/findings.md`.\n\n| code | severity | in short |\n| --- | --- | --- |\n",
    );
    book.extend(all().map(|rule| {
        let (code, severity, title) = (rule.code, rule.severity, rule.title);
        format!("| [`{code}`](#{code}) | {severity} | {title} |\n")
    }));
    book.extend(all().map(|rule| {
        let (code, severity, title) = (rule.code, rule.severity, rule.title);
        let page = rule.doc.trim_end().replace("## ", "### ");
        format!("\n## {code}\n\n*{severity}: {title}.*\n\n{page}\n")
    }));
    book
}
