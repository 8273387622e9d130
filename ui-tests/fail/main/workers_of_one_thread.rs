//! Workers of one thread.

#[cordial::main(workers = 4, current_thread)]
async fn main() {
    println!("hello");
}
