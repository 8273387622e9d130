//! Run with `cargo run -p cordial-examples --example board_game`: matches of noughts and crosses,
//! each a state machine under its name. A match that crashes is there again with every move. It
//! checks what happens and exits non-zero when that is wrong.
//!
//! ```text
//! Hall ─┬─ keeper   inherits the table of a match that crashes, and gives it back
//!       ├─ matches  the registry: who finds which match
//!       └─ tables   the matches, started on demand and restarted by their supervisor
//! ```

use std::collections::HashMap;
use std::error::Error;
use std::fmt;

use cordial::ets::{self, Transfer};
use cordial::prelude::*;
use cordial::{TryCallError, process};

registry! {
    /// Every match by its name.
    pub Matches: String => Match, unique
}

table! {
    /// The moves of one match: in the order in which they were made, the squares.
    pub Moves: u8 => u8, ordered_set, protected
}

/// Who moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    X,
    O,
}

/// Why a move is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    NotYourTurn,
    NotFree,
    Over,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotYourTurn => "it is not your turn",
            Self::NotFree => "the square is taken, or there is none",
            Self::Over => "the match is over",
        })
    }
}

impl Error for Refused {}

/// Keeps the moves of crashed matches until they are there again.
#[gen_server]
pub struct Keeper(HashMap<String, Moves>);

#[gen_server]
impl Keeper {
    #[init]
    fn init() -> Self {
        Self(HashMap::new())
    }

    /// A match has crashed: its table comes here, with its name.
    #[info]
    fn inherits(&mut self, transfer: Transfer<Moves, String>) {
        self.0.insert(transfer.data, transfer.table);
    }

    /// Gives a table to the match that goes on with it. False: there is none.
    #[call]
    fn reclaim(&mut self, name: &str, to: MatchRef) -> bool {
        let moves = self.0.remove(name);
        moves.is_some_and(|moves| ets::give_away(moves, &to, ()).is_ok())
    }
}

/// There is no table to go on with: the match is a new one.
pub struct Begin;

/// One match.
#[gen_statem(via = Matches, key = String)]
pub struct Match {
    name: String,
    keeper: KeeperRef,
    moves: Option<Moves>,
}

#[gen_statem(Setup | XToMove | OToMove | Over)]
impl Match {
    #[init]
    async fn init(name: String, keeper: KeeperRef, ctx: &mut Ctx<Self>) -> Result<Self, CallError> {
        if !keeper.reclaim(&name, ctx.me()).await? {
            ctx.next_event(MatchMsg::Begins { msg: Begin });
        }
        Ok(Self { name, keeper, moves: None })
    }

    #[on(Setup)]
    #[info]
    fn begins(&mut self, _: Begin, ctx: &mut Ctx<Self>) -> to![XToMove] {
        let moves = Moves::new(ctx);
        moves.set_heir(&self.keeper, self.name.clone()).expect("the table is new, and ours");
        self.moves = Some(moves);
        goto(XToMove)
    }
    #[on(_)]
    #[ignore]
    fn begins();

    /// The moves of the match before its crash: on with it.
    #[on(Setup)]
    #[info]
    fn goes_on(&mut self, transfer: Transfer<Moves>) -> to![XToMove | OToMove | Over] {
        self.moves = Some(transfer.table);
        match (self.is_over(), self.squares().len() % 2) {
            (true, _) => goto(Over),
            (false, 0) => goto(XToMove),
            (false, _) => goto(OToMove),
        }
    }
    #[on(_)]
    #[ignore]
    fn goes_on();

    /// Makes a move.
    #[on(XToMove)]
    #[call]
    pub fn play(&mut self, mark: Mark, square: u8) -> (Result<(), Refused>, to![OToMove | Over]) {
        match self.put(mark, Mark::X, square) {
            Ok(()) if self.is_over() => (Ok(()), goto(Over)),
            Ok(()) => (Ok(()), goto(OToMove)),
            Err(refused) => (Err(refused), keep_state()),
        }
    }
    #[on(OToMove)]
    #[call]
    pub fn play(&mut self, mark: Mark, square: u8) -> (Result<(), Refused>, to![XToMove | Over]) {
        match self.put(mark, Mark::O, square) {
            Ok(()) if self.is_over() => (Ok(()), goto(Over)),
            Ok(()) => (Ok(()), goto(XToMove)),
            Err(refused) => (Err(refused), keep_state()),
        }
    }
    #[on(Over)]
    #[call]
    pub fn play(&mut self, _mark: Mark, _square: u8) -> Result<(), Refused> {
        Err(Refused::Over)
    }
    /// Whoever comes too early waits.
    #[on(Setup)]
    #[postpone]
    pub fn play();

