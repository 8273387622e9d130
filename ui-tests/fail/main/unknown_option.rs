//! An option with a typing error.

#[cordial::main(worker = 4)]
async fn main() {
    println!("hello");
}
