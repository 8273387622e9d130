//! What is registered is found, under its key, while its process lives.
use crate::puppet::{Halves, Many, Only, OnlySpread, Puppets, Spread};
use crate::puppet::{be, kill, pid, pid_of, puppet, with};
use crate::support::{check_everywhere, in_process};
use cordial::prelude::*;
use cordial::process;
use cordial::registry::{Entry, Event, RegistryError};
use std::collections::HashSet;
use std::sync::Mutex;

/// REG-1, REG-24: the second one is told who was first, and the first one stays.
// break: REG-1 runtime/cordial/src/registry/store.rs `Slot::One(owner) => Err(owner.clone()),` =>
//     `Slot::One(_) => Ok(()),`
// break: REG-24 runtime/cordial/src/registry/mod.rs `let pid = who.pid;` =>
//     `let pid = Pid::of_node(0);`
#[test]
fn unique_key_has_one_owner_who_is_told_with_the_time() {
    check_everywhere(async || {
        Only::start().await.unwrap();
        let (first, second) = (puppet().await, puppet().await);
        assert_eq!(be(&first, || Only::register("tea", 1)).await, Ok(()));
        for other in [&first, &second] {
            let error = be(other, || Only::register("tea", 2)).await.unwrap_err();
            let RegistryError::Taken { registry: "Only", pid: owner, held_for } = error else {
                panic!("{error:?}");
            };
            assert_eq!(owner, pid(&first));
            assert!(held_for < mins(2));
        }
        assert_eq!(Only::whereis("tea"), Some(pid(&first)));
        let entry = Only::entry("tea").unwrap();
        assert_eq!((entry.pid(), *entry.value()), (pid(&first), 1));
    });
}

/// REG-4: nothing is left of a thousand that came and went.
// break: REG-4 runtime/cordial/src/registry/store.rs
//     `Left::Nothing(closed) => forget(&part, &record.key, &closed),` => `Left::Nothing(_) => {}`
#[test]
fn nothing_is_left_of_those_who_are_gone() {
    check_everywhere(async || {
        let (many, only) = (Many::start().await.unwrap(), Only::start().await.unwrap());
        let mut puppets = Vec::new();
        for n in 0..100 {
            let one = puppet().await;
            be(&one, move || {
                Many::register("all", n).unwrap();
                Many::register(&format!("own {n}"), n).unwrap();
                Only::register(&format!("own {n}"), n).unwrap();
            })
            .await;
            puppets.push(one);
        }
        assert_eq!((Many::count(), Many::keys().len(), Only::count()), (200, 101, 100));
        for one in &puppets {
            kill(one).await;
        }
        assert_eq!((Many::count(), Only::count()), (0, 0));
        assert_eq!((Many::keys(), Only::keys()), (vec![], vec![]));
        // Their exits come to the registry as signals, behind what watchers are told.
        for keeper in [pid_of(&many), pid_of(&only)] {
            while !process::info(&keeper).unwrap().links.is_empty() {
                tokio::task::yield_now().await;
            }
        }
    });
}

/// REG-5: who was refused has no entry, and no link either.
// break: REG-5 runtime/cordial/src/registry/hold.rs
//     `store.insert(record).map_err(|owner| taken(&owner))?;` =>
//     `if let Err(owner) = store.insert(record) {
//     who.process.held(who.pid, &mut |held|
//     held.push(Box::new(HoldOf::of(store.clone(), record.clone()))));
//     return Err(taken(&owner)); }`
#[test]
fn failed_registration_leaves_nothing() {
    check_everywhere(async || {
        Only::start().await.unwrap();
        let (first, second) = (puppet().await, puppet().await);
        be(&first, || Only::register("tea", 1)).await.unwrap();
        be(&second, || Only::register("tea", 2)).await.unwrap_err();
        assert_eq!(Only::keys_of(pid(&second)), [""; 0]);
        assert_eq!(process::info(&second).unwrap().links, []);
        kill(&second).await;
        assert_eq!(Only::whereis("tea"), Some(pid(&first)));
    });
}

