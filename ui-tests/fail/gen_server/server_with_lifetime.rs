//! A server that borrows.

use cordial::prelude::*;

#[gen_server]
struct Greeter<'a> {
    greeting: &'a str,
}

#[gen_server]
impl<'a> Greeter<'a> {
    #[call]
    fn greet(&self) -> String {
        self.greeting.to_owned()
    }
}

fn main() {}
