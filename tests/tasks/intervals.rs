//! Messages that come every period.
use crate::support::{check_silent, in_process};
use cordial::prelude::*;
use cordial::process::{self, Interval, Mailbox, MissedTick};
use std::time::Duration;

/// When each of so many ticks came, in milliseconds.
async fn ticks(mail: &mut Mailbox<()>, most: usize, began: std::time::Instant) -> Vec<u128> {
    let mut times = Vec::new();
    for _ in 0..most {
        mail.next().await;
        times.push((process::now() - began).as_millis());
    }
    times
}

fn every(mail: &Mailbox<()>, ms: u64, missed: MissedTick) -> Interval {
    process::send_interval(&mail.address(), millis(ms), (), missed).unwrap()
}

/// TMR-1: each tick comes once, after whole periods, without drift.
#[cordial::test]
async fn ticks_come_every_period() {
    in_process(async |mut mail| {
        let (began, beat) = (process::now(), every(&mail, 10, MissedTick::Merge));
        assert_eq!(ticks(&mut mail, 3, began).await, [10, 20, 30]);
        assert_eq!(beat.left(), Some(millis(10)));
        process::sleep(millis(4)).await;
        assert_eq!((beat.left(), beat.missed()), (Some(millis(6)), 0));
    })
    .await;
}

/// What is missed is merged, sent all the same, or shifts the beat.
#[cordial::test]
async fn missed_ticks_go_by_their_policy() {
    in_process(async |mut mail| {
        let (began, beat) = (process::now(), every(&mail, 10, MissedTick::Merge));
        process::sleep(millis(35)).await;
        assert_eq!(ticks(&mut mail, 2, began).await, [35, 40]);
        assert_eq!((beat.missed(), beat.missed()), (2, 0));
        beat.cancel();
        let (began, beat) = (process::now(), every(&mail, 10, MissedTick::Burst));
        process::sleep(millis(35)).await;
        assert_eq!(ticks(&mut mail, 4, began).await, [35, 35, 35, 40]);
        assert_eq!(beat.missed(), 0);
        beat.cancel();
    })
    .await;
}

/// TMR-3: after a cancel none is handled, not even one that stands in the mailbox.
#[cordial::test]
async fn cancelled_interval_takes_its_ticks_back() {
    in_process(async |mut mail| {
        for policy in [MissedTick::Merge, MissedTick::Burst, MissedTick::Delay] {
            let beat = every(&mail, 10, policy);
            process::sleep(millis(33)).await;
            assert_eq!(beat.cancel(), Some(millis(7)));
            assert_eq!((beat.cancel(), beat.left()), (None, None));
            check_silent(&mut mail).await;
        }
    })
    .await;
}

/// TMR-7
#[cordial::test]
async fn interval_goes_with_its_process() {
    let (address, ended) = process::spawn_monitor(async |mut mail: Mailbox<()>| mail.next().await);
    let beat = process::send_interval(&address, millis(10), (), MissedTick::Burst).unwrap();
    ended.await;
    assert_eq!((beat.left(), beat.cancel()), (None, None));
    assert!(process::send_interval(&address, millis(10), (), MissedTick::Burst).is_none());
}

#[gen_server]
#[derive(Clone, Default)]
struct Pump(Vec<u32>);

#[gen_server]
impl Pump {
    #[call]
    fn begin(&mut self, period: Duration, ctx: &mut Ctx<Self>) -> Interval {
        ctx.send_interval(period, 7_u32, MissedTick::Merge)
    }
    #[call]
    fn later(&mut self, ctx: &mut Ctx<Self>) -> Option<Duration> {
        let timer = ctx.send_after(secs(1), 1_u32);
        let left = timer.left();
        timer.cancel();
        left.filter(|_| timer.left().is_none())
    }
    #[info]
    fn stroke(&mut self, volume: u32) {
        self.0.push(volume);
    }
    #[call]
    fn strokes(&self) -> Vec<u32> {
        self.0.clone()
    }
}

/// A server's own interval; and its timers tell what is left.
#[cordial::test]
async fn server_has_intervals_and_reads_its_timers() {
    let pump = Pump::start(Pump::default()).await.unwrap();
    let beat = pump.begin(millis(10)).await.unwrap();
    process::sleep(millis(25)).await;
    assert_eq!(pump.strokes().await.unwrap(), [7, 7]);
    assert!(beat.cancel().is_some());
    process::sleep(millis(25)).await;
    assert_eq!(pump.strokes().await.unwrap(), [7, 7]);
    assert_eq!(pump.later().await.unwrap(), Some(secs(1)));
}
