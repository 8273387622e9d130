//! What `gen_statem` makes of the example `door`.

pub struct Door {
    code: Vec<u8>,
    entered: Vec<u8>,
    grace: Duration,
    tries: usize,
}
const _: () = {
    struct _Held(::cordial::__private::Kept<Vec<u8>>, ::cordial::__private::Kept<Vec<u8>>);
};
const _: () = ::cordial::__private::server_of::<Door>();
impl ::cordial::ServerStruct for Door {
    const RESTART: ::cordial::Restart = ::cordial::Restart::Transient;
    const SHOW: ::cordial::Show<Self> = |it| ::cordial::__private::ladder(it).shown();
    type Replay = ::cordial::__private::Replayed;
}

/// The handle of [`Door`]: cheap to clone, it survives restarts.
#[allow(dead_code)]
pub type DoorRef = ::cordial::Ref<Door>;

impl Door {
    fn init(code: Vec<u8>, grace: Duration) -> Self {
        #[allow(unused_imports)]
        use door_state::*;
        Self {
            code,
            entered: Vec::new(),
            grace,
            tries: 0,
        }
    }

    /// Presses a button of the lock.
    pub fn button(
        &mut self,
        digit: u8,
    ) -> ::cordial::gen_statem::Goto<DoorState, door_state::__ToLockedOrOpen> {
        #[allow(unused_imports)]
        use door_state::*;
        self.entered.push(digit);
        if self.entered.len() < self.code.len() {
            return keep_state();
        }
        self.tries += 1;
        if self.entered == self.code {
            return goto(Open);
        }
        self.entered.clear();
        keep_state()
    }

    /// Whoever takes too long to type begins anew.
    #[allow(clippy::unused_self)]
    fn forgotten(&mut self) {
        #[allow(unused_imports)]
        use door_state::*;
        self.entered.clear();
    }

    /// Locks the door, and tells how often somebody has tried to open it. While it is locked this
    /// waits until somebody has opened it.
    #[allow(clippy::must_use_candidate)]
    pub fn lock(
        &mut self,
    ) -> (usize, ::cordial::gen_statem::Goto<DoorState, door_state::__ToLocked>) {
        #[allow(unused_imports)]
        use door_state::*;
        (self.tries, goto(Locked))
    }

    #[allow(clippy::unused_self)]
    fn relock(&mut self) -> ::cordial::gen_statem::Goto<DoorState, door_state::__ToLocked> {
        #[allow(unused_imports)]
        use door_state::*;
        goto(Locked)
    }

    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    fn entered(&mut self, ctx: &mut EnterCtx<'_, Self>) {
        #[allow(unused_imports)]
        use door_state::*;
        self.entered.clear();
        println!("the door is {:?}", ctx.state());
    }

    /// How often somebody has typed a whole code.
    #[allow(clippy::must_use_candidate)]
    pub fn tries(&self) -> usize {
        #[allow(unused_imports)]
        use door_state::*;
        self.tries
    }
}
const _: () = {
    struct _Held(::cordial::__private::Sent<Vec<u8>>);
};
/// What `Door` understands: one variant per handler.
#[allow(dead_code, missing_docs, private_interfaces, unreachable_pub)]
pub enum DoorMsg {
    /// Presses a button of the lock.
    Button { digit: u8 },
    /// Locks the door, and tells how often somebody has tried to open it. While it is locked this
    /// waits until somebody has opened it.
    Lock {
        from: ::cordial::ReplyTo<usize>,
    },
    /// How often somebody has typed a whole code.
    Tries {
        from: ::cordial::ReplyTo<usize>,
    },
}

impl ::cordial::Message for DoorMsg {
    fn kind(&self) -> &'static str {
        match *self {
            Self::Button { .. } => "button",
            Self::Lock { .. } => "lock",
            Self::Tries { .. } => "tries",
        }
    }
}

