//! What help can explain: one topic for each step and for each control that can have the focus.

use super::{RowKey, Screen, Step};

/// Something that can be explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// What all of this is about, with a short glossary.
    MtaSts,
    /// The table of all domains.
    Home,
    /// A step as a whole.
    Step(Step),
    /// The plan of a domain.
    Plan,
    /// The domain field.
    Domain,
    /// The name servers of a domain.
    NameServers,
    /// The MX records.
    MailServers,
    /// Port 25, tested from this network.
    Port25,
    /// Whether a mail server answers.
    Reach,
    /// Whether it offers encryption.
    Encryption,
    /// Its certificate.
    Certificate,
    /// Whether the certificate is valid for the server’s name.
    Name,
    /// The MTA-STS record.
    Record,
    /// The policy file.
    PolicyFile,
    /// The TLS reports.
    TlsReports,
    /// The three modes.
    Mode,
    /// The `max_age` of a policy.
    RememberFor,
    /// The web host of the policy file.
    WebHost,
    /// The DNS provider.
    DnsHost,
    /// The name servers and resolvers that step 3 checks.
    Observers,
    /// The files of step 4.
    Files,
}

impl Topic {
    /// The topic of a screen.
    #[must_use]
    pub(crate) fn of_screen(screen: Screen) -> Self {
        match screen {
            Screen::Home => Self::Home,
            Screen::Step(step) => Self::Step(step),
            Screen::Plan => Self::Plan,
        }
    }

    /// The topic of a row of step 1.
    #[must_use]
    pub(crate) fn of_row(row: &RowKey) -> Self {
        match row {
            RowKey::NameServers => Self::NameServers,
            RowKey::MailServers => Self::MailServers,
            RowKey::Port25 => Self::Port25,
            RowKey::Reach(_) => Self::Reach,
            RowKey::Encryption(_) => Self::Encryption,
            RowKey::Certificate(_) => Self::Certificate,
            RowKey::Name(_) => Self::Name,
            RowKey::Record => Self::Record,
            RowKey::Policy => Self::PolicyFile,
            RowKey::TlsRpt => Self::TlsReports,
        }
    }
}