/// REG-6: as often as it likes, in the order in which they came, also over several places.
// break: REG-6 runtime/cordial/src/registry/reading.rs
//     `records.sort_unstable_by_key(|record| record.number);` => `records.reverse();`
#[test]
fn duplicate_key_keeps_its_entries_in_order() {
    check_everywhere(async || {
        Many::start().await.unwrap();
        Spread::start().await.unwrap();
        let mut puppets = Vec::new();
        for _ in 0..12 {
            puppets.push(puppet().await);
        }
        for n in 0..60_u32 {
            let one = &puppets[n as usize * 7 % 12];
            be(one, move || (Many::register("all", n), Spread::register("all", n)))
                .await
                .0
                .unwrap();
        }
        assert_eq!(Many::values("all"), (0..60).collect::<Vec<_>>());
        assert_eq!(Spread::values("all"), (0..60).collect::<Vec<_>>());
        let of_first: Vec<u32> = (0..60).filter(|n| n * 7 % 12 == 0).collect();
        assert_eq!(Spread::values_of("all", pid(&puppets[0])), of_first);
        assert_eq!(Spread::keys_of(pid(&puppets[0])), vec!["all"; of_first.len()]);
    });
}

/// REG-7: what is asked for and nothing else; where no registry runs there is nobody.
// break: REG-7 runtime/cordial/src/registry/mod.rs
//     `let of_key = entries.filter(|entry| key.is(entry.key()));` => `let of_key = entries;`
#[test]
fn look_ups_answer_what_is_registered() {
    check_everywhere(async || {
        let (one, other) = (puppet().await, puppet().await);
        assert_eq!((Many::lookup("tea"), Only::entry("tea")), (vec![], None));
        assert!(!Many::is_running());
        let error = be(&one, || Many::register("tea", 1)).await;
        assert_eq!(error, Err(RegistryError::NotRunning { registry: "Many" }));

        Many::start().await.unwrap();
        be(&one, || {
            let all = [("tea", 1), ("milk", 2), ("tea", 3)];
            all.into_iter().for_each(|(key, n)| Many::register(key, n).unwrap());
        })
        .await;
        be(&other, || Many::register("tea", 4)).await.unwrap();
        let tea: Vec<_> = Many::lookup("tea").iter().map(|e| (e.pid(), *e.value())).collect();
        assert_eq!(tea, [(pid(&one), 1), (pid(&one), 3), (pid(&other), 4)]);
        assert_eq!(Many::values_of("tea", pid(&one)), [1, 3]);
        assert_eq!(Many::keys_of(pid(&one)), ["tea", "milk", "tea"]);
        assert_eq!(Many::keys_of(pid(&other)), ["tea"]);
        assert_eq!(Many::values("coffee"), []);
        let mut keys = Many::keys();
        keys.sort_unstable();
        assert_eq!(keys, ["milk", "tea"]);
    });
}

/// REG-8: one's own entries of that key, all of them.
// break: REG-8 runtime/cordial/src/registry/mod.rs
//     `leave_as::<Self>(&who, |record| key.is(&record.key));` =>
//     `leave_as::<Self>(&who, |_| true);`
#[test]
fn unregistering_takes_ones_own_entries_of_the_key() {
    check_everywhere(async || {
        Many::start().await.unwrap();
        Only::start().await.unwrap();
        let (one, other) = (puppet().await, puppet().await);
        be(&one, || {
            let all = [("tea", 1), ("milk", 2), ("tea", 3)];
            all.into_iter().for_each(|(key, n)| Many::register(key, n).unwrap());
        })
        .await;
        be(&other, || Many::register("tea", 4)).await.unwrap();
        be(&one, || Only::register("tea", 1)).await.unwrap();

        be(&one, || (Many::unregister("tea"), Many::unregister("coffee"))).await;
        assert_eq!((Many::values("tea"), Many::values("milk")), (vec![4], vec![2]));
        be(&other, || Only::unregister("tea")).await;
        assert_eq!(Only::whereis("tea"), Some(pid(&one)));
    });
}

