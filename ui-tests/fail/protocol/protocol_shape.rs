//! A protocol without roles.

use cordial::prelude::*;

protocol! {
    Talk {
        A -> B: Hello(String);
    }
}

fn main() {}
