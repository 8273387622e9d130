//! A `main` that says only that it terminates.

#[cordial::main]
async fn main() -> impl std::process::Termination {
    std::process::ExitCode::SUCCESS
}
