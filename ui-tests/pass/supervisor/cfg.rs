//! `#[cfg]` of a child reaches everything that is generated of it.

use std::error::Error;

use cordial::prelude::*;

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
    Game(more: bool) {
        children: [
            #[cfg(any())] never: Missing(more),
            #[cfg(all())] board: Board(1),
            #[cfg(any())] board: Board(2),
            #[cfg(any())] gone: supervisor { children: [missing: Missing] },
            #[cfg(any())] if more { nowhere: Missing },
            if more { #[cfg(all())] spare: Board(3), #[cfg(any())] other: Missing },
            below: supervisor { children: [#[cfg(any())] a: Missing, #[cfg(all())] a: Board(4)] },
        ],
    }
}

supervisor! {
    #[cfg(any())]
    /// Not there at all.
    Other {
        children: [board: Board(1), below: supervisor { children: [missing: Missing] }],
    }
}

#[cordial::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let game = Game::start(true).await?;
    assert_eq!(game.board.score().await?, 1);
    assert_eq!(game.spare.as_ref().ok_or("no spare")?.score().await?, 3);
    assert_eq!(game.below.a.score().await?, 4);
    assert_eq!(format!("{game:?}").matches("Board<").count(), 3);
    Ok(())
}
