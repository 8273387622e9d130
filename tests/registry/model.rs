//! Random histories of registrations beside a model of them: a list of entries, in order.
use crate::puppet::{Many, Only, OnlySpread, PuppetRef, Spread, be, kill, pid, puppet};
use crate::support::check_on;
use cordial::prelude::*;

/// How many histories there are, and how long each is.
const HISTORIES: u64 = 150;
const STEPS: usize = 60;
const PUPPETS: usize = 4;
const KEYS: u64 = 3;

/// What happens.
#[derive(Clone, Debug)]
enum Step {
    Register(usize, String, u32),
    Unregister(usize, String),
    /// What is even.
    UnregisterMatch(usize, String),
    /// One more.
    Update(usize, String),
    /// Somebody else comes in its place.
    Die(usize),
}

/// Numbers that only the seed knows (`SplitMix64`).
struct Random(u64);

impl Random {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (word ^ (word >> 31)) % most
    }

    fn step(&mut self) -> Step {
        let who = usize::try_from(self.below(PUPPETS as u64)).unwrap();
        let key = format!("key {}", self.below(KEYS));
        match self.below(10) {
            0..=4 => Step::Register(who, key, u32::try_from(self.below(100)).unwrap()),
            5 => Step::Unregister(who, key),
            6 => Step::UnregisterMatch(who, key),
            7 | 8 => Step::Update(who, key),
            _ => Step::Die(who),
        }
    }
}

/// What a registry is: entries in the order in which they came.
#[derive(Default)]
struct Model {
    is_unique: bool,
    entries: Vec<(String, usize, u32)>,
}

impl Model {
    /// Whether it was done.
    fn take(&mut self, step: &Step) -> bool {
        match step {
            Step::Register(who, key, value) => {
                let is_taken = self.entries.iter().any(|entry| entry.0 == *key);
                if self.is_unique && is_taken {
                    return false;
                }
                self.entries.push((key.clone(), *who, *value));
                true
            }
            Step::Unregister(who, key) => {
                self.entries.retain(|entry| entry.0 != *key || entry.1 != *who);
                true
            }
            Step::UnregisterMatch(who, key) => {
                self.entries.retain(|e| e.0 != *key || e.1 != *who || e.2 % 2 == 1);
                true
            }
            Step::Update(who, key) => {
                let own = self.entries.iter_mut().find(|e| e.0 == *key && e.1 == *who);
                own.map(|entry| entry.2 += 1).is_some()
            }
            Step::Die(who) => {
                self.entries.retain(|entry| entry.1 != *who);
                true
            }
        }
    }

    /// All that can be seen of it.
    fn seen(&self) -> Seen {
        let keys = (0..KEYS).map(|key| format!("key {key}"));
        let of_key = |key: &String| {
            let of = self.entries.iter().filter(|entry| entry.0 == *key);
            of.map(|entry| (entry.1, entry.2)).collect::<Vec<_>>()
        };
        let by_key: Vec<_> = keys.map(|key| of_key(&key)).collect();
        let of_puppet = |who: usize| {
            let of = self.entries.iter().filter(|entry| entry.1 == who);
            of.map(|entry| entry.0.clone()).collect()
        };
        Seen {
            count: self.entries.len(),
            keys: by_key.iter().filter(|entries| !entries.is_empty()).count(),
            by_key,
            by_puppet: (0..PUPPETS).map(of_puppet).collect(),
        }
    }
}

#[derive(Debug, PartialEq)]
struct Seen {
    count: usize,
    keys: usize,
    /// Who, and with what.
    by_key: Vec<Vec<(usize, u32)>>,
    by_puppet: Vec<Vec<String>>,
}

/// One history in this registry; `$update` does a step that only some have.
macro_rules! run {
    ($registry:ident, $is_unique:expr, $seed:expr, |$key:ident| $update:expr) => {{
        let mut random = Random($seed);
        let registry = $registry::start().await.unwrap();
        let mut model = Model { is_unique: $is_unique, ..Model::default() };
        let mut puppets: Vec<PuppetRef> = Vec::new();
        for _ in 0..PUPPETS {
            puppets.push(puppet().await);
        }
        let mut history = Vec::new();
        for _ in 0..STEPS {
            let step = random.step();
            if matches!(step, Step::Update(..)) && !$is_unique {
                continue;
            }
            history.push(step.clone());
            let expected = model.take(&step);
            let done = match step {
                Step::Register(who, key, value) => {
                    be(&puppets[who], move || $registry::register(&key, value).is_ok()).await
                }
                Step::Unregister(who, key) => {
                    be(&puppets[who], move || $registry::unregister(&key)).await;
                    true
                }
                Step::UnregisterMatch(who, key) => {
                    let even = |value: &u32| value % 2 == 0;
                    be(&puppets[who], move || $registry::unregister_match(&key, even)).await;
                    true
                }
                Step::Update(who, $key) => be(&puppets[who], move || $update).await,
                Step::Die(who) => {
                    kill(&puppets[who]).await;
                    puppets[who] = puppet().await;
                    true
                }
            };
            let place = |of: Pid| puppets.iter().position(|one| pid(one) == of).unwrap();
            let keys = (0..KEYS).map(|key| format!("key {key}"));
            let seen = Seen {
                count: $registry::count(),
                keys: $registry::keys().len(),
                by_key: keys
                    .map(|key| {
                        let entries = $registry::lookup(&key).into_iter();
                        entries.map(|e| (place(e.pid()), *e.value())).collect()
                    })
                    .collect(),
                by_puppet: puppets.iter().map(|one| $registry::keys_of(pid(one))).collect(),
            };
            let text = format!("{} seed {} {history:?}", stringify!($registry), $seed);
            assert_eq!(done, expected, "{text}");
            assert_eq!(seen, model.seen(), "{text}");
        }
        for one in &puppets {
            kill(one).await;
        }
        assert_eq!(($registry::count(), $registry::keys().len()), (0, 0));
        gen_server::stop(&registry).await.unwrap();
    }};
}

/// REG-1, REG-6, REG-10: the registry does what a list does, with unique and duplicate keys, in
/// one place and in eight.
#[test]
fn random_histories_leave_what_the_model_has() {
    check_on(None, async || {
        for seed in 0..HISTORIES {
            run!(Only, true, seed, |key| Only::update_value(&key, |n| n + 1).is_ok());
            run!(OnlySpread, true, seed, |key| OnlySpread::update_value(&key, |n| n + 1).is_ok());
            run!(Many, false, seed, |key| key.is_empty());
            run!(Spread, false, seed, |key| key.is_empty());
        }
    });
}
