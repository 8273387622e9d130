//! An option that there is not.

#[cordial::chaos_test(seed = 10)]
async fn nothing_happens(_c: cordial::chaos::Chaos) {}

fn main() {}
