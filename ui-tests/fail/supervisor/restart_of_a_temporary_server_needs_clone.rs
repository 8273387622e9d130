//! A temporary server that its tree restarts after all.

use cordial::prelude::*;

struct Token;

#[gen_server(restart = Temporary)]
struct Gate(Token);

#[gen_server]
impl Gate {
    #[init]
    fn init(token: Token) -> Self {
        Self(token)
    }

    #[call]
    fn is_open(&self) -> bool {
        let _ = &self.0;
        true
    }
}

supervisor! {
    Game {
        children: [gate: Gate(Token) { restart: Transient }],
    }
}

fn main() {}
