//! A private handler used from outside.

mod game {
    use cordial::prelude::*;

    #[gen_server]
    #[derive(Clone)]
    pub struct Board {
        points: u32,
    }

    #[gen_server]
    impl Board {
        #[cast]
        fn secret(&mut self) {
            self.points = 0;
        }
    }
}

async fn play(board: game::BoardRef) {
    board.secret();
}

fn main() {}
