//! `#[cordial::main]` on another function.

#[cordial::main]
async fn serve() {
    println!("hello");
}

fn main() {
    serve();
}
