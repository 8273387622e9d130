//! Nothing can be waited for here.

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

fn read(mail: &mut Mailbox<Msg>) -> u32 {
    receive!(mail, Msg::Number(n) => n)
}

fn main() {}
