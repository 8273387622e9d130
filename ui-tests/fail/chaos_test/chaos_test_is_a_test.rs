//! A test that is a test twice.

use cordial::chaos::Chaos;

#[cordial::chaos_test]
#[test]
async fn nothing_happens(_c: Chaos) {}

fn main() {}
