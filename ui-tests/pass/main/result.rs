//! A `main` that returns a `Result` of its own name, with `?`, `return` and an early end.

use std::fmt;

#[derive(Debug)]
struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("refused")
    }
}

impl From<std::num::ParseIntError> for Refused {
    fn from(_: std::num::ParseIntError) -> Self {
        Self
    }
}

type Result<T> = std::result::Result<T, Refused>;

#[cordial::main(current_thread)]
async fn main() -> Result<()> {
    let five: u32 = "5".parse()?;
    if five == 5 {
        return Ok(());
    }
    Err(Refused)
}
