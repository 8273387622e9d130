//! `#[application]` on a struct.

#[cordial::application(name = "harbor")]
pub struct HarborSup;

fn main() {}
