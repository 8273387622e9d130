//! Applications that need each other: neither could start first.

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
    #[application(name = "harbor", depends = [BillingSup])]
    pub HarborSup {
        children: [quay: Quay(Quay(80))],
    }
}

supervisor! {
    #[application(name = "billing", depends = [HarborSup])]
    pub BillingSup {
        children: [quay: Quay(Quay(81))],
    }
}

fn main() {}
