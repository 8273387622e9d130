//! A `pong` that would wait forever.

use cordial::ping_pong;

#[cordial::main]
async fn main() {
    ping_pong! {
        pong |msg| println!("Pong received: {msg}")
        ping "hey there"
    }
}
