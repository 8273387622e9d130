//! A pattern of a type that does not come to this mailbox.

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

enum Other {
    Thing(u32),
}

async fn read(mut mail: Mailbox<Msg>) -> u32 {
    receive!(mail, Msg::Number(n) => n, Other::Thing(n) => n)
}

fn main() {}