/// REG-9: those whose value matches.
// break: REG-9 runtime/cordial/src/registry/mod.rs
//     `leave_as::<Self>(&who, |record| key.is(&record.key) && pick(&record.value));` =>
//     `leave_as::<Self>(&who, |record| key.is(&record.key) || pick(&record.value));`
#[test]
fn unregister_match_takes_ones_own_matching_entries() {
    check_everywhere(async || {
        Many::start().await.unwrap();
        let (one, other) = (puppet().await, puppet().await);
        for n in 1..=4 {
            be(&one, move || Many::register("tea", n)).await.unwrap();
        }
        be(&other, || Many::register("tea", 2)).await.unwrap();
        be(&one, || Many::unregister_match("tea", |n| n % 2 == 0)).await;
        assert_eq!(Many::values_of("tea", pid(&one)), [1, 3]);
        assert_eq!(Many::values_of("tea", pid(&other)), [2]);
    });
}

/// REG-10: the owner changes it; for anybody else the function is not called.
// break: REG-10 runtime/cordial/src/registry/reading.rs
//     `.filter(|record| record.pid == who.pid);` => `.filter(|_| true);`
#[test]
fn only_the_owner_updates_a_value() {
    check_everywhere(async || {
        Only::start().await.unwrap();
        let (one, other) = (puppet().await, puppet().await);
        be(&one, || Only::register("tea", 1)).await.unwrap();
        let (new, old) = be(&one, || Only::update_value("tea", |n| n + 1)).await.unwrap();
        assert_eq!((*new.value(), *old.value()), (2, 1));
        for key in ["tea", "milk"] {
            let refused = be(&other, move || Only::update_value(key, |_| panic!("called"))).await;
            assert_eq!(refused, Err(RegistryError::NotOwner { registry: "Only" }));
        }
        assert_eq!(*Only::entry("tea").unwrap().value(), 2);
        kill(&one).await;
        assert_eq!((Only::entry("tea"), Only::count()), (None, 0));
    });
}

/// REG-12: once, with all of them, where it is called.
// break: REG-12 runtime/cordial/src/registry/mod.rs `if !entries.is_empty() {` =>
//     `if entries.len() < 9 {`
#[test]
fn dispatch_runs_once_where_it_is_called() {
    check_everywhere(async || {
        Many::start().await.unwrap();
        let one = puppet().await;
        Many::dispatch("tea", |_| panic!("nobody is there"));
        be(&one, || [1, 2, 3].map(|n| Many::register("tea", n).unwrap())).await;
        let own = pid(&one);
        let seen = be(&one, || {
            let mut seen = Vec::new();
            Many::dispatch("tea", |all| seen.push((process::self_pid(), all.len())));
            seen
        });
        assert_eq!(seen.await, [(own, 3)]);
    });
}

static MET: Mutex<Vec<(Pid, Vec<u32>)>> = Mutex::new(Vec::new());

