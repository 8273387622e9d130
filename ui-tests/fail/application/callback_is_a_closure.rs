//! A callback that is no function.

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

async fn moor(_: &HarborSupRef) {}

supervisor! {
    #[application(name = "harbor", prep_stop = |_| ())]
    pub HarborSup {
        children: [quay: Quay(Quay(80))],
    }
}

fn main() {}
