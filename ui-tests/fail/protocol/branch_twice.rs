//! Two branches that begin alike.

use cordial::prelude::*;

protocol! {
    Talk: A => B {
        choice A {
            Hello(String) => end,
            Hello(String) => B -> A: Bye,
        }
    }
}

fn main() {}
