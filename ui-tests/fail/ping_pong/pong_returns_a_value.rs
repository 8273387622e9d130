//! A `pong` whose value nobody takes.

use cordial::ping_pong;

#[cordial::main]
async fn main() {
    ping_pong! {
        ping "hey there"
        pong |msg| msg.len()
    }
}
