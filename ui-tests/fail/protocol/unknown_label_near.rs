//! A misspelt loop.

use cordial::prelude::*;

protocol! {
    Talk: A => B {
        loop Again {
            A -> B: Hello(String);
            continue Agian;
        }
    }
}

fn main() {}
