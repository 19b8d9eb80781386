//! How many files and connections the system lets this program have open. A connection that it
//! doesn’t get would look like a server that doesn’t answer.

/// What the program may still open besides its connections.
const SPARE: u64 = 16;
/// What the program has open where the system doesn’t tell.
const USUALLY_OPEN: u64 = 48;

/// Raises the limit as far as the system allows. Usually it is much lower to begin with.
pub(crate) fn raise_limit() {
    // If the system refuses, the limit stays what it is, and `jobs` goes by it.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
}

/// How many domains may be checked at once, if so many are wanted and each has up to so many files
/// open.
pub(crate) fn jobs(wanted: usize, of_a_domain: u64) -> usize {
    let limit = rlimit::increase_nofile_limit(u64::MAX).or_else(|_| current_limit());
    limit.map_or(wanted, |limit| {
        let free = limit.saturating_sub(open_now());
        jobs_within(free, wanted, of_a_domain)
    })
}

fn jobs_within(free: u64, wanted: usize, of_a_domain: u64) -> usize {
    let fits = free.saturating_sub(SPARE) / of_a_domain;
    usize::try_from(fits).map_or(wanted, |fits| wanted.min(fits).max(1))
}

/// How many files are open now.
fn open_now() -> u64 {
    let files = std::fs::read_dir("/dev/fd").ok();
    files.map_or(USUALLY_OPEN, |files| files.fold(0, |count, _| count + 1))
}

#[cfg(unix)]
fn current_limit() -> std::io::Result<u64> {
    rlimit::getrlimit(rlimit::Resource::NOFILE).map(|(soft, _)| soft)
}

#[cfg(not(unix))]
fn current_limit() -> std::io::Result<u64> {
    Ok(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_domains_are_checked_at_once_as_there_are_connections_for() {
        for (free, wanted, jobs) in [
            (1016, 16, 16),
            (1016, 256, 40),
            (216, 64, 8),
            (40, 16, 1),
            (0, 16, 1),
            (u64::MAX, 256, 256),
        ] {
            assert_eq!(jobs_within(free, wanted, 25), jobs, "{free}");
        }
    }
}
