//! No lint fires in what is generated.

#![deny(warnings, missing_docs, unreachable_pub, unused, unused_qualifications, unnameable_types)]
#![deny(missing_debug_implementations, trivial_bounds)]
#![deny(single_use_lifetimes, unused_lifetimes, unused_results, let_underscore_drop)]

use cordial::prelude::*;

/// Counts points.
#[gen_server]
#[derive(Debug)]
pub struct Board(u32);

#[gen_server]
impl Board {
    #[init]
    fn init(points: u32) -> Self {
        Self(points)
    }

    /// The points.
    #[call]
    pub fn score(&self) -> u32 {
        self.0
    }
}

#[derive(Clone, Debug)]
#[gen_server]
struct Hidden;

#[gen_server]
impl Hidden {
    #[call]
    fn nothing(&self) {}
}

supervisor! {
    /// Everything in one tree.
    pub Game(points: u32, more: bool, text: String) {
        strategy: OneForAll,
        children: [
            board: Board(points),
            hidden: Hidden(Hidden),
            if more && !text.is_empty() { spare: Board({ let points = 3; points }) },
            #[cfg(unix)] unix: Board(stringify!(points).len().try_into().unwrap_or_default()),
            #[cfg(not(unix))] unix: Hidden(Hidden),
            below: supervisor { children: [board: Board(points), rooms: dynamic Room] },
        ],
    }
}

supervisor! {
    Room {
        children: [],
    }
}

supervisor! {
    /// Nobody starts it.
    Unused(points: u32) {
        children: [board: Board(points)],
    }
}

#[cordial::main]
async fn main() {
    let game = Game::start(3, true, "a".to_owned()).await;
    assert_eq!(game.expect("it starts").board.score().await, Ok(3));
}
