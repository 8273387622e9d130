//! Registries while who is in them comes, leaves and dies: a key has one owner, of many who ask
//! for a server one starts it, and nobody finds who is gone.
use crate::full_length::so_many;
use crate::{Dice, Marker, a_while, over, player, storm};
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::registry::RegistryError;
use cordial::supervisor::StartChildError;
use cordial::{gen_server, supervisor};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use tokio::task::yield_now;

const LIVES: u64 = so_many(40_000, 500) as u64;
const CROWDS: u64 = 3;
const KEYS: u32 = 5;
/// How often each registers under a key that may have many.
const TIMES: u32 = 3;

registry! {
    /// One ship per berth.
    Berths: u32 => Pid, unique
}

registry! {
    /// Any number per sea, in four places; each counts its own.
    Seas: u32 => Pid, duplicate, value = u32, partitions = 4
}

registry! {
    /// One crane per dock.
    Docks: u32 => Crane, unique
}

/// How many there are per key, as those know it who are there.
#[derive(Default)]
struct World {
    owners: [AtomicU64; KEYS as usize],
    begun: AtomicU64,
    is_over: AtomicBool,
}

/// That a key is somebody's; dropped before the key is free.
struct Owned(Arc<World>, u32);

impl Owned {
    fn new(world: &Arc<World>, key: u32) -> Self {
        world.begun.fetch_add(1, SeqCst);
        let before = world.owners[key as usize].fetch_add(1, SeqCst);
        assert_eq!(before, 0, "key {key} has two owners");
        Self(world.clone(), key)
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.0.owners[self.1 as usize].fetch_sub(1, SeqCst);
    }
}

fn any_key(dice: &mut Dice) -> u32 {
    u32::try_from(dice.below(KEYS.into())).unwrap()
}

/// Takes a berth if it is free, leaves it perhaps, and ends.
async fn ship(world: Arc<World>, key: u32, turns: u64) {
    match Berths::register(&key, ()) {
        Ok(()) => {}
        Err(RegistryError::Taken { pid, .. }) => {
            return assert_ne!(pid, process::self_pid(), "it has the key itself");
        }
        Err(other) => panic!("{other}"),
    }
    let owned = Owned::new(&world, key);
    assert_eq!(Berths::whereis(&key), Some(process::self_pid()));
    for nth in 0..TIMES {
        Seas::register(&key, nth).unwrap();
    }
    a_while(turns).await;
    let own = Seas::values_of(&key, process::self_pid());
    assert_eq!(own, (0..TIMES).collect::<Vec<_>>());
    if turns.is_multiple_of(3) {
        drop(owned);
        Berths::unregister(&key);
        Seas::unregister(&key);
        a_while(turns).await;
        assert_ne!(Berths::whereis(&key), Some(process::self_pid()));
    }
}

/// One ship after the other, of which some are sunk: when that is seen nobody finds them.
async fn crowd(world: Arc<World>, seed: u64) {
    let mut dice = Dice::new(seed);
    for _ in 0..LIVES {
        let (key, turns, world) = (any_key(&mut dice), dice.below(12), world.clone());
        let run = async move |_: Mailbox<()>| ship(world, key, turns).await;
        let (ship, down) = process::spawn_monitor(run);
        let pid = ship.pid();
        let is_sunk = dice.below(3) == 0;
        if is_sunk {
            a_while(dice.below(12)).await;
            process::exit(&ship, ExitReason::Kill);
        }
        let down = down.await;
        let is_expected =
            down.reason == ExitReason::Normal || is_sunk && down.reason == ExitReason::Killed;
        assert!(is_expected, "{}", down.reason);
        check_gone(key, down.pid);
        assert!(pid.is_none_or(|pid| pid == down.pid));
    }
}

fn check_gone(key: u32, pid: Pid) {
    assert_ne!(Berths::whereis(&key), Some(pid), "found after its end was seen");
    assert!(Seas::lookup(&key).iter().all(|entry| entry.pid() != pid), "found among others");
    assert!(Seas::select(|entry| (entry.pid() == pid).then_some(())).is_empty());
    assert_eq!(Berths::keys_of(pid), [0; 0]);
}

