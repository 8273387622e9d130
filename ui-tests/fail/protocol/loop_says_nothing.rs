//! A loop without a message.

use cordial::prelude::*;

protocol! {
    Talk: A => B {
        A -> B: Hello(String);
        loop Again {
            continue Again;
        }
    }
}

fn main() {}
