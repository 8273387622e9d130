//! A compiled key without a default.

#[derive(Clone, Debug, cordial::Env)]
pub struct HarborCfg {
    #[env(compiled = "HARBOR_BACKEND")]
    backend: String,
}

fn main() {}
