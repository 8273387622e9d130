//! The wording of every diagnostic, as one table of constants.
//!
//! A constant's name in lower case with dashes is its slug: `docs/errors/<slug>.md` shows the wrong
//! program and the right one. `{}` stands for what [`fill`] puts there, in order.

use std::fmt::Display;

/// Puts `parts` into the `{}`s of `template` in order, and into each `{n}` the n-th of them.
pub(crate) fn fill(template: &str, parts: &[&dyn Display]) -> String {
    let mut text = String::new();
    let mut rest = template;
    let mut next = 0;
    while let Some((before, after)) = rest.split_once('{') {
        let (hole, after) = after.split_once('}').expect("every `{` of a template is closed");
        text.push_str(before);
        text.push_str(&parts[hole.parse().unwrap_or(next)].to_string());
        next += 1;
        rest = after;
    }
    text + rest
}

// ===== Options and durations, all macros =====

pub(crate) const UNKNOWN_WORD: &str = "unknown {} `{}`; known are {}";
pub(crate) const UNKNOWN_WORD_NEAR: &str = "unknown {} `{}`; did you mean `{}`?";
pub(crate) const NOT_AVAILABLE_YET: &str = "`{}` is not available yet in this version";
pub(crate) const OPTION_GIVEN_TWICE: &str = "`{}` is given twice";
pub(crate) const OPTION_TAKES_NO_VALUE: &str = "`{}` takes no value";
pub(crate) const OPTION_NEEDS_VALUE: &str = "`{0}` needs a value: `{0} = ..`";
pub(crate) const VALUE_MISSING: &str = "expected a value after `=`";
pub(crate) const CRATE_IS_A_PATH: &str =
    "`crate` is the path of the runtime, for example `crate = my_cordial`";
pub(crate) const DURATION_NEEDS_UNIT: &str =
    "a duration needs a unit: `{0}ms`, `{0}s`, `{0}min` or `{0}h`";
pub(crate) const UNKNOWN_UNIT: &str =
    "unknown unit `{0}`: a duration is `{1}ms`, `{1}s`, `{1}min` or `{1}h`";
pub(crate) const DURATION_IS_A_WHOLE_NUMBER: &str =
    "a duration is a whole number with a unit, for example `1500ms`";
pub(crate) const DURATION_TOO_LONG: &str = "this duration does not fit into milliseconds";

// ===== `#[gen_server]`: the item =====

pub(crate) const GEN_SERVER_ON_WRONG_ITEM: &str =
    "`#[gen_server]` goes on a struct, an enum or its inherent `impl` block";
pub(crate) const GEN_SERVER_ON_TRAIT_IMPL: &str = "`#[gen_server]` goes on the inherent `impl`; \
    for a trait that is part of the protocol use `#[behaviour]`";
pub(crate) const SERVER_HAS_NO_NAME: &str =
    "a server is a struct or an enum: `impl Name` or `impl Name<T>`";
pub(crate) const SERVER_WITH_LIFETIME: &str =
    "a server owns its state: it cannot borrow for `{}`; store an owned value or an `Arc<T>`";
pub(crate) const NO_HANDLERS: &str =
    "`{}` understands no messages: mark at least one method `#[call]`, `#[cast]` or `#[info]`";

// ===== What may be shown =====

pub(crate) const INSPECT_TAKES_A_WORD: &str = "say what becomes of this field: \
     `#[inspect(skip)]`, `#[inspect(redact)]` or `#[inspect(show)]`";
pub(crate) const BAD_INSPECT: &str =
    "`inspect` is what the state is shown by: `Inspect`, `Serialize`, `Debug` or `type_name`";
pub(crate) const INSPECT_NEEDS_SERDE: &str =
    "`inspect = Serialize` needs the feature `serde` of `cordial`";
pub(crate) const INSPECT_ON_WRONG_ITEM: &str = "`#[derive(Inspect)]` goes on a struct or an enum";

// ===== `#[gen_statem]` =====

pub(crate) const GEN_STATEM_ON_WRONG_ITEM: &str =
    "`#[gen_statem]` goes on a struct, an enum or its inherent `impl` block";
pub(crate) const STATES_ON_STRUCT: &str =
    "the states stand on the `impl`: `#[gen_statem(Locked | Open)] impl Door`";
pub(crate) const STATEM_WITHOUT_STATES: &str = "`{}` has no states: write \
    `#[gen_statem(Locked | Open)]`, the initial one first, or `#[gen_server]` if it has none";
pub(crate) const STATES_ARE_ALTERNATIVES: &str = "states are names with `|` between them, and \
     options follow a comma: `#[gen_statem(Locked | Open, mailbox = 10)]`";
pub(crate) const STATE_GIVEN_TWICE: &str = "state `{}` is given twice";
pub(crate) const UNKNOWN_STATE: &str = "no state `{}`; the states are {}";
pub(crate) const UNKNOWN_STATE_NEAR: &str = "no state `{}`; did you mean `{}`?";
pub(crate) const UNREACHABLE_STATE: &str =
    "state `{}` is unreachable: no transition from `{}` leads to it";
