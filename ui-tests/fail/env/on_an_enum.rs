//! An environment that is no struct.

#[derive(Clone, Debug, cordial::Env)]
pub enum HarborCfg {
    Open,
    Closed,
}

fn main() {}
