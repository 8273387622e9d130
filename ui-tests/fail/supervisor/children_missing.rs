//! A tree without children.

use cordial::prelude::*;

supervisor! {
    Game {
        strategy: OneForOne,
    }
}

async fn play() {
    let _game = Game::start().await;
}

fn main() {}
