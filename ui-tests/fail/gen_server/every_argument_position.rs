//! A wrong argument in every position.

use cordial::prelude::*;

#[gen_server]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[init]
    fn new(
        first: &mut u32,
        second: &Vec<u32>,
        third: Option<&u32>,
        (fourth, _): (u32, u32),
        fifth: ReplyTo<u32>,
    ) -> Self {
        drop(fifth);
        Self { points: *first + second[0] + fourth + third.unwrap_or(&0) }
    }

    #[call]
    fn score(&self, _: u32, ctx: Ctx<Self>, reason: &ExitReason, last: &mut u32) -> u32 {
        let _ = (ctx, reason, last);
        self.points
    }

    #[cast]
    fn add(&mut self, one: &u32, (two, three): (u32, u32), from: ReplyTo<u32>, #[into] four: &str) {
        drop(from);
        self.points += one + two + three + four.len() as u32;
    }

    #[info]
    fn win(&mut self, points: &u32) {
        self.points += points;
    }

    #[info]
    fn lose(&mut self) {
        self.points = 0;
    }

    #[handle_continue]
    fn load(&mut self, points: &str) {
        self.points = points.len() as u32;
    }

    #[every(1s)]
    fn tick(&mut self, _: &mut Ctx<Self>, points: u32, from: ReplyTo<u8>) {
        drop(from);
        self.points += points;
    }

    #[idle(1s)]
    fn quiet(&mut self, reason: &ExitReason) {
        let _ = reason;
        self.points = 0;
    }

    #[terminate]
    fn bye(&mut self, reason: ExitReason, #[into] ctx: &mut Ctx<Self>) {
        let _ = (reason, ctx);
        self.points = 0;
    }
}

fn main() {}