/// Looks around: whoever is found is found no more when his end is seen.
async fn lookout(world: Arc<World>, seed: u64) {
    let mut dice = Dice::new(seed);
    while !world.is_over.load(SeqCst) {
        let key = any_key(&mut dice);
        if let Some(entry) = Berths::entry(&key) {
            assert_eq!(*entry.key(), key);
            if dice.below(4) == 0 {
                let down = process::monitor(&entry.pid()).await;
                // It may have left before it ended, and somebody else has it by now.
                check_gone(key, down.pid);
            }
        }
        let mut last = HashMap::new();
        for entry in Seas::lookup(&key) {
            let before = last.insert(entry.pid(), *entry.value());
            assert!(before.is_none_or(|before| before < *entry.value()), "out of order");
        }
        yield_now().await;
    }
}

/// REG-1, REG-3, REG-6: while owners come, leave and die.
#[test]
fn key_has_one_owner_whom_nobody_finds_when_he_is_gone() {
    storm(async || {
        let registries = (Berths::start().await.unwrap(), Seas::start().await.unwrap());
        let world = Arc::new(World::default());
        let lookouts: Vec<_> = (0..2)
            .map(|seed| {
                let world = world.clone();
                player(move |_: Mailbox<Marker>| lookout(world, 100 + seed))
            })
            .collect();
        let crowds: Vec<_> = (0..CROWDS)
            .map(|seed| {
                let world = world.clone();
                player(move |_: Mailbox<Marker>| crowd(world, seed + 1))
            })
            .collect();
        over(crowds).await;
        world.is_over.store(true, SeqCst);
        over(lookouts).await;
        assert_eq!((Berths::count(), Berths::keys().len()), (0, 0));
        assert_eq!((Seas::count(), Seas::keys().len()), (0, 0));
        for pid in [gen_server::whereis(&registries.0), gen_server::whereis(&registries.1)] {
            while !process::info(&pid.unwrap()).unwrap().links.is_empty() {
                yield_now().await;
            }
        }
        println!("storm of registries: {} owners", world.begun.load(SeqCst));
    });
}

// ===== Servers that are started when they are asked for =====

#[gen_server(via = Docks, key = u32, restart = Temporary)]
struct Crane {
    _owned: Owned,
    key: u32,
    nth: u64,
}

#[gen_server]
impl Crane {
    #[init]
    fn init(world: Arc<World>, key: u32) -> Self {
        let owned = Owned::new(&world, key);
        Self { _owned: owned, key, nth: world.begun.load(SeqCst) }
    }
    #[call]
    fn lift(&self, ctx: &mut Ctx<Self>) -> (u32, u64, Pid) {
        (self.key, self.nth, ctx.pid())
    }
}

supervisor! {
    Port {
        children: [docks: Docks, cranes: dynamic Crane { by: u32 }],
    }
}

/// Asks for cranes, and wrecks some.
async fn foreman(world: Arc<World>, seed: u64) {
    let mut dice = Dice::new(seed);
    for _ in 0..LIVES {
        let key = any_key(&mut dice);
        let crane = match Docks::ensure(&key, (world.clone(), key)).await {
            Ok(crane) => crane,
            // Whoever was there when it asked has ended since.
            Err(StartChildError::Start(StartError::AlreadyStarted(_))) => continue,
            Err(other) => panic!("{other}"),
        };
        let pid = match crane.lift().timeout(mins(10)).await {
            Ok((its, _, pid)) => {
                assert_eq!(its, key, "it is another's crane");
                pid
            }
            Err(CallError::NoProc(_) | CallError::Down(..)) => continue,
            Err(error) => panic!("{error}"),
        };
        if dice.below(4) == 0 {
            let down = process::monitor(&pid);
            process::exit(&pid, ExitReason::Kill);
            down.await;
            let found = Docks::entry(&key).map(|entry| entry.pid());
            assert_ne!(found, Some(pid), "found after its end was seen");
        }
    }
}

/// REG-1, REG-2, REG-3: however many ask, and whoever dies meanwhile.
#[test]
fn server_that_many_ask_for_is_started_once() {
    storm(async || {
        let world = Arc::new(World::default());
        let port = Port::start().await.unwrap();
        let foremen: Vec<_> = (0..2 * CROWDS)
            .map(|seed| {
                let world = world.clone();
                player(move |_: Mailbox<Marker>| foreman(world, seed + 1))
            })
            .collect();
        over(foremen).await;
        let there = Docks::count();
        // Of whom the last was that died, its supervisor hears when it comes to that.
        while port.cranes.count_children().await.unwrap().active != there {
            yield_now().await;
        }
        assert!(there <= KEYS as usize);
        println!("storm of docks: {} cranes for {KEYS} docks", world.begun.load(SeqCst));
        supervisor::stop(&port).await.unwrap();
        assert!(world.owners.iter().all(|owners| owners.load(SeqCst) == 0));
    });
}
