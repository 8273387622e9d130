//! A state is copied to be looked at; `with_state` looks at any.

use cordial::prelude::*;
use cordial::sys;

#[gen_server]
struct Socket;

#[gen_server]
impl Socket {
    #[cast]
    fn close(&self) {}
}

#[cordial::main]
async fn main() {
    let socket = Socket::start(Socket).await.unwrap();
    let _ = sys::get_state(&socket).await;
}
