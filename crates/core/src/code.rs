//! The codes of the rules: the names by which findings are told in JSON, on pages and between the
//! parts of the program.

macro_rules! codes {
    ($($name:ident = $code:literal;)*) => {
        $(
            #[doc = concat!("`", $code, "`")]
            pub const $name: &str = $code;
        )*
    };
}

codes! {
    DOMAIN_NOT_FOUND = "domain-not-found";
    DNS_LOOKUP_FAILED = "dns-lookup-failed";
    DNSSEC_BROKEN = "dnssec-broken";
    DNS_ANSWERS_DIFFER_HERE = "dns-answers-differ-here";
    DNS_INTERCEPTED_HERE = "dns-intercepted-here";

    MX_NULL = "mx-null";
    MX_NULL_WITH_OTHERS = "mx-null-with-others";
    MX_IMPLICIT = "mx-implicit";
    MX_NONE = "mx-none";
    MX_IS_CNAME = "mx-is-cname";
    MX_IS_IP_ADDRESS = "mx-is-ip-address";
    MX_NAME_UNDERSCORE = "mx-name-underscore";
    MX_NOT_FOUND = "mx-not-found";
    MX_IPV6_ONLY = "mx-ipv6-only";
    MX_ADDRESS_NOT_PUBLIC = "mx-address-not-public";
    PROVIDER_RECOGNISED = "provider-recognised";

    PORT_25_BLOCKED_HERE = "port-25-blocked-here";
    MAIL_INTERCEPTED_HERE = "mail-intercepted-here";
    MX_UNREACHABLE = "mx-unreachable";
    MX_ADDRESS_UNREACHABLE = "mx-address-unreachable";
    GREETING_REFUSED = "greeting-refused";
    GREETING_SLOW = "greeting-slow";
    SMTP_SILENT_IN_TLS = "smtp-silent-in-tls";
    SMTP_GARBLED = "smtp-garbled";

    STARTTLS_MISSING = "starttls-missing";
    STARTTLS_STRIPPED_HERE = "starttls-stripped-here";
    STARTTLS_REFUSED = "starttls-refused";
    STARTTLS_INJECTION = "starttls-injection";
    TLS_TOO_OLD = "tls-too-old";
    TLS_LEGACY_ACCEPTED = "tls-legacy-accepted";
    TLS_WEAK_SUITES_ONLY = "tls-weak-suites-only";
    TLS13_ONLY = "tls13-only";
    TLS_HANDSHAKE_FAILED = "tls-handshake-failed";

    CERT_EXPIRED = "cert-expired";
    CERT_EXPIRES_SOON = "cert-expires-soon";
    CERT_NOT_YET_VALID = "cert-not-yet-valid";
    CERT_NAME_MISMATCH = "cert-name-mismatch";
    CERT_NO_SAN = "cert-no-san";
    CERT_SELF_SIGNED = "cert-self-signed";
    CERT_UNTRUSTED = "cert-untrusted";
    CERT_UNREADABLE = "cert-unreadable";
    CERT_CHAIN_INCOMPLETE = "cert-chain-incomplete";
    CERT_ISSUER_ORDER = "cert-issuer-order";
    CERT_WEAK_KEY = "cert-weak-key";
    CERT_KEY_USAGE = "cert-key-usage";
    CERT_NEEDS_SNI = "cert-needs-sni";
    DANE_PRESENT = "dane-present";
    DANE_MISMATCH = "dane-mismatch";

    RECORD_MISSING = "record-missing";
    RECORD_WRONG_PLACE = "record-wrong-place";
    RECORD_WILDCARD_ANSWER = "record-wildcard-answer";
    RECORD_CNAME_DANGLING = "record-cname-dangling";
    RECORD_SERVERS_DISAGREE = "record-servers-disagree";
    RECORD_MULTIPLE = "record-multiple";
    RECORD_VERSION_INVALID = "record-version-invalid";
    RECORD_ID_MISSING = "record-id-missing";
    RECORD_ID_INVALID = "record-id-invalid";
    RECORD_ID_PLACEHOLDER = "record-id-placeholder";
    RECORD_QUOTED = "record-quoted";
    RECORD_BACKSLASH = "record-backslash";
    RECORD_SPACE_BEFORE_SEMICOLON = "record-space-before-semicolon";
    RECORD_SYNTAX = "record-syntax";
    RECORD_DUPLICATE_FIELD = "record-duplicate-field";
    RECORD_UNKNOWN_FIELD = "record-unknown-field";
    RECORD_CNAME = "record-cname";
    RECORD_TTL_LONG = "record-ttl-long";
    RECORD_ID_NOT_BUMPED = "record-id-not-bumped";

    POLICY_HOST_MISSING = "policy-host-missing";
    POLICY_HOST_NOT_PUBLIC = "policy-host-not-public";
    POLICY_WRONG_PLACE = "policy-wrong-place";
    POLICY_HOST_UNREACHABLE = "policy-host-unreachable";
    POLICY_NOT_HTTP = "policy-not-http";
    POLICY_CUT_SHORT = "policy-cut-short";
    POLICY_TIMEOUT = "policy-timeout";
    POLICY_SLOW = "policy-slow";
    POLICY_IPV6_BROKEN = "policy-ipv6-broken";
    POLICY_IPV6_ONLY = "policy-ipv6-only";
    POLICY_TLS_TOO_OLD = "policy-tls-too-old";
    POLICY_TLS_FAILED = "policy-tls-failed";
    POLICY_CERT_EXPIRED = "policy-cert-expired";
    POLICY_CERT_EXPIRES_SOON = "policy-cert-expires-soon";
    POLICY_CERT_NOT_YET_VALID = "policy-cert-not-yet-valid";
    POLICY_CERT_NAME_MISMATCH = "policy-cert-name-mismatch";
    POLICY_CERT_NO_SAN = "policy-cert-no-san";
    POLICY_CERT_SELF_SIGNED = "policy-cert-self-signed";
    POLICY_CERT_UNTRUSTED = "policy-cert-untrusted";
    POLICY_CERT_UNREADABLE = "policy-cert-unreadable";
    POLICY_CERT_CHAIN_INCOMPLETE = "policy-cert-chain-incomplete";
    POLICY_CERT_WEAK_KEY = "policy-cert-weak-key";
    POLICY_CERT_KEY_USAGE = "policy-cert-key-usage";
    POLICY_REDIRECT = "policy-redirect";
    POLICY_BLOCKED = "policy-blocked";
    POLICY_HOST_UNCLAIMED = "policy-host-unclaimed";
    POLICY_HTTP_STATUS = "policy-http-status";

    POLICY_CONTENT_TYPE = "policy-content-type";
    POLICY_COMPRESSED = "policy-compressed";
    POLICY_HTML = "policy-html";
    POLICY_TOO_LARGE = "policy-too-large";
    POLICY_EMPTY = "policy-empty";
    POLICY_BOM = "policy-bom";
    POLICY_BLANK_LINE = "policy-blank-line";
    POLICY_INDENTED = "policy-indented";
    POLICY_SYNTAX = "policy-syntax";
    POLICY_VERSION_MISSING = "policy-version-missing";
    POLICY_VERSION_INVALID = "policy-version-invalid";
    POLICY_VERSION_NOT_FIRST = "policy-version-not-first";
    POLICY_MODE_MISSING = "policy-mode-missing";
    POLICY_MODE_INVALID = "policy-mode-invalid";
    POLICY_MAX_AGE_MISSING = "policy-max-age-missing";
    POLICY_MAX_AGE_INVALID = "policy-max-age-invalid";
    POLICY_MAX_AGE_SHORT = "policy-max-age-short";
    POLICY_MAX_AGE_LONG = "policy-max-age-long";
    POLICY_MX_MISSING = "policy-mx-missing";
    POLICY_MX_INVALID = "policy-mx-invalid";
    POLICY_MX_NEVER_MATCHES = "policy-mx-never-matches";
    POLICY_DUPLICATE_FIELD = "policy-duplicate-field";
    POLICY_UNKNOWN_FIELD = "policy-unknown-field";
    POLICY_MODE_TESTING = "policy-mode-testing";
    POLICY_MODE_NONE = "policy-mode-none";
    POLICY_DIFFERS = "policy-differs";

    POLICY_MX_NOT_LISTED = "policy-mx-not-listed";
    POLICY_MX_WILDCARD_DEPTH = "policy-mx-wildcard-depth";
    POLICY_MX_UNUSED = "policy-mx-unused";
    POLICY_MX_WILDCARD_BROAD = "policy-mx-wildcard-broad";

    TLSRPT_MISSING = "tlsrpt-missing";
    TLSRPT_WRONG_NAME = "tlsrpt-wrong-name";
    TLSRPT_MULTIPLE = "tlsrpt-multiple";
    TLSRPT_VERSION_INVALID = "tlsrpt-version-invalid";
    TLSRPT_RUA_MISSING = "tlsrpt-rua-missing";
    TLSRPT_RUA_INVALID = "tlsrpt-rua-invalid";
    TLSRPT_RUA_UNUSABLE = "tlsrpt-rua-unusable";
    TLSRPT_RUA_REPEATED = "tlsrpt-rua-repeated";
    TLSRPT_UNKNOWN_FIELD = "tlsrpt-unknown-field";
    TLSRPT_SOME_SENDERS = "tlsrpt-some-senders";
    TLSRPT_SAME_DOMAIN = "tlsrpt-same-domain";
}
