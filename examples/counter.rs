//! Run with `cargo run -p cordial-examples --example counter`: an annotated struct is a process.

use std::error::Error;

use cordial::prelude::*;

/// Counts.
#[gen_server]
struct Counter(u64);

#[gen_server]
impl Counter {
    /// Adds `by`; nobody waits for it.
    #[cast]
    fn add(&mut self, by: u64) {
        self.0 += by;
    }

    /// Answers what was added so far.
    #[call]
    fn value(&self) -> u64 {
        self.0
    }
}

#[cordial::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let counter = Counter::start(Counter(0)).await?;
    counter.add(2);
    counter.add(3);
    let value = counter.value().await?;
    println!("the counter says {value}");
    if value == 5 { Ok(()) } else { Err("2 and 3 are 5".into()) }
}
