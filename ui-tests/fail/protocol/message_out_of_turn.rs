//! p01: it is the peer's turn.

use cordial::prelude::*;

protocol! {
    Match: Pinger => Ponger {
        loop Rally {
            Pinger -> Ponger: Ping(String);
            Ponger -> Pinger: Pong(String);
        }
    }
}

#[cordial::main]
async fn main() {
    let (c, _ponger) = r#match::open();
    let c = c.ping("a".to_owned());
    c.ping("b".to_owned());
}
