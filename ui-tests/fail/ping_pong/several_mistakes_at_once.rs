//! Two mistakes are two errors, and the use of the process gives no more.

use cordial::ping_pong;

#[cordial::main]
async fn main() {
    let process = ping_pong! {
        pign "hey there"
        ping
        pong |msg| println!("{msg}")
    };
    process.await;
}
