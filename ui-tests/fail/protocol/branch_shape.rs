//! A branch that leads nowhere.

use cordial::prelude::*;

protocol! {
    Talk: A => B {
        choice A {
            Hello(String) => B -> A: Bye,
            Leave
        }
    }
}

fn main() {}
