//! `#[application]`: a declared tree that is started, looked at and stopped as an application.
use crate::application_support::Log;
use cordial::application::{self, EnvChange};
use cordial::env::Config;
use cordial::prelude::*;

#[derive(Clone, Debug, cordial::Env)]
struct HarborCfg {
    /// How many berths there are.
    berths: u8,
}

#[gen_server]
#[derive(Clone)]
struct Quay(u8);

#[gen_server]
impl Quay {
    #[call]
    fn berths(&self) -> u8 {
        self.0
    }
}

async fn moor(harbor: &HarborSupRef) {
    let berths = harbor.quay.berths().await.unwrap();
    crate::application_support::say(format!("{berths} berths are still there"));
}

async fn cast_off() {
    crate::application_support::say("all gone".into());
}

fn changed(change: &EnvChange) {
    crate::application_support::say(format!("{:?}", change.changed));
}

supervisor! {
    #[application(
        name = "harbor",
        env = HarborCfg,
        depends = [BillingSup],
        prep_stop = moor,
        stop = cast_off,
        config_change = changed,
    )]
    HarborSup(cfg: HarborCfg) {
        children: [quay: Quay(Quay(cfg.berths))],
    }
}

#[cordial::application(name = "billing")]
supervisor! {
    BillingSup {
        children: [desk: Quay(Quay(0))],
    }
}

/// APP-6: the handle is that of the tree, and the callbacks stand beside it.
#[cordial::test]
async fn a_declared_tree_is_an_application() {
    let log = Log::start();
    let configure = |berths: &'static str| {
        application::configure(Config::new().variables([("HARBOR_BERTHS", berths)]));
    };
    configure("3");
    let started = application::ensure_all_started::<HarborSup>().await.unwrap();
    assert_eq!(started, ["billing", "harbor"]);
    let harbor: HarborSupRef = application::whereis::<HarborSup>().unwrap();
    assert_eq!(harbor.quay.berths().await.unwrap(), 3);
    assert_eq!(application::get_application(&harbor.quay), Some("harbor"));
    configure("4");
    application::reload_env::<HarborSup>().unwrap();
    application::stop::<HarborSup>().await.unwrap();
    log.check(&[r#"[("berths", "4")]"#, "3 berths are still there", "all gone"]).await;
    let harbor = application::start::<HarborSup>().await.unwrap();
    assert_eq!(harbor.quay.berths().await.unwrap(), 4);
}

/// APP-1: a declared application waits for what it needs as one by hand.
#[cordial::test]
async fn a_declared_application_needs_what_it_names() {
    application::configure(Config::new().variables([("HARBOR_BERTHS", "1")]));
    let error = application::start::<HarborSup>().await.err().unwrap();
    assert!(error.to_string().contains("needs `billing`"), "{error}");
    let billing = application::start::<BillingSup>().await.unwrap();
    assert_eq!(billing.desk.berths().await.unwrap(), 0);
    application::start::<HarborSup>().await.unwrap();
}
