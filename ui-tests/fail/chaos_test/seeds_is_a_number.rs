//! A number of seeds that is none.

#[cordial::chaos_test(seeds = "many")]
async fn nothing_happens(_c: cordial::chaos::Chaos) {}

fn main() {}
