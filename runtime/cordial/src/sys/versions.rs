//! The change of a running server from one version of its state to another.
use super::control::{SysError, ask};
use crate::exit::ExitReason;
use crate::gen_server::{self, Client, CodeChange, GenServer, Ref};
use crate::mailbox::ReplyTo;
use crate::process::cell::Cell;
use crate::process::lane::Request;
use crate::process::{Found, RawRef, Target};
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// Why a server is what it was.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ChangeError {
    /// It could not be asked, or has no state of the older version.
    Sys(SysError),
    /// It is not [suspended](super::suspend).
    NotSuspended,
    /// A step has refused, or panicked.
    Refused(ExitReason),
}

impl fmt::Display for ChangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sys(error) => error.fmt(f),
            Self::NotSuspended => f.write_str("the server is not suspended"),
            Self::Refused(reason) => write!(f, "the state was not changed: {reason}"),
        }
    }
}

impl std::error::Error for ChangeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Sys(error) => Some(error),
            Self::NotSuspended | Self::Refused(_) => None,
        }
    }
}

impl From<SysError> for ChangeError {
    fn from(error: SysError) -> Self {
        Self::Sys(error)
    }
}

/// Makes a [suspended](super::suspend) server one of a newer type, by the steps that its
/// `#[code_change]`s are: OTP's `sys:change_code` (GS-45). Its pid, name, links, monitors and mail
/// stay; what it is handed when it is [resumed](super::resume) is handled by the new type.
///
/// Both types take the same messages: `Old::Msg` is `New::Msg`. The older one is written by hand,
/// or keeps what it had.
///
/// The steps are tried on a copy of the state. Where one refuses or panics the server is what it
/// was, and goes on so when it is resumed.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::prelude::*;
/// use cordial::{ServerStruct, sys};
///
/// // The older version, with the messages of the newer one.
/// #[derive(Clone)]
/// struct CounterV1(i64);
/// impl ServerStruct for CounterV1 {
///     type Replay = cordial::supervisor::Replayed;
/// }
/// impl GenServer for CounterV1 {
///     type Msg = CounterMsg;
///     type Args = i64;
///     type Client = CounterClient;
///     async fn init(start: i64, _: &mut Ctx<Self>) -> Init<Self> {
///         Init::run(Self(start))
///     }
///     async fn handle(&mut self, msg: CounterMsg, _: &mut Ctx<Self>) -> Flow {
///         match msg {
///             CounterMsg::Inc {} => self.0 += 1,
///             CounterMsg::Value { from } => from.reply(self.0),
///         }
///         Flow::Continue
///     }
/// }
///
/// #[gen_server(version = 2)]
/// #[derive(Clone)]
/// struct Counter {
///     value: i64,
///     step: i64,
/// }
/// #[gen_server]
/// impl Counter {
///     #[code_change(from = 1)]
///     fn with_step(old: CounterV1) -> Self {
///         Self { value: old.0, step: 10 }
///     }
///     #[cast]
///     fn inc(&mut self) {
///         self.value += self.step;
///     }
///     #[call]
///     fn value(&self) -> i64 {
///         self.value
///     }
/// }
///
/// let old: Ref<CounterV1> = cordial::Start::new(1).await.unwrap();
/// old.inc();
/// assert_eq!(old.value().await, Ok(2));
/// sys::suspend(&old).await.unwrap();
/// let new: Ref<Counter> = sys::change_code(&old).await.unwrap();
/// sys::resume(&new).await.unwrap();
/// new.inc();
/// assert_eq!(old.value().await, Ok(12));
/// # }
/// ```
///
/// # Errors
/// [`ChangeError`]. A process that is something else by now has no state of `Old`:
/// [`SysError::NoServer`].
///
/// # Cancel safety
/// The request is made when this is called, and stays.
///
/// # Differences from OTP
/// It is another type that takes over, in the same program. Its ticks and streams begin anew; what
/// `init` has done is done. The bound of the mailbox stays that of the older type, and a supervisor
/// still starts the type that its child spec names.
pub fn change_code<Old, New>(
    server: &Ref<Old>,
) -> impl Future<Output = Result<Ref<New>, ChangeError>> + Send + use<Old, New>
where
    Old: GenServer<Msg = New::Msg> + Clone,
    New: CodeChange<Old>,
{
    let cell = server
        .find()
        .and_then(|Found { process, .. }| process.into_any().downcast::<Cell<New::Msg>>().ok());
    let of = cell.clone();
    let asked = ask(server.find(), |from: ReplyTo<Result<(), ChangeError>>| {
        Request::Change(Box::new(move |body| {
            from.reply(change::<Old, New>(of.as_ref(), body));
        }))
    });
    async move {
        asked.await??;
        let cell = cell.ok_or(SysError::NoProc)?;
        Ok(Ref::from_client(New::Client::from_raw(RawRef(cell))))
    }
}

fn change<Old, New>(
    cell: Option<&Arc<Cell<New::Msg>>>,
    body: Option<&mut dyn Any>,
) -> Result<(), ChangeError>
where
    Old: GenServer<Msg = New::Msg> + Clone,
    New: CodeChange<Old>,
{
    let body = body.ok_or(ChangeError::NotSuspended)?;
    let cell = cell.ok_or(SysError::NoProc)?;
    match gen_server::change::<Old, New>(cell, body) {
        Some(changed) => changed.map_err(ChangeError::Refused),
        None => Err(ChangeError::Sys(SysError::NoServer)),
    }
}
