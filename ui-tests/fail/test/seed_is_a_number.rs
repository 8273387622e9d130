//! A seed that is no number.

#[cordial::test(seed = "lucky")]
async fn dice_are_fair() {}

fn main() {}