pub(crate) const BAD_STATES: &str =
    "say for which states: `#[{0}(Locked)]`, `#[{0}(Locked | Open)]`, or `#[{0}(_)]` for any";
pub(crate) const BAD_TO: &str = "a transition names states: `to![Open]` or `to![Locked | Open]`";
pub(crate) const CLAUSE_WITHOUT_STATE: &str =
    "say in which states `#[{}]` counts: `#[on(Locked)]`, or `#[on(_)]` for any";
pub(crate) const CLAUSE_WITHOUT_ROLE: &str = "mark this clause `#[call]`, `#[cast]` or `#[info]`";
pub(crate) const NOT_OF_ONE_STATE: &str =
    "`#[{}]` is not for some states: it takes no `#[on(..)]`; ask `ctx.state()`";
pub(crate) const NOT_IN_A_STATEM: &str = "a state machine has no `#[{}]`; use `{}`";
pub(crate) const OPTION_OF_SERVERS_ONLY: &str =
    "`{}` is for servers: a clause of a state machine answers by its value or with a `ReplyTo`";
pub(crate) const CLAUSE_WITHOUT_BODY: &str =
    "`{}` has no body here: write one, or mark the clause `#[postpone]` or `#[ignore]`";
pub(crate) const FATE_WITH_BODY: &str =
    "`#[{}]` is all that happens here: write `fn {}();` without arguments and body";
pub(crate) const EVENT_UNHANDLED: &str =
    "`{}` is not handled in state `{}`; add `#[on({})]` or a catch-all `#[on(_)]`";
pub(crate) const EVENT_NEVER_HANDLED: &str =
    "`{}` would never be handled: handle it in at least one state";
pub(crate) const SECOND_CLAUSE: &str = "`{}` has a clause for `{}` already";
pub(crate) const CLAUSE_NEVER_REACHED: &str =
    "every state has a clause of its own for `{}`, so this one is never reached";
pub(crate) const CLAUSES_DIFFER: &str =
    "the first clause of `{}` is a `#[{}]`, so this one is, too";
pub(crate) const ARGUMENTS_DIFFER: &str =
    "every clause of `{}` takes the same arguments as its first one: `({})`";
pub(crate) const TIMEOUT_NEEDS_DURATION: &str = "say after how long: `#[{}(30s)]`";
pub(crate) const AFTER_IN_ANY_STATE: &str =
    "a state timeout belongs to a state: name it, as in `#[on(Open)]`";
pub(crate) const SECOND_OF_A_STATE: &str = "second `#[{}]` for `{}`: a state has at most one";
pub(crate) const ENTER_STAYS: &str =
    "an `#[enter]` is part of the transition to its state: it cannot lead to another one";
pub(crate) const STATE_IN_THE_WAY: &str =
    "`{0}` is a state of this machine here; reach your own `{0}` by a path: `self::{0}`";
pub(crate) const STATE_IS_NO_VALUE: &str =
    "`{0}` alone is what `goto` takes; what `ctx.state()` gives is `{1}::{0}`";
pub(crate) const GOTO_TAKES_A_NAME: &str = "`goto` takes the state by its name alone: `goto({})`";
pub(crate) const TO_IN_A_BODY: &str = "`to![..]` says in the signature where a clause may lead; to \
    go there, write `goto({})`";
pub(crate) const ANSWER_COMES_FIRST: &str =
    "a clause that answers and moves returns a pair, the answer first: `(T, to![..])`";
pub(crate) const MACHINE_IS_NO_SERVER: &str =
    "these are the clauses of a state machine: write `#[gen_statem({})]`";
pub(crate) const ENTER_ARGUMENTS: &str = "an `#[enter]` takes the state before, `DoorState`, and \
    `&mut EnterCtx<'_, Self>`, nothing else";

// ===== `registry!` =====

pub(crate) const REGISTRY_SHAPE: &str =
    "a registry is written `Name: Key => Server, unique`, or `duplicate`";
pub(crate) const REGISTRY_NEEDS_KEYS: &str =
    "say how many entries a key may have: `unique` or `duplicate`";
pub(crate) const REGISTRY_HAS_BOTH_KEYS: &str = "keys are `unique` or `duplicate`, not both";

// ===== `#[behaviour]` =====

pub(crate) const BEHAVIOUR_ON_WRONG_ITEM: &str = "`#[behaviour]` goes on a trait";
pub(crate) const BEHAVIOUR_WITHOUT_CALLBACKS: &str =
    "`{}` has no callbacks: mark at least one method `#[call]` or `#[cast]`";
pub(crate) const BEHAVIOUR_HAS_FUNCTIONS_ONLY: &str =
    "a behaviour has functions only: its messages hold no types or constants of one server";
pub(crate) const BEHAVIOUR_WITH_LIFETIME: &str =
    "a behaviour's messages are owned, so nothing in them lives for `{}`";
pub(crate) const BEHAVIOUR_OF_A_SIZE: &str =
    "a behaviour is a type of its own, `dyn {}`, so it cannot demand `{}` of its servers";
