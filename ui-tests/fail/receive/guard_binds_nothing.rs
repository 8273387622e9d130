//! A guard that takes something out.

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

impl Msg {
    fn number(&self) -> Option<u32> {
        match self {
            Self::Number(n) => Some(*n),
            Self::Stop => None,
        }
    }
}

async fn read(mut mail: Mailbox<Msg>) -> u32 {
    receive!(mail, msg if let Some(n) = msg.number() => n)
}

fn main() {}
