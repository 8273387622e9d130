//! Arms that give different types.

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

async fn read(mut mail: Mailbox<Msg>) -> u32 {
    receive!(mail, Msg::Number(n) => n, Msg::Stop => "stop")
}

fn main() {}
