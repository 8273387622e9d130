//! A `main` with arguments.

#[cordial::main]
async fn main(arguments: Vec<String>) {
    println!("{arguments:?}");
}
