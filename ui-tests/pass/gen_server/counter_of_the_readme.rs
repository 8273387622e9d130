//! The counter: two attributes, a cast and a call.

#![deny(warnings)]

use cordial::prelude::*;

#[gen_server]
#[derive(Default, Clone)]
struct Counter(i64);

#[gen_server]
impl Counter {
    #[cast]
    pub fn inc(&mut self) {
        self.0 += 1
    }
    #[call]
    pub fn value(&self) -> i64 {
        self.0
    }
}

#[cordial::main(current_thread)]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let counter = Counter::start(Counter(40)).await?;
    counter.inc();
    counter.inc();
    assert_eq!(counter.value().await?, 42);
    Ok(())
}
