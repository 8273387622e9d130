//! Tasks as children: of siblings, of parameters, with options, under an `if`, in a nested tree.

use cordial::prelude::*;
use cordial::TaskRef;

#[gen_server]
#[derive(Clone, Default)]
struct Board(u32);

#[gen_server]
impl Board {
    #[cast]
    fn add(&mut self, n: u32) {
        self.0 += n;
    }
}

async fn poll(board: Ref<Board>, n: u32) -> Result<(), std::io::Error> {
    board.add(n);
    std::future::pending().await
}

supervisor! {
    pub Station(n: u32, is_busy: bool) {
        auto_shutdown: AnySignificant,
        children: [
            board: Board(Board::default()),
            first: task(poll(board, n)),
            second: task(async move { _ = board.add(1) }) { restart: Transient, significant: true },
            if is_busy {
                third: task(poll(board, 2 * n)) { restart: Permanent, shutdown: brutal_kill },
            },
            edge: supervisor {
                children: [inner: task(std::future::ready(()))],
            },
        ],
    }
}

async fn handles() -> Result<(TaskRef, Option<TaskRef>), StartError> {
    let station = Station::start(1, true).await?;
    let _: TaskRef = station.edge.inner;
    Ok((station.first, station.third))
}

fn main() {
    let _ = handles();
}
