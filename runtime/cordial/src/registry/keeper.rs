//! The process of a registry: it lives as long as the entries may, and those who have some are
//! linked to it. Nothing is asked of it.
use super::Registry;
use super::store::Store;
use crate::error::StartError;
use crate::gen_server::{Ctx, Flow, GenServer, Init, PlainClient, Restart, ServerStruct};
use crate::pid::Pid;
use crate::process::held::{Claim, Claimed, Hold};
use crate::process::{Found, Message, Node, Process};
use crate::signal::Exit;
use std::marker::PhantomData;
use std::sync::Arc;

/// The process of a registry, as a supervisor's child.
///
/// # Examples
/// See [`Registry`].
pub struct Keeper<R>(PhantomData<fn() -> R>);

/// What reaches it: that somebody who had entries has ended, which is of no interest.
#[doc(hidden)]
#[derive(Debug)]
pub struct RegistryMsg(());

impl Message for RegistryMsg {
    fn kind(&self) -> &'static str {
        "exit"
    }
}

impl<R> std::fmt::Debug for Keeper<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keeper")
    }
}

#[diagnostic::do_not_recommend]
impl<R: Registry> ServerStruct for Keeper<R> {
    const RESTART: Restart = Restart::Permanent;
    type Replay = crate::supervisor::Replayed;
}

#[diagnostic::do_not_recommend]
impl<R: Registry> GenServer for Keeper<R> {
    type Msg = RegistryMsg;
    type Args = ();
    type Client = PlainClient<RegistryMsg>;
    const TRAP_EXIT: bool = true;

    async fn init((): (), _: &mut Ctx<Self>) -> Init<Self> {
        R::prepare();
        Init::run(Self(PhantomData))
    }

    async fn handle(&mut self, _: RegistryMsg, _: &mut Ctx<Self>) -> Flow {
        Flow::Continue
    }

    fn handle_sync(&mut self, _: RegistryMsg, _: &mut Ctx<Self>) -> Result<Flow, RegistryMsg> {
        Ok(Flow::Continue)
    }

    fn from_exit(_: Exit) -> Option<RegistryMsg> {
        Some(RegistryMsg(()))
    }
}

/// That the registry is to run: there is one per node.
pub(super) struct Opening<R>(PhantomData<fn() -> R>);

impl<R> Opening<R> {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(PhantomData))
    }
}

impl<R: Registry> Claim for Opening<R> {
    fn claim(
        &self,
        node: &Node,
        pid: Pid,
        process: &Arc<dyn Process>,
    ) -> Result<Claimed, StartError> {
        let store = Arc::new(Store::<R>::new(Found { pid, process: process.clone() }));
        match node.services.offer(store.clone()) {
            Ok(()) => Ok(Claimed { hold: Box::new(Open { store }), tie: None }),
            Err(there) => Err(StartError::AlreadyStarted(there.keeper.pid.into())),
        }
    }
}

/// That it runs; it ends with its process.
struct Open<R: Registry> {
    store: Arc<Store<R>>,
}

impl<R: Registry> Hold for Open<R> {
    fn release(self: Box<Self>) {
        self.store.close();
        self.store.keeper.process.node().services.withdraw(&self.store);
    }
}
