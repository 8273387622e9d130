//! A key called `config`.

#[derive(Clone, Debug, cordial::Env)]
pub struct HarborCfg {
    config: String,
}

fn main() {}
