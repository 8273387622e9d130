//! A stream of something else than the handler takes.

use cordial::prelude::*;
use tokio::sync::mpsc;

#[gen_server]
struct Reader {
    lines: mpsc::Receiver<String>,
    read: usize,
}

#[gen_server]
impl Reader {
    #[init]
    fn init(lines: mpsc::Receiver<String>) -> Self {
        Self { lines, read: 0 }
    }

    #[info(stream = self.lines)]
    fn line(&mut self, line: u32) {
        self.read += 1;
    }

    #[call]
    fn read(&self) -> usize {
        self.read
    }
}

async fn count(reader: ReaderRef) -> Option<usize> {
    reader.read().await.ok()
}

fn main() {}
