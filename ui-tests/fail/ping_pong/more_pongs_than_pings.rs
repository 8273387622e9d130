//! A second `pong` for one `ping`.

use cordial::ping_pong;

#[cordial::main]
async fn main() {
    ping_pong! {
        ping 1
        pong |n| println!("{n}")
        pong |n| println!("{n}")
    }
}
