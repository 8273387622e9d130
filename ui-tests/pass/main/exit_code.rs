//! A `main` that returns an exit code, and one worker thread.

use std::process::ExitCode;

/// Documented, and allowed what it needs.
#[cordial::main(workers = 1)]
#[allow(clippy::unused_async)]
pub async fn main() -> ExitCode {
    ExitCode::SUCCESS
}
