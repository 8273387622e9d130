//! A test that cannot wait.

#[cordial::chaos_test]
fn nothing_happens(_c: cordial::chaos::Chaos) {}

fn main() {}
