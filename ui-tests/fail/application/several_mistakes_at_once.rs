//! Three mistakes are three errors, and uses of the tree are none.

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
    #[application(nam = "harbor", depends = BillingSup, file = 5)]
    pub HarborSup {
        children: [quay: Quay(Quay(80))],
    }
}

pub async fn port() -> u16 {
    let harbor = HarborSup::start().await.unwrap();
    let _ = HarborSup::run;
    harbor.quay.port().await.unwrap()
}

fn main() {}
