//! Two values of a message under one name.

use cordial::prelude::*;

protocol! {
    Talk: A => B {
        A -> B: Hello(name: String, name: u32);
    }
}

async fn greet(a: talk::a::Start) {
    let _ = a.hello("ann".into(), 3);
}

fn main() {}
