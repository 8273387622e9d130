//! A step behind the end.

use cordial::prelude::*;

protocol! {
    Talk: A => B {
        A -> B: Hello(String);
        end;
        B -> A: Bye;
    }
}

fn main() {}
