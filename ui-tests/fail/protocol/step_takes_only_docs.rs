//! An attribute on a step.

use cordial::prelude::*;

protocol! {
    Talk: A => B {
        #[cfg(feature = "polite")]
        A -> B: Hello(String);
        B -> A: Bye;
    }
}

fn main() {}
