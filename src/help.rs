//! What F1 explains: a topic for each step and for each thing that can have the focus.

use eframe::egui::{Context, Id, Response};

use crate::state::{RowKey, Screen, Step};

/// Something that can be explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// The table of all domains.
    Home,
    /// A step as a whole.
    Step(Step),
    /// The domain field.
    Domain,
    /// The name servers of a domain.
    NameServers,
    /// The MX records.
    MailServers,
    /// Port 25 from here.
    Port25,
    /// Whether a mail server can be reached.
    Reach,
    /// Whether it encrypts.
    Encryption,
    /// Its certificate.
    Certificate,
    /// The name in the certificate.
    Name,
    /// The announcement record.
    Announcement,
    /// The policy file.
    PolicyFile,
    /// The TLS reports.
    TlsReports,
    /// The three modes.
    Mode,
    /// How long a policy is remembered.
    RememberFor,
    /// Where the policy file lives.
    WebHost,
    /// Where the zone is hosted.
    DnsHost,
    /// Who is asked in step 3.
    Observers,
    /// Where the files go.
    Files,
}

impl Topic {
    /// The topic of a screen as a whole.
    #[must_use]
    pub fn of_screen(screen: Screen) -> Self {
        match screen {
            Screen::Home => Self::Home,
            Screen::Step(step) => Self::Step(step),
        }
    }

    /// The topic of a row of step 1.
    #[must_use]
    pub fn of_row(row: &RowKey) -> Self {
        match row {
            RowKey::NameServers => Self::NameServers,
            RowKey::MailServers => Self::MailServers,
            RowKey::Port25 => Self::Port25,
            RowKey::Reach(_) => Self::Reach,
            RowKey::Encryption(_) => Self::Encryption,
            RowKey::Certificate(_) => Self::Certificate,
            RowKey::Name(_) => Self::Name,
            RowKey::Record => Self::Announcement,
            RowKey::Policy => Self::PolicyFile,
            RowKey::TlsRpt => Self::TlsReports,
        }
    }

