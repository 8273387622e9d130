//! A step that is neither `ping` nor `pong`.

use cordial::ping_pong;

#[cordial::main]
async fn main() {
    ping_pong! {
        pnig "hey there"
        pong |msg| println!("Pong received: {msg}")
    }
}