pub(crate) const ROLE_OF_A_SERVER: &str =
    "a behaviour has calls and casts: `#[{}]` belongs on the server's own `impl`";
pub(crate) const GENERIC_CALLBACK: &str =
    "a message has one type: put the type parameter on the trait, or take a concrete type";
pub(crate) const CALLBACK_NAMES_SELF: &str =
    "a behaviour's messages are the same for every server, so `Self` cannot stand in them";
pub(crate) const CALLBACK_HAS_NO_OPTION: &str =
    "`{}` is about one server's state or mailbox, and a behaviour knows neither";
pub(crate) const BEHAVIOURS_ARE_A_LIST: &str =
    "`behaviours` takes traits in parentheses: `behaviours(Storage, Clock)`";
pub(crate) const BEHAVIOURS_TAKE_NAMES: &str =
    "`behaviours` takes the names of traits, without `dyn`: `behaviours({})`";
pub(crate) const CLOSED_WITH_BEHAVIOURS: &str =
    "`closed` looks at the server's own messages only: leave it or `behaviours` out";
pub(crate) const NOT_IN_A_LOCAL: &str =
    "a `local` server has no `{}`: its state never leaves its thread";
pub(crate) const LOCAL_NEEDS_INIT: &str =
    "a `local` server builds its state on the thread where it lives: write an `#[init]`";
pub(crate) const STATE_NOT_SEND: &str = "`{}` never leaves its thread: write \
    `#[gen_server(local)]` on this item and on its `impl`, or use what is `Send`";
pub(crate) const BEHAVIOUR_TWICE: &str =
    "two behaviours are called `{}`: leave one out, or import it under another name";

// ===== `receive!` =====

pub(crate) const RECEIVE_NEEDS_ARMS: &str =
    "`receive!` takes a mailbox and arms: `receive!(mail, Msg::Ping => .., after 5s => ..)`";
pub(crate) const AFTER_NEEDS_TIME: &str = "say after how long: `after 5s => ..`";
pub(crate) const AFTER_COMES_LAST: &str = "`after` is the last arm of `receive!`";
pub(crate) const GUARD_BINDS_NOTHING: &str =
    "a guard of `receive!` only asks: bind it in the pattern, or with a `match` in the arm";

// ===== `protocol!` =====

pub(crate) const PROTOCOL_SHAPE: &str =
    "a protocol is written `Name: A => B { .. }`, with the two roles that talk to each other";
pub(crate) const PROTOCOL_NAME: &str = "a protocol is a type, and its states are in a module \
    called `{0}`; write the name in camel case";
pub(crate) const PROTOCOL_IS_EMPTY: &str = "`{}` says nothing: write at least one step";
pub(crate) const SAME_ROLE_TWICE: &str = "a protocol has two different roles";
pub(crate) const UNKNOWN_ROLE: &str =
    "`{}` is not part of this protocol; the roles are `{}` and `{}`";
pub(crate) const SPEAKS_TO_ITSELF: &str = "`{}` cannot send to itself";
pub(crate) const NO_STEP_OF_A_PROTOCOL: &str = "a step is `A -> B: Msg(T);`, `choice A { .. }`, \
    `loop Label { .. }`, `continue Label` or `end`";
pub(crate) const STEP_NEVER_REACHED: &str =
    "this step is never reached: what stands before it always goes elsewhere, or ends";
pub(crate) const STEP_TAKES_ONLY_DOCS: &str = "only documentation stands before a step";
pub(crate) const BRANCH_SHAPE: &str = "a branch is `Msg(T) => step,` or `Msg(T) => { steps }`";
pub(crate) const CHOICE_OF_ONE: &str = "a choice has at least two branches";
pub(crate) const BRANCH_TWICE: &str = "two branches of this choice begin with `{}`";
pub(crate) const SAME_METHOD: &str =
    "`{}` and `{}` both make the method `{}` of one state; rename one of them";
pub(crate) const UNKNOWN_LABEL: &str = "no enclosing `loop {}`";
pub(crate) const UNKNOWN_LABEL_NEAR: &str = "no enclosing `loop {}`; did you mean `{}`?";
pub(crate) const LOOP_SAYS_NOTHING: &str =
    "this loop would go round for ever: it can come back to its beginning without a message";
pub(crate) const RESERVED_STATE: &str =
    "every protocol has a `{}` of its own; give this one another name";
pub(crate) const RESERVED_ROLE: &str =
    "every protocol has a function `{}`, so no role can be called so; give it another name";
pub(crate) const VALUE_TWICE: &str = "`{}` carries two values called `{}`; rename one of them";
pub(crate) const STATE_TWICE: &str =
    "`{}` already names a state of this protocol; give this one another name";
pub(crate) const TWO_PAYLOADS: &str =
    "`{}` carries another type elsewhere in this protocol; give it another name";
pub(crate) const PAYLOAD_IS_OWNED: &str =
    "`{}` may wait longer than its sender lives: it carries owned types, such as `String`";
pub(crate) const PAYLOAD_IS_A_STATE: &str = "`{}` is a state of this protocol, too: rename that, \
    or write the path of the type";

// ===== `#[session]` =====

