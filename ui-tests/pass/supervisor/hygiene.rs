//! A user's own names change nothing in what is generated.

#![allow(dead_code, non_camel_case_types)]

use std::error::Error;

use cordial::prelude::{gen_server, supervisor};

struct Option;
struct Result;
struct Vec;
struct String;
struct Box;
struct Some;
struct None;
trait Clone {}
trait Send {}
trait Default {}
trait Debug {}
trait Child {}
trait Fn {}
mod std_like {}
mod core {}
mod cordial_like {}
fn drop() {}

#[gen_server]
struct Board(u32);

#[gen_server]
impl Board {
    #[init]
    fn init(points: u32) -> Self {
        Self(points)
    }

    #[call]
    fn score(&self) -> u32 {
        self.0
    }
}

supervisor! {
    Game(tree: u32, holds: u32) {
        children: [
            out: Board(tree),
            if holds > 1 { builder: Board(holds) },
            f: supervisor { children: [tree: Board(holds)] },
        ],
    }
}

#[cordial::main]
async fn main() -> ::core::result::Result<(), ::std::boxed::Box<dyn Error>> {
    let game = Game::start(1, 2).await?;
    assert_eq!(game.out.score().await?, 1);
    assert_eq!(game.f.tree.score().await?, 2);
    assert!(game.builder.is_some());
    Ok(())
}
