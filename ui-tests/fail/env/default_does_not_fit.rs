//! A default that is too large for its type.

#[derive(Clone, Debug, cordial::Env)]
pub struct HarborCfg {
    #[env(default = 70_000)]
    port: u16,
}

fn main() {}
