//! A name that is no word.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
pub struct Quay(pub u16);

#[gen_server]
impl Quay {
    #[call]
    pub fn port(&self) -> u16 {
        self.0
    }
}

supervisor! {
    #[application(name = "Harbor Fleet")]
    pub HarborSup {
        children: [quay: Quay(Quay(80))],
    }
}

fn main() {}
