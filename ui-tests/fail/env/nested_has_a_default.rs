//! A default of a nested environment.

#[derive(Clone, Debug, cordial::Env)]
pub struct PoolCfg {
    size: u8,
}

#[derive(Clone, Debug, cordial::Env)]
pub struct HarborCfg {
    #[env(nested, default)]
    pool: PoolCfg,
}

fn main() {}
