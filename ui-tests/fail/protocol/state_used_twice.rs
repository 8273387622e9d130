//! p02: a state is used up by what is said in it.

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
    let _first = c.ping("a".to_owned());
    let _second = c.ping("b".to_owned());
}
