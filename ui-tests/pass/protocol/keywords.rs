//! Messages whose names are words of the language, as types or in small letters.

#![deny(warnings)]

use cordial::prelude::*;

protocol! {
    /// A game of moves.
    pub Game: White => Black {
        White -> Black: Move(u8);
        choice Black {
            Type(r#type: u8) => end,
            r#loop => White -> Black: r#Match(u8, u16),
        }
    }
}

fn main() {}
