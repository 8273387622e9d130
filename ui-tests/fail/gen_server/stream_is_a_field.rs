//! A stream that is no field of the state.

use cordial::InfoStream;
use cordial::prelude::*;

#[gen_server]
struct Reader {
    lines: Option<Box<dyn InfoStream<Item = String> + Send>>,
    read: usize,
}

#[gen_server]
impl Reader {
    #[init]
    fn init() -> Self {
        Self { lines: None, read: 0 }
    }

    #[info(stream = open())]
    fn line(&mut self, line: String) {
        self.read += 1;
    }
}

fn main() {}

fn open() -> Option<String> {
    None
}
