//! A `pong` without a closure.

use cordial::ping_pong;

#[cordial::main]
async fn main() {
    ping_pong! {
        ping "hey there"
        pong
    }
}
