//! A `ping` without a value.

use cordial::ping_pong;

#[cordial::main]
async fn main() {
    ping_pong! {
        ping
        pong |msg| println!("Pong received: {msg}")
    }
}
