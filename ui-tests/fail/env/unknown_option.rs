//! An option with a typing error.

#[derive(Clone, Debug, cordial::Env)]
pub struct HarborCfg {
    #[env(defualt = 4040)]
    port: u16,
}

fn main() {}
