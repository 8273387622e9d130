//! A conversation in which nobody listens.

use cordial::ping_pong;

#[cordial::main]
async fn main() {
    ping_pong! {
        ping "hey there"
    }
}
