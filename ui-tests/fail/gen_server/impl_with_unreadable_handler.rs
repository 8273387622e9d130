//! A handler that cannot be read takes no other with it.

use cordial::prelude::*;

#[gen_server]
#[derive(Default)]
struct Jukebox {
    played: u32,
}

#[gen_server]
impl Jukebox {
    #[cast]
    fn play(&mut self, times u32) {
        self.played += times;
    }

    #[call]
    fn played(&self) -> u32 {
        self.played
    }
}

#[cordial::main]
async fn main() {
    let jukebox = Jukebox::start(Jukebox::default()).await.unwrap();
    println!("{:?}", jukebox.played().await);
}
