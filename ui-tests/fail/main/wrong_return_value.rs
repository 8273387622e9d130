//! A `main` that returns something else than it says.

#[cordial::main]
async fn main() -> Result<(), String> {
    5
}
