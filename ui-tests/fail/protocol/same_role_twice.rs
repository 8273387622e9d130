//! One role on both sides.

use cordial::prelude::*;

protocol! {
    Talk: A => A {
        A -> A: Hello(String);
    }
}

fn main() {}
