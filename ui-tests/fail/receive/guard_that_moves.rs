//! A guard only looks: what it moved could not stay where it is.

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

struct Owned(String);

impl cordial::Message for Owned {
    fn kind(&self) -> &'static str {
        "owned"
    }
}

fn wanted(text: String) -> bool {
    text.is_empty()
}

async fn read(mut mail: Mailbox<Owned>) -> String {
    receive!(mail, Owned(text) if wanted(text) => text)
}

fn main() {}
