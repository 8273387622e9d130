//! A conversation without a word.

use cordial::ping_pong;

#[cordial::main]
async fn main() {
    ping_pong! {}
}
