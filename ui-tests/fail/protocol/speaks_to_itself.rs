//! A role that talks to itself.

use cordial::prelude::*;

protocol! {
    Talk: A => B {
        A -> A: Hello(String);
        B -> A: Bye;
    }
}

fn main() {}
