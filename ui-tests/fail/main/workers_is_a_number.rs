//! Workers that are no number.

#[cordial::main(workers = 0)]
async fn main() {
    println!("hello");
}
