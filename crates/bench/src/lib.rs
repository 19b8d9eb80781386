//! The texts on which the readers of mta-sts-core and those of another library are timed. The
//! timing itself is in `benches/records.rs`.

/// MTA-STS records, short to long.
pub const ANNOUNCEMENTS: [&str; 3] = [
    "v=STSv1;id=1",
    "v=STSv1; id=20261123120000Z;",
    "v=STSv1; id=abcdefghijklmnopqrstuvwxyz012345; note=one; remark=two; extra=three;",
];

/// TLS-RPT records, short to long.
pub const TLS_REPORTS: [&str; 3] = [
    "v=TLSRPTv1; rua=mailto:tls@example.com",
    "v=TLSRPTv1; rua=https://reports.example.net/v1/upload?domain=example.com",
    "v=TLSRPTv1; rua=mailto:tls-reports@mail.example.com,mailto:other@example.net,https://r.example/t;",
];
