//! Values of options that a `macro_rules!` macro passes on, and fields that are not there.

#![deny(warnings)]

use cordial::prelude::*;

macro_rules! server {
    ($name:ident, $text:literal, $bound:expr, $version:literal, $wait:expr, $tick:tt) => {
        #[gen_server(name = $text, version = $version)]
        #[derive(Clone)]
        pub struct $name {
            value: u8,
            #[cfg(any())]
            shared: std::rc::Rc<u8>,
        }

        #[gen_server(mailbox = $bound, on_full = drop_oldest)]
        impl $name {
            #[code_change(from = 1)]
            fn of_one(value: u8) -> Self {
                Self { value }
            }

            #[call(timeout = $wait)]
            pub async fn get(&self) -> u8 {
                self.value
            }

            #[every($tick)]
            fn tick(&mut self) {
                self.value += 1;
            }
        }
    };
}

server!(Board, "board", 16, 2, secs(3), 5s);

supervisor! {
    pub Sup { children: [board: Board(Board { value: 1 })] }
}

#[cordial::main]
async fn main() {
    let sup = Sup::start().await.expect("it starts");
    assert_eq!(sup.board.get().await.expect("it is there"), 1);
    assert!(Board::whereis().is_some());
}
