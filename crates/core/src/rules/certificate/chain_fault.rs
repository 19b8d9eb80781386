//! What is wrong with a chain, in words: one place for each kind of [`ChainFault`].

use crate::facts::ChainFault;

/// The words for a fault of a chain.
pub(super) struct Words {
    /// Completes the sentence "The host shows …".
    pub(super) seen: &'static str,
    /// Completes the sentence "The host …", without its full stop.
    pub(super) brief: &'static str,
    /// Whether another certificate of the host would have the same fault.
    pub(super) the_chain_file_is_wrong: bool,
}

pub(super) fn words(fault: ChainFault) -> Words {
    let of_the_certificate = |seen, brief| Words {
        seen,
        brief,
        the_chain_file_is_wrong: false,
    };
    let of_the_chain_file = |seen, brief| Words {
        seen,
        brief,
        the_chain_file_is_wrong: true,
    };
    match fault {
        ChainFault::WrongPurpose => of_the_certificate(
            "a certificate that isn’t meant for servers: its extended key usage, or that of its \
             issuer, doesn’t include TLS servers.",
            "has a certificate that isn’t meant for servers",
        ),
        ChainFault::NameNotAllowed => of_the_certificate(
            "a certificate from an authority that isn’t allowed to issue certificates for one of \
             its names (name constraints).",
            "has a certificate that its authority isn’t allowed to issue",
        ),
        ChainFault::AuthorityAsServer => of_the_certificate(
            "the certificate of an authority as its own. Some senders refuse that.",
            "uses the certificate of an authority as its own",
        ),
        ChainFault::ServerAsAuthority => of_the_certificate(
            "a certificate that was signed with the certificate of a server. Only the certificate \
             of an authority can sign others.",
            "has a certificate that no authority signed",
        ),
        ChainFault::BadSignature => of_the_chain_file(
            "a certificate chain with a wrong signature. Often one of the certificates belongs to \
             another chain.",
            "has a certificate chain with a wrong signature",
        ),
        ChainFault::WeakSignature => of_the_certificate(
            "a certificate chain that was signed with SHA-1 or MD5. Senders no longer accept such \
             signatures.",
            "has a certificate with an outdated signature",
        ),
        ChainFault::UnknownCriticalExtension => of_the_certificate(
            "a certificate with a critical extension that senders don’t know, so they have to \
             refuse it.",
            "has a certificate with an unknown critical extension",
        ),
        ChainFault::PathTooLong => of_the_chain_file(
            "a certificate chain with more intermediate certificates than one of its authorities \
             allows.",
            "has a certificate chain that is too long",
        ),
        ChainFault::OldVersion => of_the_certificate(
            "a certificate in an old format, X.509 version 1 or 2. Senders expect version 3.",
            "has a certificate in an old format",
        ),
        ChainFault::InvalidDates => of_the_certificate(
            "a certificate that expires before it becomes valid.",
            "has a certificate that is never valid",
        ),
        ChainFault::Damaged => of_the_certificate(
            "a certificate chain with a damaged certificate.",
            "has a damaged certificate chain",
        ),
    }
}