/// The casts of `Door`, which do not wait.
pub struct DoorCasts(::cordial::RawRef<DoorMsg>);
#[allow(dead_code, missing_docs, private_interfaces, unreachable_pub)]
impl DoorCasts {
    /// Presses a button of the lock.
    pub fn button(&self, digit: u8) -> ::cordial::Cast {
        ::cordial::__private::cast(&self.0, DoorMsg::Button { digit })
    }
}

/// The client of `Door`: what its handle derefs to.
pub struct DoorClient(DoorCasts);
#[allow(dead_code, missing_docs, private_interfaces, unreachable_pub)]
impl DoorClient {
    /// Locks the door, and tells how often somebody has tried to open it. While it is locked this
    /// waits until somebody has opened it.
    pub fn lock(&self) -> ::cordial::Call<usize> {
        ::cordial::__private::ask(&self.0.0, |from| DoorMsg::Lock { from })
    }

    /// How often somebody has typed a whole code.
    pub fn tries(&self) -> ::cordial::Call<usize> {
        ::cordial::__private::ask(&self.0.0, |from| DoorMsg::Tries { from })
    }
}
::cordial::__private::shell!([][][][Door] DoorMsg DoorCasts DoorClient);
#[allow(dead_code, missing_docs, private_interfaces, unreachable_pub)]
impl Door {
    /// Starts the server; await for its handle.
    pub fn start(code: Vec<u8>, grace: Duration) -> ::cordial::Start<Self> {
        ::cordial::Start::new((code, grace))
    }

    /// Starts the server linked to the caller.
    pub fn start_link(code: Vec<u8>, grace: Duration) -> ::cordial::Start<Self> {
        ::cordial::Start::new((code, grace)).link()
    }

    /// How a supervisor starts this server.
    pub fn child_spec<R>(code: Vec<u8>, grace: Duration) -> ::cordial::ChildSpec<Self, R>
    where
        Self: ::cordial::__private::Specified<R>,
    {
        <Self as ::cordial::__private::Specified<R>>::spec((code, grace))
    }
}

impl ::cordial::GenServer for Door {
    type Msg = DoorMsg;
    type Args = (Vec<u8>, Duration);
    type Client = DoorClient;
    async fn init(
        args: (Vec<u8>, Duration),
        ctx: &mut ::cordial::Ctx<Self>,
    ) -> ::cordial::Init<Self> {
        let state = {
            let (code, grace) = args;
            ::cordial::Init::run(Self::init(code, grace))
        };
        ::cordial::__private::after_init(state, ctx, |state, ctx| {
            ::cordial::gen_statem::begin(ctx);
        })
    }

    async fn handle(&mut self, msg: Self::Msg, ctx: &mut ::cordial::Ctx<Self>) -> ::cordial::Flow {
        ::cordial::gen_statem::handle(self, msg, ctx).await
    }

    fn handle_sync(
        &mut self,
        msg: Self::Msg,
        ctx: &mut ::cordial::Ctx<Self>,
    ) -> ::core::result::Result<::cordial::Flow, Self::Msg> {
        ::core::result::Result::Ok(::cordial::gen_statem::handle_now(self, msg, ctx))
    }
}

/// The states of [`Door`].
///
/// ```mermaid
/// stateDiagram-v2
///    [*] --> Locked
///    Locked --> Open : button
///    Open --> Locked : lock, after self.grace
/// ```
#[allow(dead_code, missing_docs, private_interfaces, unreachable_pub)]
#[derive(
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::cmp::PartialEq,
    ::core::cmp::Eq,
    ::core::hash::Hash,
)]
pub enum DoorState { Locked, Open }
impl ::core::fmt::Debug for DoorState {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.write_str(match *self {
            Self::Locked => "Locked",
            Self::Open => "Open",
        })
    }
}

