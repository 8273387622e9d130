//! A way back to no loop.

use cordial::prelude::*;

protocol! {
    Talk: A => B {
        loop Again {
            A -> B: Hello(String);
            continue Nope;
        }
    }
}

fn main() {}
