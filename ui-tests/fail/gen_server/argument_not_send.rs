//! TYP-14: an argument that cannot leave its thread.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[cast]
    fn add(&mut self, points: std::rc::Rc<u32>) {
        self.points += *points;
    }
}

async fn play(board: BoardRef) {
    board.add(std::rc::Rc::new(3));
}

fn main() {}

// break: TYP-14 macros/src/gen_server/check_arguments.rs
//     `let Some(flaw) = argument::flaw(stored) else { return };` =>
//     `let Some(flaw @ Flaw::ImplTrait(_)) = argument::flaw(stored) else { return };`