/// The states of `Door` as types: what `goto` takes.
#[allow(dead_code, missing_docs, unreachable_pub, missing_debug_implementations)]
#[allow(missing_copy_implementations, clippy::exhaustive_structs)]
pub mod door_state {
    pub struct Locked;
    pub struct Open;
    #[doc(hidden)]
    pub struct __ToLockedOrOpen;
    #[doc(hidden)]
    pub struct __ToLocked;
}

impl ::cordial::gen_statem::State for door_state::Locked {
    type Of = DoorState;
    const STATE: DoorState = DoorState::Locked;
}

impl ::cordial::gen_statem::State for door_state::Open {
    type Of = DoorState;
    const STATE: DoorState = DoorState::Open;
}

impl ::cordial::gen_statem::LeadsTo<door_state::Locked> for door_state::__ToLockedOrOpen {}
impl ::cordial::gen_statem::LeadsTo<door_state::Open> for door_state::__ToLockedOrOpen {}
impl ::cordial::gen_statem::LeadsTo<door_state::Locked> for door_state::__ToLocked {}
#[allow(unreachable_patterns, unused_variables)]
impl ::cordial::gen_statem::GenStatem for Door
where
    for<'a> Door: ::cordial::__private::Marked<'a>,
{
    type State = DoorState;
    const INITIAL: DoorState = DoorState::Locked;
    async fn handle_event(
        &mut self,
        state: DoorState,
        msg: Self::Msg,
        ctx: &mut ::cordial::Ctx<Self>,
    ) -> ::cordial::gen_statem::Done<Self> {
        match (state, msg) {
            (DoorState::Locked, DoorMsg::Button { digit }) => {
                ::cordial::__private::statem_moves(Self::button(self, digit))
            }
            (DoorState::Open, DoorMsg::Button { .. }) => {
                ::cordial::gen_statem::Done::next(::cordial::gen_statem::Next::Keep)
            }
            (DoorState::Open, DoorMsg::Lock { from }) => {
                let given = Self::lock(self);
                ::cordial::__private::statem_replies_and_moves(from, given)
            }
            (DoorState::Locked, msg @ DoorMsg::Lock { .. }) => {
                ::cordial::gen_statem::Done::postpone(msg)
            }
            (_, DoorMsg::Tries { from }) => {
                let given = Self::tries(self);
                ::cordial::__private::statem_replies(from, given)
            }
        }
    }

    fn after(&self, state: &DoorState) -> ::core::option::Option<::core::time::Duration> {
        match *state {
            DoorState::Open => ::core::option::Option::Some(self.grace),
            _ => ::core::option::Option::None,
        }
    }

    fn idle(&self, state: &DoorState) -> ::core::option::Option<::core::time::Duration> {
        match *state {
            DoorState::Locked => {
                ::core::option::Option::Some(::core::time::Duration::from_secs(10u64))
            }
            _ => ::core::option::Option::None,
        }
    }

    async fn handle_state_timeout(
        &mut self,
        state: DoorState,
        ctx: &mut ::cordial::Ctx<Self>,
    ) -> ::cordial::gen_statem::Next<DoorState> {
        match state {
            DoorState::Open => ::cordial::gen_statem::IntoNext::into_next(Self::relock(self)),
            _ => ::cordial::gen_statem::Next::Keep,
        }
    }

    async fn handle_event_timeout(
        &mut self,
        state: DoorState,
        ctx: &mut ::cordial::Ctx<Self>,
    ) -> ::cordial::gen_statem::Next<DoorState> {
        match state {
            DoorState::Locked => ::cordial::gen_statem::IntoNext::into_next(Self::forgotten(self)),
            _ => ::cordial::gen_statem::Next::Keep,
        }
    }

    async fn enter(
        &mut self,
        state: DoorState,
        old: DoorState,
        ctx: &mut ::cordial::gen_statem::EnterCtx<'_, Self>,
    ) -> ::cordial::gen_statem::Enter {
        match state {
            _ => ::cordial::gen_statem::IntoEnter::into_enter(Self::entered(self, ctx)),
        }
    }
}
