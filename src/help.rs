//! The help on F1: one topic for each step and for each control that can have the focus.

use eframe::egui::{Context, Id, Response};

use crate::state::{Step, Topic};

impl Topic {
    /// The title.
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
            Self::MtaSts => (
                "What is MTA-STS, and do I need it?",
                "When a server sends you mail, it encrypts the connection if it can. Somebody on the \
                 way can prevent that, and the sender delivers unencrypted, or to a server that only \
                 pretends to be yours. With MTA-STS your domain says: deliver my mail only over an \
                 encrypted connection to these servers, with a certificate that proves who they \
                 are. Google, Microsoft and many others follow it.\n\n\
                 Do I need it? If your domain receives mail that others shouldn’t read or redirect, \
                 it is worth an hour. It needs no change on your mail server if its certificate is \
                 right. You need access to your DNS records and a place for one small file on the \
                 web.\n\n\
                 What can go wrong? In enforce mode, senders hold mail back when a certificate \
                 expires, or when a new mail server isn’t in the policy. After some days they \
                 return it. That is why you begin with testing mode: senders that follow the \
                 standard deliver as before, and report what would have failed.\n\n\
                 How do I get back? Switch the policy to testing mode and publish it with a new id: \
                 this program does both with you. To leave altogether, publish a policy with mode \
                 none first, wait until nobody can hold the old one, and only then remove the \
                 record, the file and the host.\n\n\
                 The words:\n\
                 • MTA-STS record: a TXT record at _mta-sts. It says that there is a policy, and its \
                 id changes whenever the policy does.\n\
                 • Policy file: the text file with your mail servers and the mode. It lives on the \
                 policy host, mta-sts in front of your domain.\n\
                 • TLS-RPT record: a TXT record at _smtp._tls. It says where senders mail their daily \
                 reports.\n\
                 • Mail server: a server that an MX record names, where mail to you arrives.\n\
                 • max_age: how long senders may rely on a policy before they fetch it again.",
            ),
            Self::Home => (
                "Your domains",
                "This list shows every domain you manage, the most urgent first. Each domain has \
                 its own policy, dates, reports and folder. Removing a domain from the list \
                 changes nothing in its DNS or at its web host.",
            ),
            Self::Step(Step::Check) => (
                "Step 1: check",
                "MTA-STS tells senders to deliver mail to you only over an encrypted and verified \
                 connection. Your mail servers have to be ready for that. This step tests each of \
                 them from outside, as a sender would, and reads what you have already published. \
                 It changes nothing and sends no mail.",
            ),
            Self::Step(Step::Create) => (
                "Step 2: create",
                "A policy is a small text file. It lists your mail servers and tells senders what \
                 to do if they can’t reach one of them securely. The defaults are safe. You can \
                 change any of them, and the preview shows the result right away.",
            ),
            Self::Step(Step::Publish) => (
                "Step 3: publish and verify",
                "You add the records at your DNS provider and upload the file to your web host. \
                 This step gives you everything to copy, in the safe order. It then keeps \
                 checking the name servers, the resolvers and your web host until all of them \
                 show the new version. That can take minutes, and sometimes hours, because \
                 resolvers cache the old answer until it expires.",
            ),
            Self::Step(Step::Finish) => (
                "Step 4: save and finish",
                "Save the files for your own records, for whoever manages your web host, and for \
                 the day you come back. We never replace a file that we didn’t write unless you \
                 agree. If something goes wrong while saving, no file is left half written.",
            ),
            Self::Plan => (
                "Plan",
                "A change that takes days or weeks, stage by stage. Senders may keep a policy for as \
                 long as its max_age says, and resolvers keep records for their TTL. So each stage has \
                 a date before which it could hold mail back, and a condition that we check. Nothing \
                 about your progress is stored: we see from what is published which stages are done. \
                 You can close the window, and change things elsewhere.",
            ),
            Self::Domain => (
                "Domain",
                "This is the part of your e-mail address after the @. You can also paste an e-mail \
                 or web address; we’ll pick out the domain.",
            ),
            Self::NameServers => (
                "Name servers",
                "Name servers answer DNS queries about your domain. They are usually run by your \
                 DNS provider, the company where you add records.",
            ),
            Self::MailServers => (
                "Mail servers",
                "Your domain’s MX records list the servers that receive your mail. Senders try the \
                 one with the lowest number first. Your policy has to include all of them.",
            ),
            Self::Port25 => (
                "Port 25 from here",
                "Mail servers talk to each other on port 25. Most home and office networks block \
                 that port to stop spam. If yours does, we can’t test your mail servers from here. \
                 You can run the same check on a server elsewhere.",
            ),
            Self::Reach => (
                "Reach",
                "We connect to each address of the mail server on port 25 and wait for its \
                 greeting, just as a sender does.",
            ),
            Self::Encryption => (
                "Encryption",
                "The mail server has to offer STARTTLS, which switches the connection to \
                 encryption, with TLS 1.2 or later. In enforce mode, senders that support MTA-STS \
                 don’t deliver without it.",
            ),
            Self::Certificate => (
                "Certificate",
                "A certificate proves who a server is. It must not have expired, and it must come \
                 from an authority that senders trust. The server also has to send the \
                 intermediate certificates.",
            ),
            Self::Name => (
                "Name",
                "The certificate has to be valid for the name in your MX record. A certificate for \
                 your website doesn’t count, and neither does one for another name of your \
                 provider.",
            ),
            Self::Record => (
                "MTA-STS record",
                "This is a TXT record at _mta-sts. It tells senders that you have a policy and \
                 gives its id. When the id changes, senders fetch the file again. Without this \
                 record, senders don’t look for the file.",
            ),
            Self::PolicyFile => (
                "Policy file",
                "This text file is in the folder .well-known on your policy host, which is \
                 mta-sts. followed by your domain. Senders fetch it over HTTPS, don’t follow \
                 redirects, and rely on it for as long as it says (max_age).",
            ),
            Self::TlsReports => (
                "TLS reports",
                "The TLS-RPT record is a TXT record at _smtp._tls with your report address. Once a \
                 day, senders e-mail that address how many connections worked, how many failed, \
                 and why. That way you find out about a problem before mail is held back. In \
                 step 4 you can open the reports, either as files or as the e-mails they came in.",
            ),
            Self::Mode => (
                "Mode",
                "Testing: mail is delivered as before, and failures are reported to you. Enforce: \
                 senders hold back mail that they can’t deliver securely, and finally return it. \
                 Off: senders drop the policy. Start with testing, and switch to enforce when two \
                 weeks of reports show no failures.",
            ),
            Self::RememberFor => (
                "How long it is valid",
                "Senders rely on a policy for this long, even if they can’t fetch it again. A \
                 longer time protects you better, but a mistake also lasts longer. Start with one \
                 week, and choose a few weeks once everything works.",
            ),
            Self::WebHost => (
                "Web host",
                "The policy file is served from its own host name, the policy host, which needs a \
                 certificate. The list starts with the hosts that fit your domain best. If you \
                 pick one, step 4 also gives you the files and instructions for it.",
            ),
            Self::DnsHost => (
                "DNS provider",
                "This is the company where you manage your DNS records. We detect it from the \
                 names of your name servers. Step 3 then uses the field names of its form. Forms \
                 change, so if a name looks different, go by its meaning.",
            ),
            Self::Observers => (
                "Who is checked",
                "Your own name servers show a change at once. Resolvers, which everyone else uses, \
                 may cache the old answer until it expires. You can skip any of the public \
                 resolvers.",
            ),
            Self::Files => (
                "Files",
                "You can save all files in a folder or as one ZIP file. The list shows what will \
                 be written and what is already there.",
            ),
        }
    }
}

/// Links a control to a topic. F1 shows it while the control has the focus.
pub(crate) fn about(response: &Response, topic: Topic) {
    if response.has_focus() {
        focused(&response.ctx, topic);
    }
}

/// The same, for a widget that already knows it has the focus.
pub(crate) fn focused(ctx: &Context, topic: Topic) {
    ctx.data_mut(|data| data.insert_temp(place(), Some(topic)));
}

/// Takes the topic of the control that had the focus in the last frame.
pub(crate) fn take_focused(ctx: &Context) -> Option<Topic> {
    ctx.data_mut(|data| data.remove_temp::<Option<Topic>>(place()).flatten())
}

fn place() -> Id {
    Id::unique("help")
}
