//! A tree that ends with its significant child, and children that wait between failed starts.

use cordial::prelude::*;
use cordial::supervisor::Supervised;

#[gen_server]
#[derive(Clone)]
struct Board;

#[gen_server]
impl Board {
    #[cast]
    fn close(&mut self, ctx: &mut Ctx<Self>) {
        ctx.stop(ExitReason::Normal);
    }
}

supervisor! {
    Game {
        auto_shutdown: AnySignificant,
        children: [
            board: Board(Board) { restart: Transient, significant: true, backoff: exp(100ms, 10s) },
            back: supervisor { backoff: exp(secs(1), 1min), children: [board: Board(Board)] },
        ],
    }
}

#[cordial::main]
async fn main() {
    let game = Game::start().await.expect("it starts");
    let end = cordial::process::monitor(game.supervisor());
    game.board.close();
    assert_eq!(end.await.reason, ExitReason::Shutdown);
}
