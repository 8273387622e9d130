//! An argument whose type is not `Send`, which only the compiler sees.

use cordial::prelude::*;
use std::rc::Rc;

struct Track {
    name: Rc<str>,
}

#[gen_server]
#[derive(Default)]
struct Jukebox {
    played: Vec<String>,
}

#[gen_server]
impl Jukebox {
    #[cast]
    fn play(&mut self, track: Track) {
        self.played.push(track.name.to_string());
    }

    #[call]
    fn played(&self) -> Vec<String> {
        self.played.clone()
    }
}

#[cordial::main]
async fn main() {
    let jukebox = Jukebox::start(Jukebox::default()).await.unwrap();
    println!("{:?}", jukebox.played().await);
}
