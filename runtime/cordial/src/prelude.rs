//! What a program with servers imports: `use cordial::prelude::*`.
pub use crate::{
    BehaviourRef, CallError, Child, ChildSpec, ChildSpecWith as _, Ctx, Down, DynamicRef, EnterCtx,
    Exit, ExitReason, Flow, GenServer, Init, Late, MonitorRef, PartitionRef, Pid, Ref, ReplyTo,
    Restart, SendError, Shutdown, Start, StartError, Strategy, Supervisor, Timeout, Timer,
    TryCallError, hours, millis, mins, secs,
};

pub use crate::gen_statem::{goto, keep_state, repeat_state};

#[cfg(feature = "macros")]
pub use crate::{
    behaviour, gen_server, gen_statem, ping_pong, pipe, protocol, receive, registry, supervisor,
    table,
};

#[doc(no_inline)]
pub use crate::registry::{Duplicate as _, Registry as _, Unique as _};
