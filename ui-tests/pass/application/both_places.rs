//! The attribute stands in the tree or in front of the macro; the runtime may have another name.
#![deny(warnings)]

use cordial as otp;
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

async fn moor(harbor: &HarborSupRef) {
    let _ = harbor.quay.port().await;
}

async fn cast_off() {}

fn changed(change: &cordial::application::EnvChange) {
    let _ = change.is_empty();
}

supervisor! {
    /// The harbor.
    #[application(
        name = "harbor",
        env = HarborCfg,
        depends = [billing::BillingSup, FlagSup],
        file = "harbor.toml",
        prep_stop = moor,
        stop = cast_off,
        config_change = changed,
    )]
    pub HarborSup(cfg: HarborCfg) {
        children: [quay: Quay(Quay(cfg.port))],
    }
}

mod billing {
    use super::*;

    /// Bills, in another module.
    #[cordial::application(name = "billing", env = ())]
    supervisor! {
        pub(crate) BillingSup(_cfg: ()) {
            children: [quay: Quay(Quay(1))],
        }
    }
}

#[otp::application(name = "flag", crate = otp)]
otp::supervisor! {
    crate = otp;
    FlagSup {
        children: [quay: Quay(Quay(2))],
    }
}

fn main() {
    let _: fn() -> std::process::ExitCode = HarborSup::run;
    let _: fn() -> std::process::ExitCode = FlagSup::run;
}