/// REG-13: once per place that has entries, in processes of their own; with one place, here.
// break: REG-13 runtime/cordial/src/registry/reading.rs `s.partitions() < 2` =>
//     `s.partitions() < 20`
#[cordial::test]
async fn parallel_dispatch_runs_beside_the_caller_once_per_place() {
    Spread::start().await.unwrap();
    Many::start().await.unwrap();
    let values = |entries: &[Entry<Spread>]| entries.iter().map(|e| *e.value()).collect();
    for n in 0..40 {
        be(&puppet().await, move || (Spread::register("tea", n), Many::register("tea", n)))
            .await
            .0
            .unwrap();
    }
    let met = move |all: &[Entry<Spread>]| {
        MET.lock().unwrap().push((process::self_pid(), values(all)));
    };
    Spread::dispatch_parallel("tea", met).await.unwrap();
    let met = std::mem::take(&mut *MET.lock().unwrap());
    let pids: HashSet<Pid> = met.iter().map(|(pid, _)| *pid).collect();
    assert!((2..=8).contains(&met.len()), "{} places have entries", met.len());
    assert_eq!(pids.len(), met.len(), "each in a process of its own");
    assert!(!pids.contains(&process::self_pid()));
    let mut all: Vec<u32> = met.into_iter().flat_map(|(_, values)| values).collect();
    all.sort_unstable();
    assert_eq!(all, (0..40).collect::<Vec<_>>());

    let here = process::self_pid();
    Many::dispatch_parallel("tea", move |_| assert_eq!(process::self_pid(), here)).await.unwrap();
    Halves::start().await.unwrap();
    be(&puppet().await, || Halves::register("tea", 1)).await.unwrap();
    Halves::dispatch_parallel("tea", move |_| assert_ne!(process::self_pid(), here)).await.unwrap();
    let failed = Spread::dispatch_parallel("tea", |_| panic!("it fails")).await;
    assert!(failed.unwrap_err().panic().is_some());
}

/// REG-14, REG-15
// break: REG-14 runtime/cordial/src/registry/store.rs
//     `if matches!(part.remove_if(&record.key, is_it), Ok(Some(_))) {` =>
//     `if matches!(part.remove_if(&record.key, is_it), Ok(None)) {`
// break: REG-15 runtime/cordial/src/registry/mod.rs `entries.retain(|entry| pick(entry.value()));`
//     => `entries.retain(|entry| pick(entry.value()) || true);`
#[test]
fn counts_and_matches_are_of_what_is_there() {
    check_everywhere(async || {
        Many::start().await.unwrap();
        Only::start().await.unwrap();
        let one = puppet().await;
        assert_eq!((Many::count(), Only::count()), (0, 0));
        be(&one, || (1..=6).for_each(|n| Many::register("*", n).unwrap())).await;
        be(&one, || (Many::register("tea", 7), Only::register("tea", 7))).await.0.unwrap();
        assert_eq!((Many::count(), Only::count()), (7, 1));
        assert_eq!(Many::count_matching("*", |n| n % 3 == 0), 2);
        let values: Vec<u32> = Many::matching("*", |n| *n > 4).iter().map(|e| *e.value()).collect();
        assert_eq!(values, [5, 6]);
        be(&one, || (Many::unregister("*"), Only::unregister("tea"))).await;
        assert_eq!((Many::count(), Only::count()), (1, 0));
    });
}

/// A key that hashes like all others.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Number {
    Int(i64),
    Bits(u64),
}

