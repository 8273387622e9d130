//! A test that cannot wait.

use cordial::chaos::Chaos;

#[cordial::chaos_test]
fn nothing_happens(_c: Chaos) {}

fn main() {}
