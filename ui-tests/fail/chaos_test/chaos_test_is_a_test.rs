//! A test that is a test twice.

#[cordial::chaos_test]
#[test]
async fn nothing_happens(_c: cordial::chaos::Chaos) {}

fn main() {}
