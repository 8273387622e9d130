//! `#[cordial::main]` on a function that is not `async`.

#[cordial::main]
fn main() {
    println!("hello");
}
