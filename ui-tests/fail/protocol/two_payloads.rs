//! One message with two payloads.

use cordial::prelude::*;

protocol! {
    Talk: A => B {
        A -> B: Hello(String);
        B -> A: Hello(u32);
    }
}

fn main() {}
