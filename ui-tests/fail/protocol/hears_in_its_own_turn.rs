//! p03: it is one's own turn.

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
    let _ = c.pong().await;
}
