//! The runtime may be found under another path.

mod vendored {
    pub use ::cordial as otp;
}

use vendored::otp::gen_server;

#[gen_server(crate = crate::vendored::otp)]
#[derive(Clone)]
struct Counter(i64);

#[gen_server(crate = crate::vendored::otp)]
impl Counter {
    #[cast]
    fn inc(&mut self) {
        self.0 += 1;
    }

    #[call]
    async fn value(&self) -> i64 {
        self.0
    }
}

fn main() {
    let _ = Counter::start;
}
