//! Two messages with one method.

use cordial::prelude::*;

protocol! {
    Talk: A => B {
        choice A {
            ByeBye => end,
            Bye_Bye => end,
        }
    }
}

fn main() {}
