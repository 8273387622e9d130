//! A protocol whose name is that of its module.

use cordial::prelude::*;

protocol! {
    talk: A => B {
        A -> B: Hello(String);
        }
}


fn main() {}
