//! A guard cannot leave the function.

use cordial::process::Mailbox;
use cordial::receive;

enum Msg {
    Number(u32),
    Stop,
}

impl cordial::Message for Msg {
    fn kind(&self) -> &'static str {
        "msg"
    }
}

fn wanted(n: u32) -> Option<bool> {
    Some(n > 3)
}

async fn read(mut mail: Mailbox<Msg>) -> Option<u32> {
    receive!(mail, Msg::Number(n) if wanted(n)? => Some(n))
}

fn main() {}
