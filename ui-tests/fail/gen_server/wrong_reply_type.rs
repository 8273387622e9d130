//! A reply of another type.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[call]
    fn score(&self, from: ReplyTo<u32>) {
        let _ = self.points;
        from.reply("x")
    }
}

fn main() {}