pub(crate) const SESSION_NEEDS_ROLE: &str =
    "say what is played: `#[session(Protocol as Role)]`, with `, nolink` behind it or not";
pub(crate) const SESSION_HAS_NO_SELF: &str = "a session runs beside the server, so it has no \
    `self`; take the server's handle: `me: Ref<Self>`";
pub(crate) const SECOND_SESSION: &str = "`{1}` serves `{0}` already: a server plays one role of a \
    protocol; a second one is for a server of its own";
pub(crate) const SESSION_IS_ASYNC: &str =
    "a session waits for what its peer says; make it an `async fn`";
pub(crate) const SESSION_ARGUMENTS: &str = "a session takes the state in which it begins, and \
    before it the server's handle if it wants it";

// ===== `#[gen_server]`: options =====

pub(crate) const VIA_WITHOUT_KEY: &str = "`via = {}` needs `key = Type`";
pub(crate) const VIA_IS_A_PATH: &str = "`via` is a registry, for example `via = Rooms`";
pub(crate) const KEY_WITHOUT_VIA: &str =
    "`key` is that of a registry: write `via = Registry` beside it";
pub(crate) const NAME_WITH_VIA: &str =
    "a server is found by its `name` or by its key in a registry: leave `name` or `via` out";

pub(crate) const BELONGS_ON_IMPL: &str =
    "`{}` shapes the client: write it on the `#[gen_server] impl`";
pub(crate) const BELONGS_ON_STRUCT: &str =
    "`{}` says what the process is: write it on the `#[gen_server]` struct";
pub(crate) const OPTION_OF_CALL: &str = "`{}` is an option of `#[call]`";
pub(crate) const OPTION_OF_CAST: &str = "`{}` is an option of `#[cast]`";
pub(crate) const OPTION_OF_SERVER: &str = "`{}` is an option of `#[gen_server]`";
pub(crate) const TIMEOUT_WITHOUT_CALL: &str =
    "only a `#[call]` waits, so only a `#[call]` has a timeout";
pub(crate) const BAD_NAME: &str = "`name` is a string: `name = \"scoreboard\"`";
pub(crate) const BAD_RESTART: &str = "`restart` is `Permanent`, `Transient` or `Temporary`";
pub(crate) const BAD_SHUTDOWN: &str =
    "`shutdown` is a duration such as `5s`, `brutal_kill` or `infinity`";
pub(crate) const BAD_MAILBOX: &str = "`mailbox` is how many messages may wait: a number above 0";
pub(crate) const BAD_ON_FULL: &str =
    "`on_full` says what a full mailbox does: `reject`, `drop_oldest` or `wait`";
pub(crate) const ON_FULL_WITHOUT_MAILBOX: &str =
    "a mailbox without a bound is never full; add `mailbox = N`";
pub(crate) const BAD_TIMEOUT: &str = "expected a duration such as `5s`, or `infinity`";
pub(crate) const BAD_INLINE: &str = "`inline = never` is all that can be said about inline calls";
pub(crate) const STREAM_IS_A_FIELD: &str =
    "`stream` is a field of the state, which is polled: `stream = self.lines`";
pub(crate) const BAD_VERSION: &str = "`{0}` is a version: a whole number from 1 on, `{0} = 2`";
pub(crate) const CODE_CHANGE_NEEDS_FROM: &str =
    "say which version's state it takes: `#[code_change(from = 1)]`";
pub(crate) const CODE_CHANGE_GAP: &str = "version {} needs `#[code_change(from = {})]`";
pub(crate) const CODE_CHANGE_TWICE: &str =
    "`{}` takes the state of version {} already: from each version leads one step";
pub(crate) const CODE_CHANGE_NOT_OLDER: &str =
    "`from = {}` is not older than the server: raise `version` on its struct";
pub(crate) const CODE_CHANGE_TAKES_SELF: &str =
    "`#[code_change]` makes the state of an older one, so it cannot take `self`";
pub(crate) const CODE_CHANGE_TAKES_OLD: &str =
    "`#[code_change]` takes the older state, by value, and nothing else";
pub(crate) const CODE_CHANGE_RETURNS_NOTHING: &str = "`#[code_change]` returns the state of the \
    next version, or a `Result` of it";
pub(crate) const CODE_CHANGE_ENDS_EARLY: &str =
    "the last `#[code_change]` makes the state of the server: `Self`, or a `Result` of it";
pub(crate) const CODE_CHANGE_IS_ASYNC: &str =
    "`#[code_change]` runs while the server stands still; remove `async`";
pub(crate) const BAD_ON_ERR: &str = "`on_err` is `log` or `crash`";
pub(crate) const ON_ERR_WITHOUT_RESULT: &str =
    "`on_err` says what becomes of an `Err`; this handler returns no `Result`";
pub(crate) const FLAT_AND_RAW: &str = "`flat` and `raw` exclude each other";
pub(crate) const FLAT_WITHOUT_RESULT: &str =
    "`flat` needs a handler that returns a `Result`; this one returns nothing";
pub(crate) const OR_CRASH_WITHOUT_RESULT: &str =
    "`or_crash` ends the server when the handler returns `Err`; this handler returns no `Result`";
