//! What begins and ends in a round.
use crate::Round;
use cordial::event_handlers::{EventHandlers, Handled};
use cordial::fuse::Fuse;
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::regulator::Regulator;
use cordial::telemetry::events::ProcessStart;
use cordial::{
    GroupEvent, Pg, PubSub, Task, TaskSupervisor, TaskSupervisorRef, gen_server, sys, telemetry,
};

registry! { Berths: u64 => Pid, unique }
registry! { Seas: u64 => Pid, duplicate }
registry! { Docks: u64 => Crane, unique }
table! { Cargo: u64 => String, set, public }
table! { Latest: u64 => String, set, public, max = 10 }

type News = PubSub<u32>;
type Crews = Pg<Doer, u64>;

/// One that is started for a key.
#[gen_server(via = Docks, key = u64, restart = Temporary)]
#[derive(Clone)]
struct Crane(u64);
#[gen_server]
impl Crane {
    #[call]
    fn number(&self) -> u64 {
        self.0
    }
}

supervisor! {
    Port { children: [docks: Docks, cranes: dynamic Crane { by: u64 }] }
}

/// It does a round itself.
#[gen_server]
#[derive(Clone, Default)]
struct Doer;

#[gen_server]
impl Doer {
    #[call]
    fn register(&self, key: u64) {
        Berths::register(&key, ()).unwrap();
        Seas::register(&key, ()).unwrap();
        Seas::register(&key, ()).unwrap();
        Berths::unregister(&key);
        Seas::unregister(&key);
    }
    #[call]
    fn watch_crew(&self, key: u64, ctx: &mut Ctx<Self>) {
        let (monitor, _) = Crews::monitor(ctx, &key).unwrap();
        assert!(Crews::demonitor(monitor));
    }
    #[info]
    fn crew(&self, _event: GroupEvent<Self, u64>) {}
    #[call]
    fn subscribe(&self, topic: &str, ctx: &mut Ctx<Self>) {
        News::subscribe(ctx, topic).unwrap();
        News::unsubscribe(topic);
    }
    #[info]
    fn news(&self, _news: u32) {}
    #[call]
    fn make_a_table(&self, nth: u64, ctx: &mut Ctx<Self>) {
        let table = Cargo::new(ctx);
        table.insert(nth, "tea".to_owned()).unwrap();
        table.rename(&format!("cargo {nth}")).unwrap();
        cordial::ets::delete(table).unwrap();
    }
    #[call]
    fn set_a_timer(&self, ctx: &mut Ctx<Self>) -> bool {
        ctx.send_after(hours(9), 7_u32).cancel().is_some()
    }
    #[call]
    fn watch_somebody(&self) {
        let (there, _) = process::spawn_monitor(async |mut mail: Mailbox<()>| mail.next().await);
        let monitor = process::link(&there);
        monitor.unwrap();
        process::unlink(&there);
        there.send(());
    }
}

pub(crate) struct World {
    doer: DoerRef,
    tasks: TaskSupervisorRef,
    latest: LatestRef,
    events: EventHandlers<u32>,
    fuse: Fuse,
    regulator: Regulator,
}

/// Has a table whose oldest rows go.
#[gen_server]
struct Owner(Latest);
#[gen_server]
impl Owner {
    #[init]
    fn init(ctx: &mut Ctx<Self>) -> Self {
        Self(Latest::new(ctx))
    }
    #[call]
    fn latest(&self) -> LatestRef {
        self.0.reader()
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Port::start().await.unwrap();
        Berths::start().await.unwrap();
        Seas::start().await.unwrap();
        News::start().await.unwrap();
        Crews::start().await.unwrap();
        Self {
            doer: Doer::start(Doer).await.unwrap(),
            tasks: TaskSupervisor::start().await.unwrap(),
            latest: Owner::start().await.unwrap().latest().await.unwrap(),
            events: EventHandlers::start().await.unwrap(),
            fuse: Fuse::new("partner").bears(3, secs(10)),
            regulator: Regulator::new("imports").at_once(1).rate(10, millis(1)),
        }
    }
}

