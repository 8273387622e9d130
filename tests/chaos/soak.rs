//! Many seeds, and how many there are in a second.
#![allow(clippy::print_stdout, reason = "the figure is what the soak reads")]

use cordial::chaos;

use crate::app::workload;

/// In full length with optimisation: `cargo xtask soak chaos`.
const SEEDS: u64 = if cfg!(debug_assertions) { 100 } else { 100_000 };

#[test]
#[expect(clippy::disallowed_methods, reason = "how fast it is counts on the wall")]
fn many_seeds_find_nothing() {
    let start = std::time::Instant::now();
    let (mut bytes, base) = (0, 1_000_000);
    for seed in base..base + SEEDS {
        let history = chaos::history(seed, 400, workload);
        assert_eq!(history.failure(), None, "seed {seed}\n{}", history.trace());
        bytes += history.trace().len() as u64;
    }
    let seconds = start.elapsed().as_secs_f64();
    let rate = SEEDS as f64 / seconds;
    println!("soak chaos: {rate:.0} histories/s, {SEEDS} seeds, {} bytes each", bytes / SEEDS);
}
