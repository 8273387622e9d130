//! A reply handle that is dropped.

#![deny(unused_must_use)]
#![allow(dead_code)]

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
        keep(from);
    }
}

fn keep(from: ReplyTo<u32>) -> ReplyTo<u32> {
    from
}

fn main() {}
