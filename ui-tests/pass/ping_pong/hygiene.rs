//! A user's own names change nothing in what is generated.

#![allow(dead_code)]

struct Mailbox;
struct Plain;
trait Deref {}
trait Mul {}
mod core {}
mod process {}
fn apply() {}

#[cordial::main]
async fn main() {
    let mailbox = 3_u8;
    let down = cordial::ping_pong! {
        ping mailbox
        pong |msg| assert_eq!(msg, mailbox)
    };
    assert_eq!(down.await.reason, cordial::ExitReason::Normal);
}
