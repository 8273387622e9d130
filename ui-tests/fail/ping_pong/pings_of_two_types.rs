//! Messages of two types in one mailbox.

use cordial::ping_pong;

#[cordial::main]
async fn main() {
    ping_pong! {
        ping 1_u32
        ping "hey there"
        pong |n| println!("{n}")
        pong |n| println!("{n}")
    }
}