macro_rules! rounds {
    ($($name:literal => |$world:ident, $nth:ident| $round:expr,)*) => {
        /// Each with its name.
        pub(crate) const ALL: &[(&str, Round)] =
            &[$(($name, |$world, $nth| Box::pin(async move { let _ = ($world, $nth); $round }))),*];
    };
}

rounds! {
    "registrations under new keys" => |world, nth| world.doer.register(nth).await.unwrap(),
    "entries of the dead" => |_world, nth| {
        let run = async move |_: Mailbox<()>| {
            Berths::register(&nth, ()).unwrap();
            Seas::register(&(nth % 3), ()).unwrap();
        };
        process::spawn_monitor(run).1.await;
    },
    "locks of new keys" => |_world, nth| drop(Berths::lock(&nth).await.unwrap()),
    "servers that are started for a key" => |_world, nth| {
        let crane = Docks::ensure(&nth, Crane(nth)).await.unwrap();
        gen_server::stop(&crane).await.unwrap();
    },
    "memberships of new groups" => |world, nth| {
        Crews::join(&nth, &world.doer).unwrap();
        Crews::leave(&nth, &world.doer).unwrap();
    },
    "monitors of groups" => |world, nth| world.doer.watch_crew(nth).await.unwrap(),
    "subscriptions of new topics" => |world, nth| {
        world.doer.subscribe(&nth.to_string()).await.unwrap();
    },
    "tables" => |world, nth| world.doer.make_a_table(nth).await.unwrap(),
    "rows of a table of ten" => |world, nth| world.latest.insert(nth, "x".repeat(50)).unwrap(),
    "timers" => |world, _nth| {
        assert!(world.doer.set_a_timer().await.unwrap());
    },
    "telemetry's handlers" => |_world, _nth| {
        let id = telemetry::attach(|_: &ProcessStart| {});
        assert!(telemetry::detach(id));
    },
    "handlers of events" => |world, nth| {
        let name = nth.to_string();
        let attached = world.events.attach(&name, |_: &u32| Handled::Continue).await.unwrap();
        world.events.detach(&name).await.unwrap();
        attached.await;
    },
    "handlers of events that fail" => |world, nth| {
        let fails = |_: &u32| -> Handled { panic!("told to") };
        let attached = world.events.attach(&nth.to_string(), fails).await.unwrap();
        world.events.notify(1);
        attached.await;
    },
    "traces that nobody reads" => |world, _nth| {
        let all = sys::Filter::all();
        drop(sys::trace(&world.doer, all, sys::Limit::count(3)).unwrap());
    },
    "traces of a type" => |world, _nth| {
        let all = || sys::Filter::all();
        let mut trace = sys::trace_type::<Doer>(all(), sys::Limit::count(1));
        drop(sys::trace_type::<Doer>(all(), sys::Limit::count(3)));
        world.doer.watch_somebody().await.unwrap();
        assert!(trace.next().await.is_some());
    },
    "tasks" => |world, nth| {
        assert_eq!(Task::spawn(async move { nth }).await, Ok(nth));
        drop(Task::spawn(async {}));
        assert_eq!(world.tasks.async_nolink(async move { nth }).await.unwrap().await, Ok(nth));
    },
    "tasks that are late" => |world, _nth| {
        let never = std::future::pending::<()>();
        let mut task = world.tasks.async_nolink(never).await.unwrap();
        assert!(task.yield_for(millis(1)).await.is_none());
        task.kill().await;
    },
    "crashes" => |_world, _nth| {
        process::spawn_monitor(async |_: Mailbox<()>| panic!("told to")).1.await;
    },
    "links and monitors" => |world, _nth| world.doer.watch_somebody().await.unwrap(),
    "failures behind a fuse" => |world, _nth| {
        let _ = world.fuse.run(async { Err::<(), _>("no route") }).await;
    },
    "permits" => |world, _nth| {
        let waits = (world.regulator.enter(), world.regulator.enter());
        drop(waits.1);
        drop(waits.0.await);
    },
}
