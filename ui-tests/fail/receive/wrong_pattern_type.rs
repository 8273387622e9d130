//! r03: a pattern of another type than what the message holds.

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

async fn read(mut mail: Mailbox<Msg>) {
    receive!(mail, Msg::Number("x") => {})
}

fn main() {}
