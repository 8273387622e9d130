//! A server that does what a test tells it to, and the registries of these tests.
use cordial::prelude::*;
use cordial::registry::{Keeper, Registry};
use std::sync::{Arc, Mutex};

registry! {
    /// One owner per key.
    pub(crate) Only: String => Pid, unique, value = u32
}

registry! {
    /// Any number, each with a number.
    pub(crate) Many: String => Pid, duplicate, value = u32
}

registry! {
    /// The same, in eight places.
    pub(crate) Spread: String => Pid, duplicate, value = u32, partitions = 8
}

registry! {
    /// The same, in two.
    pub(crate) Halves: String => Pid, duplicate, value = u32, partitions = 2
}

registry! {
    /// One owner per key, in eight places.
    pub(crate) OnlySpread: String => Pid, unique, value = u32, partitions = 8
}

registry! {
    /// Puppets by numbers.
    pub(crate) Puppets: u64 => Puppet, duplicate
}

/// What a puppet is to do.
pub(crate) struct Job(Act);

type Act = Box<dyn FnOnce(&mut Ctx<Puppet>) + Send>;

/// It does what it is told.
#[gen_server]
#[derive(Clone, Default)]
pub(crate) struct Puppet;

#[gen_server]
impl Puppet {
    #[call]
    fn run(&mut self, job: Job, ctx: &mut Ctx<Self>) {
        (job.0)(ctx);
    }
}

pub(crate) async fn puppet() -> PuppetRef {
    Puppet::start(Puppet).await.unwrap()
}

/// Does something as this puppet, and gives what came of it.
pub(crate) async fn be<T: Send + 'static>(
    puppet: &PuppetRef,
    job: impl FnOnce() -> T + Send + 'static,
) -> T {
    with(puppet, |_| job()).await
}

/// The same, with its context.
pub(crate) async fn with<T: Send + 'static>(
    puppet: &PuppetRef,
    job: impl FnOnce(&mut Ctx<Puppet>) -> T + Send + 'static,
) -> T {
    let place = Arc::new(Mutex::new(None));
    let there = place.clone();
    let job = Job(Box::new(move |ctx| *there.lock().unwrap() = Some(job(ctx))));
    puppet.run(job).await.unwrap();
    let done = place.lock().unwrap().take();
    done.unwrap()
}

pub(crate) fn pid(puppet: &PuppetRef) -> Pid {
    gen_server::whereis(puppet).unwrap()
}

/// Of the process of a registry.
pub(crate) fn pid_of<R: Registry>(registry: &Ref<Keeper<R>>) -> Pid {
    gen_server::whereis(registry).unwrap()
}

/// Ends a puppet; its end has been seen when this returns.
pub(crate) async fn kill(puppet: &PuppetRef) {
    let down = cordial::process::monitor(puppet);
    cordial::process::exit(puppet, ExitReason::Kill);
    down.await;
}
