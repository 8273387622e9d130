//! A parameter that borrows.

use cordial::prelude::*;

#[gen_server]
struct Banner(String);

#[gen_server]
impl Banner {
    #[init]
    fn init(title: String) -> Self {
        Self(title)
    }

    #[call]
    fn title(&self) -> String {
        self.0.clone()
    }
}

supervisor! {
    Game(title: &str) {
        children: [banner: Banner(title.to_owned())],
    }
}

fn main() {}
