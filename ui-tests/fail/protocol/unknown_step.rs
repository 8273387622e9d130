//! A misspelt step.

use cordial::prelude::*;

protocol! {
    Talk: A => B {
        chioce A {
            Hello(String) => end,
            Leave => end,
        }
    }
}

fn main() {}
