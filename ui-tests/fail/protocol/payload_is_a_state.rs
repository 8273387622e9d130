//! A type that is called as a state.

use cordial::prelude::*;

pub struct Mood(pub u8);

protocol! {
    Talk: A => B {
        loop Mood {
            A -> B: Hello(Mood);
        }
    }
}

fn main() {}
