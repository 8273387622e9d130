//! A compiled key without its variable.

#[derive(Clone, Debug, cordial::Env)]
pub struct HarborCfg {
    #[env(compiled = 5, default = "disk")]
    backend: String,
}

fn main() {}
