//! A loop that is called as something every protocol has.

use cordial::prelude::*;

protocol! {
    Talk: A => B {
        loop Start {
            A -> B: Hello(String);
        }
    }
}

fn main() {}
