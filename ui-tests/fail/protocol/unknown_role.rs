//! A role that the protocol does not have.

use cordial::prelude::*;

protocol! {
    Talk: A => B {
        C -> B: Hello(String);
        B -> A: Bye;
    }
}

fn main() {}