    /// Whoever takes too long has lost.
    #[on(XToMove | OToMove)]
    #[after(1h)]
    fn gives_up(&mut self) -> to![Over] {
        goto(Over)
    }

    /// The board as three lines.
    #[on(XToMove | OToMove | Over)]
    #[call]
    pub fn board(&self) -> String {
        let marks = self.marks();
        let line = |row: usize| marks[3 * row..3 * row + 3].iter().collect::<String>();
        format!("{}\n{}\n{}", line(0), line(1), line(2))
    }
    #[on(Setup)]
    #[postpone]
    pub fn board();

    /// Something goes wrong.
    #[on(_)]
    #[cast]
    fn crash(&mut self) {
        panic!("somebody has kicked the table of {}", self.name);
    }

    fn put(&mut self, mark: Mark, turn: Mark, square: u8) -> Result<(), Refused> {
        if mark != turn {
            return Err(Refused::NotYourTurn);
        }
        let squares = self.squares();
        if square > 8 || squares.contains(&square) {
            return Err(Refused::NotFree);
        }
        let number = u8::try_from(squares.len()).expect("there are nine squares");
        let moves = self.moves.as_ref().expect("a match that goes on has its table");
        moves.insert(number, square).expect("the table is ours");
        Ok(())
    }

    /// The squares, in the order of the moves.
    fn squares(&self) -> Vec<u8> {
        let moves = self.moves.as_ref().expect("a match that goes on has its table");
        moves.to_vec().expect("the table is ours").into_iter().map(|(_, square)| square).collect()
    }

    fn marks(&self) -> [char; 9] {
        let mut marks = ['.'; 9];
        for (square, mark) in self.squares().into_iter().zip(['X', 'O'].into_iter().cycle()) {
            marks[usize::from(square)] = mark;
        }
        marks
    }

    fn is_over(&self) -> bool {
        const LINES: [[usize; 3]; 8] = [
            [0, 1, 2],
            [3, 4, 5],
            [6, 7, 8],
            [0, 3, 6],
            [1, 4, 7],
            [2, 5, 8],
            [0, 4, 8],
            [2, 4, 6],
        ];
        let marks = self.marks();
        let is_won =
            |[a, b, c]: [usize; 3]| marks[a] != '.' && marks[a] == marks[b] && marks[b] == marks[c];
        !marks.contains(&'.') || LINES.into_iter().any(is_won)
    }
}

supervisor! {
    /// A hall full of matches.
    Hall {
        max_restarts: 10 in 5s,
        children: [
            keeper: Keeper,
            matches: Matches,
            tables: dynamic Match { by: String },
        ],
    }
}

/// The board, when there is somebody again who has it.
async fn board_of_next(game: &MatchRef) -> Result<String, CallError> {
    for _ in 0..1000 {
        match game.board().await {
            Err(CallError::NoProc(_)) => process::sleep(millis(1)).await,
            answer => return answer,
        }
    }
    game.board().await
}

#[cordial::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let hall = Hall::start().await?;
    let game = Matches::ensure("final", ("final".to_owned(), hall.keeper.clone())).await?;
    game.play(Mark::X, 4).await?;
    game.play(Mark::O, 0).await?;
    let early = game.play(Mark::O, 1).await;
    assert!(matches!(early, Err(TryCallError::Handler(Refused::NotYourTurn))), "{early:?}");
    game.play(Mark::X, 2).await?;

    // The process is gone with all that it had in its memory.
    let down = process::monitor(&game);
    game.crash();
    println!("the match ended: {}", down.await.reason);

    // The same handle, the same name, the same board; it is O's turn, as it was before.
    println!("and is there again:\n{}", board_of_next(&Match::at("final")).await?);
    assert_eq!(game.board().await?, "O.X\n.X.\n...");
    game.play(Mark::O, 1).await?;
    game.play(Mark::X, 6).await?;
    println!("X has won:\n{}", game.board().await?);
    let late = game.play(Mark::O, 8).await;
    assert!(matches!(late, Err(TryCallError::Handler(Refused::Over))), "{late:?}");
    assert_eq!(game.board().await?, "OOX\n.X.\nX..");
    Ok(())
}
