//! Two states of one name.

use cordial::prelude::*;

protocol! {
    Talk: A => B {
        choice A as Mood {
            Hello(String) => loop Mood { B -> A: Bye; },
            Leave => end,
        }
    }
}

fn main() {}
