//! A conversation with a server that has no such session.

use cordial::prelude::*;

protocol! {
    Talk: A => B {
        A -> B: Hello(String);
    }
}

#[gen_server]
#[derive(Clone)]
struct Desk;

#[gen_server]
impl Desk {
    #[cast]
    fn ring(&mut self) {}
}

#[cordial::main]
async fn main() {
    let desk = Desk::start(Desk).await.expect("it starts");
    desk.ring();
    let _ = Talk::connect(&desk).await;
}
