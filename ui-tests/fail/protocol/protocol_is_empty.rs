//! A protocol that says nothing.

use cordial::prelude::*;

protocol! {
    Talk: A => B {}
}

fn main() {}
