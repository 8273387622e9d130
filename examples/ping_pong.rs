//! Run with `cargo run -p cordial-examples --example ping_pong`: a process talks to itself.

use std::error::Error;
use std::sync::mpsc;

use cordial::{ExitReason, ping_pong};

#[cordial::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // The seed of it all: a process sends itself a message and takes it.
    let greeting = ping_pong! {
        ping "hey there"
        pong |msg| println!("Pong received: {msg}")
    };
    println!("the process ended: {:?}", greeting.await.reason);

    // Any number of each; every `pong` takes the oldest message that is left.
    let (heard, all_heard) = mpsc::channel();
    let counting = ping_pong! {
        ping 1;
        ping 2;
        pong |n| heard.send(n * 10).expect("main listens");
        ping 3;
        pong async |n| heard.send(n * 10).expect("main listens");
        pong |n| heard.send(n * 10).expect("main listens");
    };
    let end = counting.await.reason;

    let heard: Vec<i32> = all_heard.iter().collect();
    println!("heard {heard:?}, then the process ended: {end:?}");
    let is_right = heard == [10, 20, 30] && end == ExitReason::Normal;
    if is_right { Ok(()) } else { Err("three pings are heard in their order".into()) }
}