pub(crate) const EVERY_NEEDS_DURATION: &str = "say how often: `#[every(30s)]`";
pub(crate) const IDLE_NEEDS_DURATION: &str = "say after how long: `#[idle(30s)]`";
pub(crate) const HANDLER_TAKES_NO_OPTIONS: &str = "`#[{}]` takes no options";

// ===== `#[gen_server]`: handlers =====

pub(crate) const OPTIONS_IN_PARENTHESES: &str =
    "`#[{0}]` takes its options in parentheses: `#[{0}(..)]`";
pub(crate) const UNKNOWN_ATTRIBUTE: &str = "unknown attribute `#[{}]`; did you mean `#[{}]`?";
pub(crate) const SECOND_ROLE: &str = "`{}` is already marked `#[{}]`: a method has one role";
pub(crate) const SECOND_OF_ITS_KIND: &str = "second `#[{}]`: a server has at most one";
pub(crate) const ROLE_WITHOUT_METHOD: &str = "only a method can be marked `#[{}]`";
pub(crate) const CFG_ATTR_ON_HANDLER: &str = "put `#[cfg]` on the whole handler";
pub(crate) const RESERVED_HANDLE_METHOD: &str =
    "a handle already has a method `{}`; rename this handler";
pub(crate) const RESERVED_START_FUNCTION: &str = "`{0}` starts the server itself; rename this \
    handler (or write `fn {0}` without `#[{1}]` to replace ours)";
pub(crate) const RESERVED_LOOKUP_FUNCTION: &str =
    "`{}` finds the server by its name; rename this handler";
pub(crate) const SAME_VARIANT: &str =
    "`{}` and `{}` both make the variant `{}` of the mailbox enum; rename one of them";
pub(crate) const GENERIC_HANDLER: &str =
    "a message has one type: put the type parameter on the server, or take a concrete type";
pub(crate) const UNSAFE_HANDLER: &str =
    "the server calls this handler whenever its message comes, so it cannot be `unsafe`";
pub(crate) const NO_RECEIVER: &str =
    "`{}` needs `&mut self` or `&self` to reach the server's state";
pub(crate) const RECEIVER_BY_VALUE: &str =
    "a handler borrows the state: use `&mut self` or `&self`";
pub(crate) const INIT_TAKES_SELF: &str = "`#[init]` builds the state, so it cannot take `self`; \
    return `Self` or `Result<Self, E>`";
pub(crate) const INIT_RETURNS_NOTHING: &str =
    "`#[init]` builds the state; return `Self` or `Result<Self, E>`";
pub(crate) const INFO_TAKES_ONE_MESSAGE: &str =
    "an `#[info]` handler takes exactly one message by value";
pub(crate) const INFO_HANDLED_TWICE: &str = "`{}` is already handled by `{}`";
pub(crate) const INFO_OF_ANY_TYPE: &str =
    "`{}` can be any type, so it must be the only `#[info]` of this server";
pub(crate) const CONTINUE_TAKES_ONE_VALUE: &str =
    "a `#[handle_continue]` handler takes at most one argument, by value";
pub(crate) const TICK_WITH_ARGUMENTS: &str = "a tick carries no arguments";
pub(crate) const IDLE_WITH_ARGUMENTS: &str = "a timeout carries no arguments";
pub(crate) const TERMINATE_ARGUMENTS: &str =
    "`#[terminate]` takes the reason, `&ExitReason`, and `&mut Ctx<Self>`, nothing else";
pub(crate) const TERMINATE_RETURNS_VALUE: &str =
    "nobody looks at what `#[terminate]` returns; return `()`";
pub(crate) const FORMAT_STATUS_ONLY_LOOKS: &str =
    "`#[format_status]` only looks at the state: it takes `&self` and nothing else";
pub(crate) const FORMAT_STATUS_IS_ASYNC: &str =
    "`#[format_status]` answers at once: the server may be about to end; remove `async`";
pub(crate) const FORMAT_STATUS_RETURNS_NOTHING: &str =
    "`#[format_status]` returns what may be shown of the state: anything that is `Display`";

// ===== `#[gen_server]`: arguments and replies =====

pub(crate) const ARGUMENT_MUT_REF: &str =
    "`{}` cannot be `&mut`: a message is moved into the mailbox; take it by value";
pub(crate) const ARGUMENT_BORROWED: &str =
    "`{}` cannot be borrowed: take it by value, or as an `Arc<T>`";
pub(crate) const ARGUMENT_WITH_LIFETIME: &str = "`{}` cannot borrow for `{}`: a message may wait \
    longer than its sender lives; take it by value";
pub(crate) const ARGUMENT_HIDES_REF: &str = "`{}` has a reference inside: a message may wait \
    longer than its sender lives; use an owned type, such as `Option<String>` or `&[String]`";
pub(crate) const NOT_SEND: &str = "`{}` cannot travel in a message: it is not `Send + 'static`";
pub(crate) const ARGUMENT_IMPL_TRAIT: &str = "`impl Trait` has no single type to store in the \
    mailbox; write `#[into] {}: T` for a client that takes `impl Into<T>`";
