//! Partitions wherever they can stand, without a warning.

#![deny(warnings)]

use std::error::Error;

use cordial::prelude::*;

#[gen_server]
struct Board(String);

#[gen_server]
impl Board {
    #[init]
    fn init(name: String) -> Self {
        Self(name)
    }

    #[call]
    fn name(&self) -> String {
        self.0.clone()
    }
}

#[gen_server]
struct Player {
    boards: PartitionRef<Board>,
    number: usize,
}

#[gen_server]
impl Player {
    #[init]
    fn init(boards: PartitionRef<Board>, number: usize) -> Self {
        Self { boards, number }
    }

    #[call]
    async fn board(&self) -> String {
        self.boards.route(&self.number).name().await.unwrap_or_default()
    }
}

supervisor! {
    Table(name: String, shard: u8) {
        children: [board: Board(format!("{name} {shard}"))],
    }
}

supervisor! {
    /// Boards, players and tables.
    pub(crate) Game(names: Vec<&'static str>, shard: usize, lobby: bool) {
        children: [
            boards: partition(names.len()) Board(names[shard].to_owned()) {
                strategy: OneForAll,
                max_restarts: 10 in 1min,
                restart: Transient,
                shutdown: brutal_kill,
                backoff: exp(10ms, 1s),
            },
            last: Player(boards, 2),
            inside: supervisor {
                children: [players: partition(3) Player(boards, 1) { restart: Temporary }],
            },
            tables: partition(2) Table("table".to_owned(), shard as u8) { restart: Permanent },
            if lobby { lobbies: partition Board(String::new()) },
            #[cfg(any())]
            absent: partition(2) Absent(absentee),
            counted: partition(2) Board(format!("{}", boards.partitions())),
        ],
    }
}

supervisor! {
    Numbered {
        children: [
            each: partition(2) Board(format!("number {shard}")),
            any: partition(2) Table("any".to_owned(), shard as u8),
        ],
    }
}

#[cordial::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let game = Game::start(vec!["a", "b", "c"], 2, true).await?;
    assert_eq!(game.boards.route(&1).name().await?, "c", "`shard` is the tree's parameter");
    assert_eq!(game.last.board().await?, "c");
    assert_eq!(game.inside.players.route("ann").board().await?, "c");
    assert_eq!(game.tables.route(&1).board.name().await?, "table 2");
    assert!(game.lobbies.clone().ok_or("it is there")?.partitions() >= 1);
    assert_eq!(game.counted.route(&0).name().await?, "3");

    let numbered = Numbered::start().await?;
    assert_eq!(numbered.each.route(&5).name().await?, "number 1");
    assert_eq!(numbered.any.route(&5).board.name().await?, "any 1");
    Ok(())
}
