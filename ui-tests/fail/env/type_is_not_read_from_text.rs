//! A type without `FromStr`.

#[derive(Clone, Debug)]
pub struct Berth;

#[derive(Clone, Debug, cordial::Env)]
pub struct HarborCfg {
    berth: Berth,
}

fn main() {}
