//! An option that there is not.

use cordial::chaos::Chaos;

#[cordial::chaos_test(seed = 10)]
async fn nothing_happens(_c: Chaos) {}

fn main() {}
