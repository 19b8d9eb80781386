//! How many files and connections the system lets this program have open. A connection that it
//! doesn’t get would look like a server that doesn’t answer.

/// What a domain needs at most: its DNS, mail servers and web host at once.
const OF_A_DOMAIN: u64 = 25;
/// What the program needs besides.
const OF_THE_PROGRAM: u64 = 64;

/// Raises the limit as far as the system allows. Usually it is much lower to begin with.
pub(crate) fn raise_limit() {
    // If the system refuses, the limit stays what it is, and `jobs` goes by it.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
}

/// How many domains may be checked at once, if so many are wanted.
pub(crate) fn jobs(wanted: usize) -> usize {
    let limit = rlimit::increase_nofile_limit(u64::MAX).or_else(|_| current_limit());
    limit.map_or(wanted, |limit| jobs_within(limit, wanted))
}

#[cfg(unix)]
fn current_limit() -> std::io::Result<u64> {
    rlimit::getrlimit(rlimit::Resource::NOFILE).map(|(soft, _)| soft)
}

#[cfg(not(unix))]
fn current_limit() -> std::io::Result<u64> {
    Ok(u64::MAX)
}

fn jobs_within(limit: u64, wanted: usize) -> usize {
    let fits = limit.saturating_sub(OF_THE_PROGRAM) / OF_A_DOMAIN;
    wanted
        .min(usize::try_from(fits).unwrap_or(usize::MAX))
        .max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_domains_are_checked_at_once_as_there_are_connections_for() {
        for (limit, wanted, jobs) in [
            (1024, 16, 16),
            (1024, 256, 38),
            (256, 64, 7),
            (64, 16, 1),
            (0, 16, 1),
            (u64::MAX, 256, 256),
        ] {
            assert_eq!(jobs_within(limit, wanted), jobs, "{limit}");
        }
    }
}
