//! The runtime under another name.

mod re_exported {
    pub(crate) use ::cordial as otp;
}

use re_exported::otp::{gen_server, supervisor};

#[gen_server(crate = crate::re_exported::otp)]
struct Board(u32);

#[gen_server(crate = crate::re_exported::otp)]
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
    crate = crate::re_exported::otp;
    Game {
        children: [board: Board(1), below: supervisor { children: [board: Board(2)] }],
    }
}

#[re_exported::otp::main(crate = crate::re_exported::otp)]
async fn main() {
    let game = Game::start().await.expect("it starts");
    assert_eq!(game.below.board.score().await, Ok(2));
}
