//! Run with `cargo run -p cordial-examples --example ping_pong`: a process talks to itself, and
//! then two talk to each other, one of them a server.

use std::error::Error;
use std::sync::mpsc;

use cordial::prelude::*;
use cordial::protocol::SessionError;

protocol! {
    /// The same between two: who serves sends a ping, and the other one returns it.
    Rally: Server => Receiver {
        loop Playing {
            choice Server {
                Ping(u32) => { Receiver -> Server: Pong(u32); }
                Enough => end,
            }
        }
    }
}

/// Returns every ball, one higher.
#[gen_server]
#[derive(Clone)]
struct Wall;

#[gen_server]
impl Wall {
    #[session(Rally as Receiver)]
    async fn play(mut ball: rally::receiver::Start) -> Result<(), SessionError> {
        use rally::receiver::PlayingOffer;
        loop {
            ball = match ball.offer().await? {
                PlayingOffer::Ping(height, ball) => ball.pong(height + 1),
                PlayingOffer::Enough(_) => return Ok(()),
            }
        }
    }
}

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
    if heard != [10, 20, 30] || end != ExitReason::Normal {
        return Err("three pings are heard in their order".into());
    }

    // In general it is a conversation of two, whose order the compiler checks.
    let wall = Wall::start(Wall).await?;
    let mut ball = Rally::connect(&wall).await?;
    let mut height = 0;
    while height < 5 {
        (height, ball) = ball.ping(height).pong().await?;
    }
    ball.enough();
    println!("the ball is {height} high");
    if height == 5 { Ok(()) } else { Err("each return is one higher".into()) }
}
