//! The cipher suites of half a lifetime, the good ones first, by their registered numbers. Those
//! without encryption or without a certificate are left out: to be offered one of them would say
//! nothing about what a server does with mail.

/// Signals that renegotiation is understood (RFC 5746 3.3); no suite, and never chosen.
const RENEGOTIATION_INFO: u16 = 0x00FF;

/// What is offered.
pub(super) const ALL: [u16; 62] = [
    // ECDHE with AES-GCM, ChaCha20-Poly1305, AES-CCM.
    0xC02B,
    0xC02F,
    0xC02C,
    0xC030,
    0xCCA9,
    0xCCA8,
    0xC0AC,
    0xC0AD,
    // ECDHE with AES-CBC, Camellia.
    0xC023,
    0xC027,
    0xC024,
    0xC028,
    0xC009,
    0xC013,
    0xC00A,
    0xC014,
    0xC076,
    0xC077,
    // DHE with AES-GCM, ChaCha20-Poly1305, AES-CBC, Camellia, SEED.
    0x009E,
    0x009F,
    0xCCAA,
    0x00A2,
    0x00A3,
    0x0067,
    0x006B,
    0x0033,
    0x0039,
    0x0032,
    0x0038,
    0x0045,
    0x0088,
    0x009A,
    // RSA key exchange with AES-GCM, AES-CBC, Camellia, SEED, IDEA.
    0x009C,
    0x009D,
    0x003C,
    0x003D,
    0x002F,
    0x0035,
    0x0041,
    0x0084,
    0x0096,
    0x0007,
    // Fixed ECDH with AES.
    0xC004,
    0xC005,
    0xC00E,
    0xC00F,
    // Triple DES.
    0xC008,
    0xC012,
    0x0016,
    0x0013,
    0x000A,
    // RC4.
    0xC007,
    0xC011,
    0x0005,
    0x0004,
    // DES and what was weakened for export.
    0x0015,
    0x0012,
    0x0009,
    0x0014,
    0x0008,
    0x0003,
    RENEGOTIATION_INFO,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tls_parser::TlsCipherSuite;

    use super::*;

    #[test]
    fn every_suite_is_registered_encrypts_and_shows_a_certificate() {
        let distinct: BTreeSet<u16> = ALL.into_iter().collect();
        assert_eq!(distinct.len(), ALL.len());
        for suite in ALL.into_iter().filter(|&suite| suite != RENEGOTIATION_INFO) {
            let name = TlsCipherSuite::from_id(suite).unwrap().name;
            assert!(!name.contains("NULL") && !name.contains("anon"), "{name}");
        }
    }
}
