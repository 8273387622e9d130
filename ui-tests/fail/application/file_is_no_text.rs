//! A file that is no text.

use cordial::prelude::*;

#[derive(Clone, Debug, cordial::Env)]
pub struct HarborCfg {
    #[env(default = 4040)]
    port: u16,
}

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
    #[application(name = "harbor", env = HarborCfg, file = harbor.toml)]
    pub HarborSup(cfg: HarborCfg) {
        children: [quay: Quay(Quay(cfg.port))],
    }
}

fn main() {}
