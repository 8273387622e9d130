//! A conversation that is not finished, and is awaited: that is all that is told.

use cordial::prelude::*;

async fn talk() {
    let conversation = ping_pong! {
        ping "hey there"
        pong |msg| println!("{msg}")
        pong |again| drop(again)
    };
    conversation.await;
    ping_pong! {
        ping 1
        pong
    }
}

fn main() {}
