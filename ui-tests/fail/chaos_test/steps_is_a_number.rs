//! No steps at all.

use cordial::chaos::Chaos;

#[cordial::chaos_test(steps = 0)]
async fn nothing_happens(_c: Chaos) {}

fn main() {}
