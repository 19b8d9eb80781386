//! How long reading and writing a policy takes, small and large, sound and broken.

use divan::Bencher;
use divan::counter::BytesCount;
use mta_sts_core::{MaxAge, Mode, MxPattern, Policy, PolicyReading};

/// Numbers of mx lines: a usual policy, a large one, and nearly 64 KiB.
const MX_LINES: [usize; 3] = [5, 100, 2000];

fn main() {
    divan::main();
}

fn policy(mx_lines: usize) -> Option<Policy> {
    let mx: Result<Vec<MxPattern>, _> = (0..mx_lines)
        .map(|n| MxPattern::parse(&format!("mx{n}.mail.example.com")))
        .collect();
    Policy::new(Mode::Enforce, MaxAge::LONGEST_WRITTEN, mx.ok()?).ok()
}

#[divan::bench(args = MX_LINES)]
fn read(bencher: Bencher<'_, '_>, mx_lines: usize) {
    let text = policy(mx_lines)
        .map(|policy| policy.write())
        .unwrap_or_default();
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| PolicyReading::read(divan::black_box(text.as_bytes())));
}

#[divan::bench(args = MX_LINES)]
fn read_broken(bencher: Bencher<'_, '_>, mx_lines: usize) {
    let text = policy(mx_lines)
        .map(|policy| policy.write())
        .unwrap_or_default();
    let broken = text.replace("mx: ", " mx : ");
    bencher
        .counter(BytesCount::of_str(&broken))
        .bench(|| PolicyReading::read(divan::black_box(broken.as_bytes())));
}

#[divan::bench(args = MX_LINES)]
fn write(bencher: Bencher<'_, '_>, mx_lines: usize) {
    let policy = policy(mx_lines);
    bencher.bench(|| divan::black_box(&policy).as_ref().map(Policy::write));
}