pub(crate) const ARGUMENT_WITHOUT_NAME: &str = "name this argument: it becomes a field of the \
    mailbox enum and a parameter of the client method";
pub(crate) const CFG_ON_ARGUMENT: &str =
    "an argument is a part of the message; put `#[cfg]` on the whole handler";
pub(crate) const INTO_WITHOUT_CLIENT: &str =
    "`#[into]` is for the arguments that callers of a client method or of `start` pass";
pub(crate) const INTO_WITH_BORROWED: &str =
    "`#[into]` makes an owned value, and `{}` is borrowed; remove one of the two";
pub(crate) const CTX_IS_BORROWED: &str = "the context is lent to a handler: `&mut Ctx<Self>`";
pub(crate) const SECOND_CTX: &str = "one `&mut Ctx<Self>` is enough";
pub(crate) const REPLY_TO_WITHOUT_CALL: &str = "only a `#[call]` has a caller to reply to";
pub(crate) const REPLY_TO_WITHOUT_TYPE: &str = "write the reply type: `ReplyTo<T>`";
pub(crate) const REPLY_TO_BORROWED: &str =
    "a reply handle is used up by replying; take it by value";
pub(crate) const SECOND_REPLY_TO: &str = "a call has one caller, so it takes one `ReplyTo<T>`";
pub(crate) const REPLY_TO_AND_VALUE: &str =
    "a call that takes `ReplyTo<T>` replies later; it returns `()`";
pub(crate) const REPLY_TO_AND_OPTION: &str =
    "a call that takes `ReplyTo<T>` replies later, so `{}` has no value to look at";
pub(crate) const REPLY_BORROWED: &str = "a reply leaves the server: return an owned value";
pub(crate) const REPLY_IMPL_TRAIT: &str =
    "a reply has one type: write it out instead of `impl Trait`";
pub(crate) const CAST_RETURNS_VALUE: &str = "nobody waits for a cast, so there is nobody to return \
    a value to; make it a `#[call]`, or return `()`, `Flow` or `Result<(), E>`";
pub(crate) const HANDLER_RETURNS_VALUE: &str =
    "nobody waits for what `#[{}]` returns; return `()`, `Flow` or `Result<(), E>`";

// ===== `supervisor!` =====

pub(crate) const SUPERVISOR_NEEDS_NAME: &str =
    "a supervisor starts with its name: `pub MySup { children: [..] }`";
pub(crate) const SUPERVISOR_NEEDS_BODY: &str = "expected the fields of `{}` in braces";
pub(crate) const SUPERVISOR_HAS_NO_LIFETIMES: &str =
    "a tree owns all that it starts children from; it has no lifetimes";
pub(crate) const PARAMETER_NEEDS_NAME: &str =
    "name this parameter: the children's arguments refer to it";
pub(crate) const PARAMETER_IS_OWNED: &str =
    "the tree keeps its parameters to restart children from; take it by value";
pub(crate) const FIELD_NEEDS_VALUE: &str = "`{0}` needs a value: `{0}: ..`";
pub(crate) const FIELD_IS_ONE_OF: &str = "`{}` is one of {}";
pub(crate) const CHILDREN_MISSING: &str = "`{}` has no `children: [...]`";
pub(crate) const CHILDREN_IS_A_LIST: &str = "`children` is a list: `children: [id: Type(..), ..]`";
pub(crate) const MAX_RESTARTS_IS_COUNT_IN_PERIOD: &str =
    "`max_restarts` is a number and a time: `3 in 5s`";
pub(crate) const MAX_RESTARTS_IS_NOT_NEGATIVE: &str =
    "`max_restarts` counts restarts: it is 0 or more";
pub(crate) const PERIOD_IS_NOT_ZERO: &str =
    "nothing happens within no time: the period of `max_restarts` is longer than zero";
pub(crate) const BACKOFF_IS_EXP: &str =
    "`backoff` is the first wait and the longest one: `exp(100ms, 10s)`";
pub(crate) const CHILD_NEEDS_TYPE: &str = "expected the child's type: `id: Type(..)`";
pub(crate) const DUPLICATE_ID: &str = "two children are called `{}`";
pub(crate) const SIBLING_STARTS_LATER: &str = "`{0}` needs `{1}`, which starts later; move `{1}` \
    above `{0}` (if `{1}` also needs `{0}`, that is a cycle: break it with a name lookup or a \
    message)";
pub(crate) const SIBLING_STARTS_LATER_OR_LATE: &str = "`{0}` needs `{1}`, which starts later; move \
    `{1}` above `{0}`, or write `late {1}` if its casts are enough (if `{1}` also needs `{0}`, \
    that is a cycle: break it with `late`, a name lookup or a message)";
pub(crate) const LATE_IS_UP: &str = "`{0}` is already up: write `{0}`";
pub(crate) const LATE_TAKES_A_SIBLING: &str =
    "`late` takes a sibling that starts later; `{}` is none";
pub(crate) const LATE_TAKES_A_SERVER: &str =
    "`late` gives the casts of a server; `{}` is {}, and has none";
