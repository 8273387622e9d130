//! Arms that are not finished.

use cordial::process::Mailbox;
use cordial::receive;

async fn next(mut mail: Mailbox<Ring>) -> u32 {
    receive! { mail, Ring::Num(n) if n > 3 => n, Ring::Num(_) }
}

async fn soon(mut mail: Mailbox<Ring>) -> u32 {
    receive! { mail, Ring::Num(n) if n > 3 => n, after 5 => 0 }
}

enum Ring {
    Num(u32),
}

impl cordial::Message for Ring {
    fn kind(&self) -> &'static str {
        "ring"
    }
}

fn main() {}
