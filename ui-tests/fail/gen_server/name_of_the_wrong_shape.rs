//! TYP-10: names that are none: of a server, and of a registry's.

use cordial::prelude::*;

registry! {
    Boards: String => Board, unique
}

#[gen_server(via = Boards, key = String)]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[call]
    fn score(&self) -> u32 {
        self.points
    }
}

async fn play() {
    let _ = Board::start(Board { points: 1 }).name(7).await;
    let _ = Board::at(&7).score().await;
}

fn main() {}

// break: TYP-10 runtime/cordial/src/gen_server/start.rs
//     `pub fn name(self, name: &str) -> Self {` =>
//     `pub fn name(self, name: impl ToString) -> Self { let name: &str = &name.to_string();`