pub(crate) const CHILD_NEEDS_ITSELF: &str = "`{}` cannot depend on itself";
pub(crate) const HANDLE_IS_NESTED: &str = "`{}` is a child of `{}`: write `{}`";
pub(crate) const IF_WITHOUT_ELSE: &str =
    "children have no `else`: write a second `if` with the opposite condition";
pub(crate) const IF_TAKES_ONLY_CFG: &str =
    "only `#[cfg]` stands before an `if`; put this on the children";
pub(crate) const MAX_CHILDREN_IS_FOR_DYNAMIC: &str = "`max_children` is for `dynamic` children";
pub(crate) const DYNAMIC_TAKES_NO_ARGUMENTS: &str =
    "a `dynamic` child gets its arguments when it is started: `start_child(..)`";
pub(crate) const TASK_HAS_A_COPY: &str = "a `#[call(task)]` runs beside the server on a copy of \
    its state: it takes `&self` and values, and answers with what it returns";
pub(crate) const TASK_TAKES_ONE_FUTURE: &str =
    "`task` runs one future, which is made anew at each start: write `task(poll(board))`";
pub(crate) const DYNAMIC_IS_NOT_SIGNIFICANT: &str =
    "a `dynamic` child is never significant: it stands for any number of children, or none";
pub(crate) const PARTITION_IS_NOT_SIGNIFICANT: &str =
    "a `partition` child is never significant: it stands for several children";
pub(crate) const PARTITIONS_ARE_ONE_OR_MORE: &str =
    "`partition` takes the number of its children: 1 or more";
pub(crate) const NESTED_NEEDS_A_NAME: &str =
    "`{}` starts children of a type: write this tree as a `supervisor!` of its own";
pub(crate) const PERMANENT_IS_NOT_SIGNIFICANT: &str =
    "a `Permanent` child is restarted whenever it ends, so it is never significant";
pub(crate) const SIGNIFICANT_NEEDS_AUTO_SHUTDOWN: &str = "a significant child needs a supervisor \
    with `auto_shutdown: AnySignificant` or `AllSignificant`";
pub(crate) const FIXED_NAME_TWICE: &str =
    "`{}` takes a fixed `name`, which an earlier child of this tree already has";
pub(crate) const FIXED_NAME_OF_MANY: &str =
    "`{}` takes a fixed `name`, which one process can have: it cannot be {}";
pub(crate) const SIGNIFICANT_IS_TRUE_OR_FALSE: &str = "`significant` is `true` or `false`";

// ===== `table!` =====

pub(crate) const TABLE_NEEDS_NAME: &str =
    "a table starts with its name: `pub Positions: VehicleId => Fix, set, protected`";
pub(crate) const TABLE_NEEDS_ROWS: &str =
    "expected the types of a row: `{}: Key => Value, set, protected`";
pub(crate) const TABLE_WITH_LIFETIME: &str =
    "a table owns its rows: it cannot borrow for `{}`; store owned values or an `Arc<T>`";
pub(crate) const TABLE_IS_ALREADY: &str = "a table has one {}; this one is `{}` already";
pub(crate) const BAG_KEEPS_ALL: &str =
    "`{}` is for `set` and `ordered_set`: the rows of a bag go when they are deleted";
pub(crate) const HEIR_IS_A_SERVER: &str =
    "`heir` is the type of a server, for example `heir = Keeper`";

// ===== `ping_pong!` =====

pub(crate) const PING_PONG_IS_EMPTY: &str =
    "write at least one `ping <value>` and one `pong |msg| ...`";
pub(crate) const PING_PONG_UNKNOWN_STEP: &str = "expected `ping` or `pong`, found `{}`";
pub(crate) const PONG_WITHOUT_PING: &str =
    "this `pong` would wait forever: every `ping` before it is already taken";
pub(crate) const PING_WITHOUT_VALUE: &str = "write the value to send: `ping <value>`";
pub(crate) const PONG_WITHOUT_CLOSURE: &str = "write what to do with the message: `pong |msg| ...`";

// ===== `#[cordial::main]` and `#[cordial::test]` =====

pub(crate) const ON_ASYNC_FN: &str = "`#[cordial::{}]` goes on an `async fn`";
pub(crate) const ENTRY_WITH_ARGUMENTS: &str = "nobody passes arguments to this function";
pub(crate) const ENTRY_IS_GENERIC: &str =
    "this function is called with nothing that could say what its parameters are";
pub(crate) const MAIN_IS_CALLED_MAIN: &str = "`#[cordial::main]` goes on `async fn main`";
pub(crate) const WORKERS_IS_A_NUMBER: &str = "`workers` is a number of threads: 1 or more";
pub(crate) const WORKERS_OF_ONE_THREAD: &str =
    "`current_thread` has one worker; remove one of the two";
pub(crate) const TEST_IS_A_TEST: &str = "`#[cordial::test]` is a `#[test]` already; remove this";

pub(crate) const SEED_IS_A_NUMBER: &str = "`seed` is a whole number, for example `seed = 7`";

// ===== `#[cordial::chaos_test]` =====

