//! An environment with a type parameter.

#[derive(Clone, Debug, cordial::Env)]
pub struct HarborCfg<T> {
    port: T,
}

fn main() {}
