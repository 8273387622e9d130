//! A time without a unit, and one that is no time.

use cordial::prelude::*;

protocol! {
    Talk: A => B within 5 {
        A -> B: Hello(String);
        B -> A: Bye within forever;
    }
}

fn main() {}
