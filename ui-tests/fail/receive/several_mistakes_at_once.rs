//! Three mistakes, three errors.

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
    receive! {
        mail,
        Msg::Number(n) if let 3 = n => n,
        Msg::Stop => 1,
        after 5 => 0,
        Msg::Number(n) => n,
    }
}

fn main() {}
