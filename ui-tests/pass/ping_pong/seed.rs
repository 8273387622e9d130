//! The seed's program, word for word.

use cordial::ping_pong;

#[cordial::main]
async fn main() {
    ping_pong! {
        ping "hey there"
        pong |msg| println!("Pong received: {msg}")
    }
}
