//! A role that is called like a function of every protocol.

use cordial::prelude::*;

protocol! {
    Talk: Caller => connect {
        Caller -> connect: Hello(String);
    }
}

fn main() {
    let _ = talk::open;
}
