//! A reply whose type is not `Send`, behind an alias.

use cordial::prelude::*;
use std::rc::Rc;

type Name = Rc<str>;

#[gen_server]
struct Jukebox {
    playing: String,
}

#[gen_server]
impl Jukebox {
    #[call]
    fn playing(&self) -> Name {
        self.playing.as_str().into()
    }
}

fn main() {}
