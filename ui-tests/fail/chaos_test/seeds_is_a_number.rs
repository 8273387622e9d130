//! A number of seeds that is none.

use cordial::chaos::Chaos;

#[cordial::chaos_test(seeds = "many")]
async fn nothing_happens(_c: Chaos) {}

fn main() {}
