//! A process that sends itself a message and takes it. The macro is one of cordial's.

use std::error::Error;

use cordial::ping_pong;

pub(crate) async fn main() -> Result<(), Box<dyn Error>> {
    let talk = ping_pong! {
        ping "hey there"
        pong |message| println!("Pong received: {message}")
    };
    talk.await;
    Ok(())
}
