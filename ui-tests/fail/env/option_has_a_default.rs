//! A default of an `Option`.

#[derive(Clone, Debug, cordial::Env)]
pub struct HarborCfg {
    #[env(default = 4040)]
    port: Option<u16>,
}

fn main() {}
