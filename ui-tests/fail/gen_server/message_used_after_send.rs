//! TYP-13: a message is moved to the server, so it cannot be changed or read afterwards.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    lines: Vec<String>,
}

#[gen_server]
impl Board {
    #[cast]
    fn write(&mut self, line: String) {
        self.lines.push(line);
    }
}

fn use_it(board: &BoardRef) {
    let mut line = "first".to_owned();
    board.write(line);
    line.push_str(" and more");
}

fn main() {}

// break: TYP-13 macros/src/gen_server/expand.rs
//     `Passing::Owned | Passing::Lent => quote!(#name: #ty),` =>
//     `Passing::Owned | Passing::Lent => quote!(#name: &#ty),`
