//! No steps at all.

#[cordial::chaos_test(steps = 0)]
async fn nothing_happens(_c: cordial::chaos::Chaos) {}

fn main() {}
