//! Something that is no step.

use cordial::prelude::*;

protocol! {
    Talk: A => B {
        A: Hello(String);
        B -> A: Bye;
    }
}

fn main() {}