pub(crate) const SEEDS_IS_A_NUMBER: &str =
    "`seeds` is a number of histories: 1 or more, for example `seeds = 1000`";
pub(crate) const STEPS_IS_A_NUMBER: &str =
    "`steps` is a number of turns: 1 or more, for example `steps = 400`";
pub(crate) const CHAOS_TEST_TAKES_CHAOS: &str =
    "`#[cordial::chaos_test]` gives its function one argument: `mut c: Chaos`";
pub(crate) const CHAOS_TEST_IS_A_TEST: &str =
    "`#[cordial::chaos_test]` is a `#[test]` already; remove this";

// ===== `expect_cast!` and its kin =====

pub(crate) const EXPECT_NEEDS_PATTERN: &str =
    "`{0}!` takes a probe and a pattern: `{0}!(probe, Msg::Name)`";
pub(crate) const EXPECT_ENDS_WITH_TIME: &str =
    "after the pattern of `{}!` stands at most how long it may take: `within 5s`";
pub(crate) const EXPECT_CALL_ANSWERS: &str = "`expect_call!` answers the call: write `=> answer`";
pub(crate) const EXPECT_CALL_OF_ONE: &str =
    "`expect_call!` answers one kind of call: `Msg::Name { .. } => answer`";
pub(crate) const EXPECT_CALL_HAS_FROM: &str =
    "`expect_call!` gives the answer to `from` itself; leave it out";
pub(crate) const REFUTE_GIVES_NOTHING: &str =
    "nothing comes, so there is nothing that this could be made of";

// ===== `pipe!` =====

pub(crate) const PIPE_WITHOUT_VALUE: &str =
    "`pipe!` starts with the value to send through the steps";
pub(crate) const PIPE_ENDS_OPEN: &str = "nothing after this `|>`";
pub(crate) const NO_STEP_OF_A_PIPE: &str = "a step is a function `f`, a call `f(a)`, a \
     method `.m(a)`, a macro `m!(a)` or a closure; `_` marks another position for the piped \
     value";
pub(crate) const PIPED_VALUE_TWICE: &str =
    "the piped value is in one place; take it with a closure to use it twice: `|x| f(&x, &x)`";

// ===== `#[application]` =====

pub(crate) const APPLICATION_ON_WRONG_ITEM: &str = "`#[application]` goes on a `supervisor!` item";
pub(crate) const APPLICATION_TWICE: &str = "second `#[application]`: a tree is one application";
pub(crate) const APPLICATION_NEEDS_NAME: &str =
    "an application needs a name: `#[application(name = \"harbor\")]`";
pub(crate) const BAD_APPLICATION_NAME: &str =
    "the name of an application is a text of lower-case letters, digits and `_`: `\"harbor\"`";
pub(crate) const APPLICATION_IS_GENERIC: &str =
    "an application is one tree of one type; it has no parameters of its type";
pub(crate) const APPLICATION_TAKES_ONE_ARGUMENT: &str =
    "the tree of an application takes one argument, its environment";
pub(crate) const APPLICATION_NEEDS_ENV: &str =
    "say what `{}` is read as: `env = Type` in `#[application]`";
pub(crate) const APPLICATION_TAKES_NO_ENV: &str =
    "`{0}` takes no argument, so nobody reads this: write `{0}(cfg: {1})`, or leave `env` out";
pub(crate) const BAD_APPLICATION_TYPE: &str = "`{0}` is a type: `{0} = HarborCfg`";
pub(crate) const BAD_APPLICATION_FILE: &str = "`file` is a path: `file = \"harbor.toml\"`";
pub(crate) const BAD_APPLICATION_CALLBACK: &str = "`{0}` is a function: `{0} = path::to_it`";
pub(crate) const DEPENDS_IS_A_LIST: &str =
    "`depends` is a list of applications: `depends = [BillingSup]`";
pub(crate) const DEPENDS_ON_ITSELF: &str = "`{}` cannot need itself";
pub(crate) const DEPENDS_TWICE: &str = "`{}` is needed twice; once is enough";

// ===== `#[derive(Env)]` =====

pub(crate) const ENV_ON_WRONG_ITEM: &str =
    "an environment is a struct with named fields: each field is a key";
pub(crate) const ENV_IS_GENERIC: &str =
    "an environment is read by its application, which cannot say what its parameters are";
pub(crate) const ENV_FIELD_CONFIG: &str =
    "the variable that ends with `_CONFIG` names a file; give this field another name";
pub(crate) const ENV_OPTION_HAS_DEFAULT: &str =
    "an `Option` that nobody sets is `None`; leave the default or the `Option` out";
pub(crate) const ENV_NESTED_TAKES_NOTHING: &str =
    "a nested environment has no `{}` of its own: its keys have";
pub(crate) const ENV_COMPILED_NEEDS_DEFAULT: &str =
    "`compiled` needs `default = \"..\"`: the text that holds when the variable is not set";
pub(crate) const ENV_COMPILED_IS_A_VARIABLE: &str =
    "`compiled` names a variable of the build: `compiled = \"HARBOR_BACKEND\"`";
