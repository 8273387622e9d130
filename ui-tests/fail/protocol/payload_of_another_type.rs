//! p04: a message carries what the protocol says.

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
    let _c = c.ping(5);
}
