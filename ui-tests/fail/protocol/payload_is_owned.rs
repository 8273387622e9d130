//! A message that borrows.

use cordial::prelude::*;

protocol! {
    Talk: A => B {
        A -> B: Hello(&str);
        B -> A: Bye;
    }
}

fn main() {}
