//! `#[cordial::main]` on something that is no function.

#[cordial::main]
struct Main;

fn main() {}
