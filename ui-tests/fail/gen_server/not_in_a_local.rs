//! What looks at a state from another thread, of a local server.

use cordial::prelude::*;

registry! {
    Boards: String => Pid, unique
}

#[behaviour]
trait Scores {
    #[call]
    fn total(&self) -> u32;
}

struct OldBoard(u32);

#[gen_server(local, via = Boards, key = String, version = 2)]
struct Board {
    points: std::rc::Rc<u32>,
    lines: Option<tokio::sync::mpsc::Receiver<u32>>,
}

#[gen_server(local, behaviours(Scores))]
impl Board {
    #[init]
    fn init() -> Self {
        Self { points: std::rc::Rc::new(3), lines: None }
    }

    #[code_change(from = 1)]
    fn from_old(old: OldBoard) -> Self {
        Self { points: std::rc::Rc::new(old.0), lines: None }
    }

    #[call(task)]
    fn score(&self) -> u32 {
        *self.points
    }

    #[info(stream = self.lines)]
    fn line(&mut self, line: Option<u32>) {
        drop(line);
    }
}

fn main() {}
