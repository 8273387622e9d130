//! A test that does not take what it is given.

#[cordial::chaos_test(seeds = 10)]
async fn nothing_happens() {}

fn main() {}
