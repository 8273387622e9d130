//! Three mistakes are three errors, and uses of the environment are none.

#[derive(Clone, Debug, cordial::Env)]
pub struct HarborCfg {
    #[env(defualt = 4040)]
    port: u16,
    config: String,
    #[env(default)]
    pilot: Option<String>,
}

pub fn read() -> HarborCfg {
    cordial::env::Config::new().read("harbor").unwrap()
}

fn main() {}
