//! A model of timers: a list in the order of what is due. Random histories of arming, cancelling,
//! reading, dying and waiting run on it and on the runtime, whose clock jumps.
use crate::random::Random;
use crate::{seeds, times};
use cordial::prelude::*;
use cordial::process::{self, Mailbox, RawRef, TimerRef};
use cordial::test::advance;
use cordial::{Message, Node};
use std::collections::BTreeMap;

/// How many histories there are.
const LIVE: u64 = 500;

enum Note {
    Rang(usize),
    /// What has rung since the last time.
    Tell(ReplyTo<Vec<usize>>),
}

impl Message for Note {
    fn kind(&self) -> &'static str {
        "note"
    }
}

async fn listen(mut mail: Mailbox<Note>) {
    let mut rang = Vec::new();
    loop {
        match mail.next().await {
            Note::Rang(timer) => rang.push(timer),
            Note::Tell(to) => to.reply(std::mem::take(&mut rang)),
        }
    }
}

/// Who listens, and what the model has for him.
struct Listener {
    address: RawRef<Note>,
    lives: bool,
    rang: Vec<usize>,
}

#[derive(Default)]
struct World {
    listeners: Vec<Listener>,
    /// In milliseconds since the beginning.
    now: u64,
    timers: Vec<TimerRef>,
    /// The model: when, which timer, for whom.
    armed: BTreeMap<(u64, usize), usize>,
}

impl World {
    fn new() -> Self {
        let listener = |_| Listener { address: process::spawn(listen), lives: true, rang: vec![] };
        Self { listeners: (0..3).map(listener).collect(), ..Self::default() }
    }

    /// Often at once or at the same time as others, sometimes far away.
    fn arm(&mut self, random: &mut Random) {
        let after = match random.below(10) {
            0 => 0,
            1..4 => 100 * random.below(5),
            4..9 => random.below(5_000),
            _ => random.below(40 * 24 * 3_600_000),
        };
        let whom = random.below(3) as usize;
        let listener = &self.listeners[whom];
        let timer = self.timers.len();
        let armed = process::send_after(&listener.address, millis(after), Note::Rang(timer));
        assert_eq!(armed.is_some(), listener.lives, "a timer for the living, and for no other");
        if let Some(armed) = armed {
            self.timers.push(armed);
            self.armed.insert((self.now + after, timer), whom);
        }
    }

    /// What is left of this timer, in the model.
    fn due(&self, timer: usize) -> Option<u64> {
        self.armed.keys().find(|(_, armed)| *armed == timer).map(|(due, _)| *due)
    }

    fn read_or_cancel(&mut self, random: &mut Random) {
        if self.timers.is_empty() {
            return;
        }
        let timer = random.below(self.timers.len() as u64) as usize;
        let due = self.due(timer);
        let left = due.map(|due| millis(due - self.now));
        assert_eq!(process::read_timer(&self.timers[timer]), left, "timer {timer} is read");
        if random.percent(60) {
            let cancelled = process::cancel_timer(&self.timers[timer]);
            assert_eq!(cancelled, left, "timer {timer} is cancelled");
            self.armed.retain(|(_, armed), _| *armed != timer);
        }
    }

    async fn kill(&mut self, random: &mut Random) {
        let whom = random.below(3) as usize;
        process::exit(&self.listeners[whom].address, ExitReason::Kill);
        process::monitor(&self.listeners[whom].address).await;
        self.listeners[whom].lives = false;
        self.armed.retain(|_, armed| *armed != whom);
    }

    async fn pass(&mut self, time: u64) {
        advance(millis(time)).await;
        self.now += time;
        let later = self.armed.split_off(&(self.now + 1, 0));
        for ((_, timer), whom) in std::mem::replace(&mut self.armed, later) {
            self.listeners[whom].rang.push(timer);
        }
    }

    async fn compare(&mut self) {
        for listener in self.listeners.iter_mut().filter(|listener| listener.lives) {
            let (to, answer) = ReplyTo::pair();
            listener.address.send(Note::Tell(to));
            assert_eq!(answer.await, Some(std::mem::take(&mut listener.rang)));
        }
        assert_eq!(Node::current().unwrap().timers(), self.armed.len());
    }

    async fn step(&mut self, random: &mut Random) {
        match random.below(100) {
            0..50 => self.arm(random),
            50..75 => self.read_or_cancel(random),
            75..77 => self.kill(random).await,
            77..98 => self.pass(100 * random.below(20)).await,
            _ => self.pass(random.below(50 * 24 * 3_600_000)).await,
        }
        self.pass(0).await;
    }
}

/// TMR-3, TMR-7, TMR-9: whatever is armed, cancelled and read, and whoever dies.
#[cordial::test]
async fn timers_ring_as_their_model_does() {
    for seed in seeds().take(times(LIVE)) {
        let mut random = Random::new(seed);
        let mut world = World::new();
        for _ in 0..10 + random.below(50) {
            world.step(&mut random).await;
        }
        world.compare().await;
        for listener in &world.listeners {
            process::exit(&listener.address, ExitReason::Kill);
            process::monitor(&listener.address).await;
        }
        assert_eq!(Node::current().unwrap().timers(), 0, "seed {seed}: timers of the dead");
    }
}
