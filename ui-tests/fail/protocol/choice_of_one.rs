//! A choice of one.

use cordial::prelude::*;

protocol! {
    Talk: A => B {
        choice A {
            Hello(String) => end,
        }
    }
}

fn main() {}
