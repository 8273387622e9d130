//! A parameter that two children take and that is not `Clone`.

use cordial::prelude::*;

struct Token;

#[gen_server]
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
    Game(token: Token) {
        children: [
            left: Gate(token) { restart: Temporary },
            right: Gate(token) { restart: Temporary },
        ],
    }
}

fn main() {}
