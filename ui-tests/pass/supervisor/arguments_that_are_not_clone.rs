//! What nobody uses again needs no `Clone`: a parameter of one child, that is never restarted.

use cordial::prelude::*;

struct Socket(u32);

#[gen_server(restart = Temporary)]
struct Connection(Socket);

#[gen_server]
impl Connection {
    #[init]
    fn init(socket: Socket) -> Self {
        Self(socket)
    }

    #[call]
    fn number(&self) -> u32 {
        self.0.0
    }
}

supervisor! {
    Line(socket: Socket, other: Socket) {
        children: [
            connection: Connection(socket),
            below: supervisor { children: [if other.0 > 0 { other: Connection(other) }] },
        ],
    }
}

#[cordial::main]
async fn main() {
    let line = Line::start(Socket(1), Socket(0)).await.expect("it starts");
    assert_eq!(line.connection.number().await, Ok(1));
    assert!(line.below.other.is_none());
}