impl std::hash::Hash for Number {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

registry! {
    Numbers: Number => Pid, unique, value = &'static str
}

/// REG-16: 1 and 1.0 are two keys, also if they hash alike.
// break: REG-16 runtime/cordial/src/registry/key.rs `self == key.borrow()` =>
//     `self == key.borrow() || true`
#[test]
fn keys_are_compared_strictly() {
    check_everywhere(async || {
        Numbers::start().await.unwrap();
        let (int, float) = (Number::Int(1), Number::Bits(1.0_f64.to_bits()));
        let own = (int.clone(), float.clone());
        let puppet = puppet().await;
        be(&puppet, move || (Numbers::register(&own.0, "int"), Numbers::register(&own.1, "float")))
            .await
            .1
            .unwrap();
        assert_eq!(Numbers::values(&int), ["int"]);
        assert_eq!(Numbers::values(&float), ["float"]);
    });
}

/// REG-17: over all keys and places, with several clauses.
// break: REG-17 runtime/cordial/src/registry/store.rs `for slot in part.pin().values() {` =>
//     `for slot in part.pin().values().take(1) {`
#[test]
fn select_goes_over_everything() {
    check_everywhere(async || {
        Spread::start().await.unwrap();
        for n in 0..20 {
            be(&puppet().await, move || Spread::register(&format!("key {}", n % 5), n))
                .await
                .unwrap();
        }
        let mut picked = Spread::select(|entry| match (entry.key().as_str(), *entry.value()) {
            ("key 1", n) => Some(n),
            (_, n) if n >= 18 => Some(n),
            _ => None,
        });
        picked.sort_unstable();
        assert_eq!(picked, [1, 6, 11, 16, 18, 19]);
        assert_eq!(Spread::count_select(|entry| entry.key() != "key 0"), 16);
    });
}

#[derive(Debug, PartialEq)]
struct Limit(u32);

registry! {
    Bounded: String => Pid, unique, meta = Limit(7)
}

/// REG-19: it is there from the start, and whoever dies.
// break: REG-19 runtime/cordial/src/registry/reading.rs
//     `store.meta.pin().remove(&TypeId::of::<T>());` =>
//     `store.meta.pin().remove(&TypeId::of::<()>());`
#[test]
fn meta_outlives_processes() {
    check_everywhere(async || {
        assert_eq!(Bounded::put_meta(1_u8).unwrap_err().to_string().split(':').next(), {
            Some("registry `Bounded` does not run on this node")
        });
        Bounded::start().await.unwrap();
        assert_eq!(Bounded::meta::<Limit>().as_deref(), Some(&Limit(7)));
        assert_eq!(Bounded::meta::<u8>(), None);
        let one = puppet().await;
        be(&one, || (Bounded::register("tea", ()), Bounded::put_meta(Limit(8)))).await.1.unwrap();
        kill(&one).await;
        assert_eq!(Bounded::meta::<Limit>().as_deref(), Some(&Limit(8)));
        Bounded::delete_meta::<Limit>();
        assert_eq!(Bounded::meta::<Limit>(), None);
    });
}

registry! {
    Watched: String => Pid, duplicate, listener = Audit
}

/// It hears of `Watched`.
#[gen_server(name = "audit")]
#[derive(Clone, Default)]
struct Audit(Vec<(bool, String, Pid)>);

#[gen_server]
impl Audit {
    #[info]
    fn heard(&mut self, event: Event<Watched>) {
        self.0.push(match event {
            Event::Registered(entry) => (true, entry.key().clone(), entry.pid()),
            Event::Unregistered(entry) => (false, entry.key().clone(), entry.pid()),
        });
    }
    #[call]
    fn all(&self) -> Vec<(bool, String, Pid)> {
        self.0.clone()
    }
}

/// REG-20: of what somebody did, not of deaths.
// break: REG-20 runtime/cordial/src/registry/told.rs
//     `R::tell(&Event::Unregistered(Entry(record)));` => `drop(record);`
#[test]
fn listeners_hear_of_explicit_calls_only() {
    check_everywhere(async || {
        Watched::start().await.unwrap();
        let audit = Audit::start(Audit::default()).await.unwrap();
        let (one, other) = (puppet().await, puppet().await);
        be(&one, || Watched::register("tea", ())).await.unwrap();
        be(&other, || Watched::register("milk", ())).await.unwrap();
        let dead = pid(&other);
        kill(&other).await;
        be(&one, || Watched::unregister("tea")).await;
        let heard = [
            (true, "tea".to_owned(), pid(&one)),
            (true, "milk".to_owned(), dead),
            (false, "tea".to_owned(), pid(&one)),
        ];
        assert_eq!(audit.all().await.unwrap(), heard);
    });
}

/// REG-21: linked from the first entry to the last, and gone with the registry.
// break: REG-21 runtime/cordial/src/registry/hold.rs
//     `who.process.add_link(who.pid, keeper.pid, keeper.process.clone());` => `let _ = keeper;`
#[test]
fn registrant_is_linked_while_it_has_a_key() {
    check_everywhere(async || {
        let registry = Many::start().await.unwrap();
        let keeper = gen_server::whereis(&registry).unwrap();
        let (one, other) = (puppet().await, puppet().await);
        be(&one, || (Many::register("tea", 1), Many::register("milk", 1))).await.1.unwrap();
        assert_eq!(process::info(&one).unwrap().links, [keeper]);
        be(&one, || Many::unregister("tea")).await;
        assert_eq!(process::info(&one).unwrap().links, [keeper]);
        be(&one, || Many::unregister("milk")).await;
        assert_eq!(process::info(&one).unwrap().links, []);

        be(&other, || Many::register("tea", 1)).await.unwrap();
        let down = process::monitor(&other);
        process::exit(&registry, ExitReason::Kill);
        assert_eq!(down.await.reason, ExitReason::Killed);
        assert!(process::is_alive(&one).await);
        assert!(!Many::is_running());

        Many::start().await.unwrap();
        assert_eq!(Many::count(), 0);
        be(&one, || Many::register("tea", 2)).await.unwrap();
        assert_eq!(Many::values("tea"), [2]);
    });
}

/// The same with one place and with eight: what can be seen of it.
macro_rules! story {
    ($registry:ident) => {{
        $registry::start().await.unwrap();
        let mut seen = Vec::new();
        let puppets = [puppet().await, puppet().await, puppet().await];
        for n in 0..30_u32 {
            let done = be(&puppets[n as usize % 3], move || match n % 7 {
                5 => $registry::unregister(&format!("key {}", n % 4)),
                _ => drop($registry::register(&format!("key {}", n % 4), n)),
            });
            done.await;
            let all = (0..4).map(|key| $registry::values(&format!("key {key}")));
            seen.push((all.collect::<Vec<_>>(), $registry::count(), $registry::keys().len()));
        }
        for one in puppets {
            kill(&one).await;
            seen.push((vec![], $registry::count(), $registry::keys().len()));
        }
        seen
    }};
}

/// REG-22
// break: REG-22 runtime/cordial/src/registry/store.rs
//     `let logs = self.parts.iter().filter_map(|part| match part.pin().get(&Asked(key))? {` =>
//     `let logs = self.parts.iter().take(1).filter_map(|part| match part.pin().get(&Asked(key))? {`
#[test]
fn partitions_change_nothing_that_one_can_see() {
    check_everywhere(async || {
        assert_eq!(story!(Many), story!(Spread));
        assert_eq!(story!(Only), story!(OnlySpread));
    });
}

/// REG-3, PROC-34: a handle that was found reaches whoever lives there, and the dead are not found.
#[test]
fn servers_are_found_by_what_they_joined() {
    check_everywhere(async || {
        Puppets::start().await.unwrap();
        let (one, other) = (puppet().await, puppet().await);
        for one in [&one, &other] {
            with(one, |ctx| ctx.join::<Puppets>(&7, ())).await.unwrap();
        }
        let mut met = Vec::new();
        Puppets::each(&7, |puppet| met.push(puppet.clone()));
        assert_eq!(met, [one.clone(), other.clone()]);
        with(&one, |ctx| ctx.leave::<Puppets>(&7)).await;
        assert_eq!(Puppets::lookup(&7).len(), 1);
        kill(&other).await;
        assert_eq!((Puppets::lookup(&7).len(), Puppets::count()), (0, 0));
    });
}

/// Outside of a process there is nobody who could be registered.
#[test]
fn only_processes_register() {
    check_everywhere(async || {
        Only::start().await.unwrap();
        let error = tokio::task::spawn_blocking(|| Only::register("tea", 1)).await.unwrap();
        assert_eq!(error, Err(RegistryError::NoProcess { registry: "Only" }));
        in_process(async |_| Only::register("tea", 1).unwrap()).await;
        assert_eq!(Only::count(), 0);
        let again = Only::start().await.unwrap_err();
        assert!(matches!(again, StartError::AlreadyStarted(_)), "{again}");
    });
}
