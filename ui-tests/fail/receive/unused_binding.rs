//! A variable that nobody uses is told as in any pattern, one that the guard uses is not.

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

#[deny(unused_variables)]
async fn read(mut mail: Mailbox<Msg>) -> u32 {
    receive!(mail, Msg::Number(used) if used > 3 => 1, Msg::Number(unused) => 2)
}

fn main() {}
