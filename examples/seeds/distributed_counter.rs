//! Counters by name. The names are those of one node; those of a cluster come with the cluster.

use std::error::Error;

use cordial::prelude::*;

registry! { Counters: String => Counter, unique }

#[gen_server(via = Counters, key = String)]
#[derive(Clone)]
struct Counter(i64);

#[gen_server]
impl Counter {
    #[cast]
    fn inc(&mut self) {
        self.0 += 1;
    }

    #[call]
    fn value(&self) -> i64 {
        self.0
    }
}

supervisor! {
    Names { children: [counters: Counters] }
}

pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let _names = Names::start().await?;
    Counter::start(Counter(0)).key("my_counter").await?;
    Counter::at("my_counter").inc();
    Counter::at("my_counter").inc();
    println!("my_counter is {}", Counter::at("my_counter").value().await?);
    Ok(())
}
