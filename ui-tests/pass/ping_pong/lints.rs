//! No lint fires in what is generated.

#![deny(warnings, unused, unused_results, let_underscore_drop, unused_qualifications)]

use cordial::ping_pong;

#[cordial::main]
async fn main() {
    ping_pong! {
        ping "hey there"
        pong |msg| assert_eq!(msg.len(), 9)
    }
    ping_pong! { ping 1_u8 pong async |n| assert_eq!(n, 1) };
}
