//! What is received from is a mailbox.

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

async fn read(mail: u32) -> u32 {
    receive!(mail, Msg::Number(n) => n)
}

async fn right(mut mail: Mailbox<Msg>) {
    receive!(mail, Msg::Stop => {})
}

fn main() {}
