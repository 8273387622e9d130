//! The events of the runtime; `docs/telemetry.md` lists them with their fields.
use super::{Event, FieldInfo, event};
use crate::exit::ExitReason;
use crate::pid::Pid;
use std::sync::Arc;
use std::time::Duration;

/// An event as it is listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Listed {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: &'static str,
    /// What it tells of.
    pub about: &'static str,
    /// Its fields.
    pub fields: &'static [FieldInfo],
}

macro_rules! listed {
    ($(
        $(#[doc = $doc:literal])+
        pub $name:ident as $text:literal {
            $($(#[doc = $about:literal])+ $field:ident: $ty:ty,)*
        }
    )+) => {
        event! {$(
            $(#[doc = $doc])+
            pub $name as $text { $($(#[doc = $about])+ $field: $ty,)* }
        )+}

        /// Every event of the runtime, in the order of `docs/telemetry.md`.
        pub const ALL: &[Listed] = &[$(Listed {
            name: $name::NAME,
            ty: stringify!($name),
            about: $name::ABOUT,
            fields: $name::FIELDS,
        },)+];
    };
}

listed! {
    /// A process has begun; its `init` has not run yet.
    pub ProcessStart as "cordial.process.start" {
        /// Who began.
        pid: Pid,
        /// Its name, or that of its type.
        server: Arc<str>,
        /// Who started it with a link.
        parent: Option<Pid>,
    }
    /// A process is gone, and everybody concerned has been told.
    pub ProcessExit as "cordial.process.exit" {
        /// Who is gone.
        pid: Pid,
        /// Its name, or that of its type.
        server: Arc<str>,
        /// Why.
        reason: ExitReason,
        /// Mail that it had not come to.
        mail_waiting: usize,
    }
    /// A process died by its own fault; its `cordial.process.exit` comes before.
    pub ProcessCrash as "cordial.process.crash" {
        /// Who crashed.
        pid: Pid,
        /// Its name, or that of its type.
        server: Arc<str>,
        /// Why.
        reason: ExitReason,
        /// The kind of what it handled last.
        last_message: Option<&'static str>,
        /// It crashed in `init`.
        in_init: bool,
    }
    /// A handler keeps its worker: told once while it does, and once when it is over.
    pub SlowHandler as "cordial.process.slow" {
        /// Whose.
        pid: Pid,
        /// Its name, or that of its type.
        server: Arc<str>,
        /// How long it has taken.
        took: Duration,
        /// It has come to its end.
        is_over: bool,
        /// The kind of what it handled, known when it is over.
        last_message: Option<&'static str>,
    }
    /// A server has handled a message; told of those that `sys::tell_messages` was called for.
    pub MessageHandled as "cordial.server.message" {
        /// Who.
        pid: Pid,
        /// Its name, or that of its type.
        server: Arc<str>,
        /// The kind of the message: the handler's name.
        kind: &'static str,
        /// How long it took, what it awaited included.
        took: Duration,
        /// `done`, `stopped` or `panicked`.
        outcome: String,
    }
    /// A call was left because its caller does not wait any more: `#[call(shed)]`.
    pub CallShed as "cordial.server.shed" {
        /// Whose.
        pid: Pid,
        /// The handler's name.
        kind: &'static str,
    }
    /// A server got a `Down` or an `Exit` that none of its handlers takes.
    pub Unexpected as "cordial.server.unexpected" {
        /// Who got it.
        pid: Pid,
        /// `Down` or `Exit`.
        kind: &'static str,
        /// All of it.
        message: String,
    }
    /// A bounded mailbox refused a message, or dropped it for a younger one.
    pub MailboxOverflow as "cordial.mailbox.overflow" {
        /// Whose mailbox.
        pid: Pid,
        /// Its name, or that of its type.
        server: Arc<str>,
        /// The kind of what was lost.
        kind: &'static str,
    }
    /// A mailbox holds more than its node's mark.
    pub MailboxHighWater as "cordial.mailbox.high_water" {
        /// Whose mailbox.
        pid: Pid,
        /// Its name, or that of its type.
        server: Arc<str>,
        /// How much mail waits.
        waiting: usize,
        /// The mark.
        mark: usize,
    }
    /// A supervisor's child runs.
    pub ChildStarted as "cordial.supervisor.child_started" {
        /// The supervisor.
        supervisor: Arc<str>,
        /// Its pid.
        supervisor_pid: Pid,
        /// The child's id.
        child: Arc<str>,
        /// The child.
        pid: Pid,
    }
    /// A supervisor's child ended in a way that needs attention.
    pub ChildTerminated as "cordial.supervisor.child_terminated" {
        /// The supervisor.
        supervisor: Arc<str>,
        /// Its pid.
        supervisor_pid: Pid,
        /// The child's id.
        child: Arc<str>,
        /// The child.
        pid: Pid,
        /// Why it ended.
        reason: ExitReason,
        /// What the supervisor does about it.
        next: String,
    }
    /// A supervisor starts a child again.
    pub ChildRestarting as "cordial.supervisor.restart" {
        /// The supervisor.
        supervisor: Arc<str>,
        /// Its pid.
        supervisor_pid: Pid,
        /// The child's id.
        child: Arc<str>,
        /// Restarts within the period, this one included.
        count: usize,
        /// How many there may be.
        max_restarts: u32,
        /// Within this time.
        period: Duration,
    }
    /// A supervisor's child did not start.
    pub ChildStartError as "cordial.supervisor.start_error" {
        /// The supervisor.
        supervisor: Arc<str>,
        /// Its pid.
        supervisor_pid: Pid,
        /// The child's id.
        child: Arc<str>,
        /// Why not.
        error: String,
    }
    /// A supervisor gives up: there were too many restarts.
    pub SupervisorGaveUp as "cordial.supervisor.give_up" {
        /// The supervisor.
        supervisor: Arc<str>,
        /// Its pid.
        supervisor_pid: Pid,
        /// The child that was one too many.
        child: Arc<str>,
        /// How many restarts there may be.
        max_restarts: u32,
        /// Within this time.
        period: Duration,
    }
    /// A process has got a name or an entry of a registry, as a rule before its `init` runs.
    pub EntryRegistered as "cordial.registry.register" {
        /// The registry; `names` for those of `process::register` and `name = ".."`.
        registry: &'static str,
        /// The key, as its `Debug` shows it; a name as it is.
        key: String,
        /// Whose it is.
        pid: Pid,
    }
    /// A name or an entry of a registry is gone.
    pub EntryUnregistered as "cordial.registry.unregister" {
        /// The registry, or `names`.
        registry: &'static str,
        /// The key, or the name.
        key: String,
        /// Whose it was.
        pid: Pid,
        /// For how long.
        held_for: Duration,
        /// It went because its process ended, or did not start.
        process_ended: bool,
    }
    /// A name or a unique key was refused: somebody has it.
    pub KeyTaken as "cordial.registry.taken" {
        /// The registry, or `names`.
        registry: &'static str,
        /// The key, or the name.
        key: String,
        /// Who asked for it; one that was to start under it never begins.
        pid: Pid,
        /// Who has it.
        holder: Pid,
        /// For how long.
        held_for: Duration,
    }
    /// A fuse is blown: what it guards is not tried for a while.
    pub FuseBlown as "cordial.fuse.blown" {
        /// Which one.
        fuse: Arc<str>,
        /// How many failures that took.
        failures: usize,
        /// For how long.
        resets_in: Duration,
    }
    /// A fuse is whole again; told when it is asked next.
    pub FuseReset as "cordial.fuse.reset" {
        /// Which one.
        fuse: Arc<str>,
    }
    /// A regulator had no room.
    pub RegulatorRefused as "cordial.regulator.refused" {
        /// Which one.
        regulator: Arc<str>,
        /// It was let into the line, and waited for as long as it may.
        waited_too_long: bool,
        /// When there may be room.
        retry_in: Duration,
    }
    /// The node begins to go down.
    pub NodeStopping as "cordial.node.stopping" {
        /// Its number.
        node: u32,
        /// How many processes live.
        processes: usize,
    }
    /// A handler panicked, and was detached.
    pub HandlerFailed as "cordial.telemetry.handler_failed" {
        /// Which one.
        handler: u64,
        /// The name of the event that it was told.
        event: &'static str,
        /// The panic.
        reason: ExitReason,
    }
}