    /// Its name.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.page().0
    }

    /// The explanation.
    #[must_use]
    pub fn text(self) -> &'static str {
        self.page().1
    }

    #[expect(clippy::too_many_lines, reason = "a table of texts")]
    fn page(self) -> (&'static str, &'static str) {
        match self {
            Self::Home => (
                "Your domains",
                "Every domain that you look after, the worst and the nearest first. Each has its \
                 own policy, dates, reports and folder. Removing one here changes nothing at its \
                 DNS or its web host.",
            ),
            Self::Step(Step::Check) => (
                "Step 1: check",
                "Before you promise that mail to you can always be encrypted, your mail servers \
                 must be able to keep that promise. This step looks at each of them from outside, \
                 as a sender would, and at what you have already published. Nothing is changed \
                 and no message is sent.",
            ),
            Self::Step(Step::Create) => (
                "Step 2: create",
                "A policy is a small text file that says which mail servers may take your mail, \
                 and what a sender does when one of them is not what it should be. The values \
                 here are safe as they stand; each can be changed, and the right side shows at \
                 once what that means.",
            ),
            Self::Step(Step::Publish) => (
                "Step 3: publish and verify",
                "You add the records at your DNS host and the file at your web host; this step \
                 gives you each text to copy, in the safe order. Then it asks name servers, \
                 resolvers and your web host again and again until all of them show the new \
                 version. That may take minutes, sometimes hours: others keep the old answer \
                 until it runs out.",
            ),
            Self::Step(Step::Finish) => (
                "Step 4: save and finish",
                "The files are for your own records, for the person who looks after the web host, \
                 and for the day you come back. No file of somebody else is replaced without \
                 your tick, and each is written whole or not at all.",
            ),
            Self::Domain => (
                "Domain",
                "The part of your mail addresses after the @. An address or a web address works \
                 too: what does not belong is taken away.",
            ),
            Self::NameServers => (
                "Name servers",
                "The computers that answer for your domain in the DNS. They belong to the company \
                 where you add records: your DNS host.",
            ),
            Self::MailServers => (
                "Mail servers",
                "The MX records of your domain name the servers that take your mail, the lowest \
                 number first. A policy has to list every one of them.",
            ),
            Self::Port25 => (
                "Port 25 from here",
                "Mail servers speak to each other on port 25. Most home and office networks block \
                 it, against spam. Then nothing can be said from here about your mail servers, \
                 good or bad; the same check on a server elsewhere can.",
            ),
            Self::Reach => (
                "Reach",
                "Whether each address of the mail server takes connections on port 25 and greets \
                 as a mail server does.",
            ),
            Self::Encryption => (
                "Encryption",
                "Whether the mail server offers STARTTLS, the switch to an encrypted connection, \
                 and whether that works with TLS 1.2 or later. A sender that obeys MTA-STS \
                 delivers in no other way.",
            ),
            Self::Certificate => (
                "Certificate",
                "Proof of who a server is. It has to be current, and issued by an authority that \
                 every sender trusts, with all certificates in between.",
            ),
            Self::Name => (
                "Name",
                "The certificate has to name the mail server exactly as the MX record does. A \
                 certificate for the web site, or for the host of your provider, does not count.",
            ),
            Self::Announcement => (
                "Announcement record",
                "A TXT record at _mta-sts that says: there is a policy, and this is its id. When \
                 the id changes, senders fetch the file again. Without the record, nobody looks \
                 for the file.",
            ),
            Self::PolicyFile => (
                "Policy file",
                "A text file at https://mta-sts. followed by your domain, in the folder \
                 .well-known. Senders fetch it over a verified connection, follow no redirect, \
                 and remember it for as long as it says.",
            ),
            Self::TlsReports => (
                "TLS reports",
                "A TXT record at _smtp._tls with an address. Once a day, senders write there how \
                 many connections worked, and which failed and why. It is how you notice that \
                 something is wrong before mail is refused. Step 4 reads these reports, as files \
                 or as the mails they came in.",
            ),
            Self::Mode => (
                "Mode",
                "Testing: mail is delivered as before, and failures are reported. Enforce: a \
                 sender that cannot deliver safely keeps the mail and tries again. Off: senders \
                 forget the policy. Begin with testing, and switch when two weeks of reports show \
                 no failure.",
            ),
            Self::RememberFor => (
                "Remember for",
                "How long a sender goes by a policy it has seen, also when it cannot fetch it \
                 again. Longer protects better; shorter makes a mistake pass sooner. A week is a \
                 good beginning, some weeks are good later.",
            ),
            Self::WebHost => (
                "Web host",
                "The file needs a web address of its own, with a certificate. The list begins \
                 with what suits your domain by what the check saw. With a choice, step 4 also \
                 writes what that host needs.",
            ),
            Self::DnsHost => (
                "DNS host",
                "The company where your records live, told by the names of your name servers. \
                 The words in step 3 are those of its form. Forms change: where a word differs, \
                 go by what it means.",
            ),
            Self::Observers => (
                "Who is asked",
                "Your own name servers show a change at once. Resolvers, which everybody else \
                 asks, may keep the old answer until its time runs out. Each public resolver can \
                 be left out.",
            ),
            Self::Files => (
                "Files",
                "A folder with every file, or one ZIP file with the same. The list shows what \
                 will be written and what is there already.",
            ),
        }
    }
}

/// Says what a control is about: F1 explains it while it has the focus.
pub(crate) fn about(response: &Response, topic: Topic) {
    if response.has_focus() {
        focused(&response.ctx, topic);
    }
}

/// The same for what knows by itself that it has the focus.
pub(crate) fn focused(ctx: &Context, topic: Topic) {
    ctx.data_mut(|data| data.insert_temp(place(), Some(topic)));
}

/// The topic of what had the focus in the last frame; forgets it.
pub(crate) fn take_focused(ctx: &Context) -> Option<Topic> {
    ctx.data_mut(|data| data.remove_temp::<Option<Topic>>(place()).flatten())
}

fn place() -> Id {
    Id::unique("help")
}
