//! The options of `#[gen_server]` and of the handler attributes: which there are, what they say.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, Ident, Lit, LitStr, Path, Token, UnOp};

use crate::attrs::{Kind, Known, Options, Time};
use crate::errors::Errors;
use crate::gen_server::model::{
    Behaviour, CallOptions, OnErr, OnFull, Restart, Role, SessionOptions, Shutdown, Timeout,
    Version, Via,
};
use crate::messages::{
    self, BELONGS_ON_IMPL, BELONGS_ON_STRUCT, OPTION_OF_CALL, OPTION_OF_CAST, OPTION_OF_SERVER,
    TIMEOUT_WITHOUT_CALL, fill,
};

/// What `#[gen_server]` knows on a struct or an enum.
pub(super) const ON_STRUCT: &[Known] = &[
    ("name", Kind::Value),
    ("restart", Kind::Value),
    ("shutdown", Kind::Value),
    ("crate", Kind::Value),
    ("via", Kind::Value),
    ("key", Kind::Type),
    ("version", Kind::Value),
    ("inspect", Kind::Value),
    ("local", Kind::Flag),
    ("mailbox", Kind::Elsewhere(BELONGS_ON_IMPL)),
    ("on_full", Kind::Elsewhere(BELONGS_ON_IMPL)),
    ("behaviours", Kind::Elsewhere(BELONGS_ON_IMPL)),
    ("remote", Kind::Elsewhere(BELONGS_ON_IMPL)),
    ("closed", Kind::Elsewhere(BELONGS_ON_IMPL)),
    ("timeout", Kind::Elsewhere(OPTION_OF_CALL)),
];

/// What `#[gen_server]` knows on an `impl`.
pub(crate) const ON_IMPL: &[Known] = &[
    ("mailbox", Kind::Value),
    ("on_full", Kind::Value),
    ("crate", Kind::Value),
    ("behaviours", Kind::List),
    ("remote", Kind::Later),
    ("closed", Kind::Flag),
    ("name", Kind::Elsewhere(BELONGS_ON_STRUCT)),
    ("restart", Kind::Elsewhere(BELONGS_ON_STRUCT)),
    ("shutdown", Kind::Elsewhere(BELONGS_ON_STRUCT)),
    ("via", Kind::Elsewhere(BELONGS_ON_STRUCT)),
    ("key", Kind::Elsewhere(BELONGS_ON_STRUCT)),
    ("version", Kind::Elsewhere(BELONGS_ON_STRUCT)),
    ("inspect", Kind::Elsewhere(BELONGS_ON_STRUCT)),
    ("local", Kind::Flag),
    ("timeout", Kind::Elsewhere(OPTION_OF_CALL)),
];

const ON_CODE_CHANGE: &[Known] = &[
    ("from", Kind::Value),
    ("version", Kind::Elsewhere(BELONGS_ON_STRUCT)),
    ("timeout", Kind::Elsewhere(TIMEOUT_WITHOUT_CALL)),
];

/// What `#[behaviour]` knows.
pub(super) const ON_BEHAVIOUR: &[Known] = &[("crate", Kind::Value)];

const ON_CALL: &[Known] = &[
    ("timeout", Kind::Value),
    ("or_crash", Kind::Flag),
    ("inline", Kind::Value),
    ("flat", Kind::Flag),
    ("raw", Kind::Flag),
    ("task", Kind::Flag),
    ("shed", Kind::Flag),
    ("fuse", Kind::Value),
    ("on_err", Kind::Elsewhere(OPTION_OF_CAST)),
    ("on_full", Kind::Elsewhere(OPTION_OF_CAST)),
    ("mailbox", Kind::Elsewhere(OPTION_OF_SERVER)),
    ("name", Kind::Elsewhere(OPTION_OF_SERVER)),
    ("restart", Kind::Elsewhere(OPTION_OF_SERVER)),
    ("shutdown", Kind::Elsewhere(OPTION_OF_SERVER)),
];

const ON_CAST: &[Known] = &[
    ("on_err", Kind::Value),
    ("on_full", Kind::Value),
    ("timeout", Kind::Elsewhere(TIMEOUT_WITHOUT_CALL)),
    ("or_crash", Kind::Elsewhere(OPTION_OF_CALL)),
    ("inline", Kind::Elsewhere(OPTION_OF_CALL)),
    ("flat", Kind::Elsewhere(OPTION_OF_CALL)),
    ("raw", Kind::Elsewhere(OPTION_OF_CALL)),
    ("task", Kind::Elsewhere(OPTION_OF_CALL)),
    ("shed", Kind::Elsewhere(OPTION_OF_CALL)),
    ("fuse", Kind::Elsewhere(OPTION_OF_CALL)),
    ("mailbox", Kind::Elsewhere(OPTION_OF_SERVER)),
    ("name", Kind::Elsewhere(OPTION_OF_SERVER)),
    ("restart", Kind::Elsewhere(OPTION_OF_SERVER)),
    ("shutdown", Kind::Elsewhere(OPTION_OF_SERVER)),
];

const ON_INFO: &[Known] = &[
    ("stream", Kind::Value),
    ("on_err", Kind::Elsewhere(OPTION_OF_CAST)),
    ("on_full", Kind::Elsewhere(OPTION_OF_CAST)),
    ("timeout", Kind::Elsewhere(TIMEOUT_WITHOUT_CALL)),
    ("or_crash", Kind::Elsewhere(OPTION_OF_CALL)),
    ("inline", Kind::Elsewhere(OPTION_OF_CALL)),
    ("flat", Kind::Elsewhere(OPTION_OF_CALL)),
    ("raw", Kind::Elsewhere(OPTION_OF_CALL)),
    ("mailbox", Kind::Elsewhere(OPTION_OF_SERVER)),
];

// ===== Of the struct =====

/// `name = "x"`
pub(super) fn registered(options: &mut Options, errors: &mut Errors) -> Option<LitStr> {
    match options.value("name")? {
        Expr::Lit(ExprLit { lit: Lit::Str(name), .. }) => Some(name),
        other => told(errors, &other, messages::BAD_NAME),
    }
}

/// `via = Registry, key = Type`
pub(super) fn via(options: &mut Options, named: bool, errors: &mut Errors) -> Option<Via> {
    let (via, key) = (options.take("via"), options.take("key"));
    let (word, via) = match (via, &key) {
        (Some((word, Some(via))), Some(_)) => (word, via),
        (Some((word, Some(via))), None) => {
            let via = via.to_token_stream();
            errors.at(word, fill(messages::VIA_WITHOUT_KEY, &[&via]));
            return None;
        }
        (_, Some((word, _))) => {
            errors.at(word, messages::KEY_WITHOUT_VIA);
            return None;
        }
        _ => return None,
    };
    if named {
        errors.at(word, messages::NAME_WITH_VIA);
        return None;
    }
    let registry = match via {
        Expr::Path(path) => path.path,
        other => return told(errors, &other, messages::VIA_IS_A_PATH),
    };
    let key = errors.keep(syn::parse2(key?.1.into_token_stream()))?;
    Some(Via { registry, key })
}

/// `restart = Permanent | Transient | Temporary`
pub(super) fn restart(options: &mut Options, errors: &mut Errors) -> Option<Restart> {
    let value = options.value("restart")?;
    match word(&value).as_deref() {
        Some("Permanent") => Some(Restart::Permanent),
        Some("Transient") => Some(Restart::Transient),
        Some("Temporary") => Some(Restart::Temporary),
        _ => told(errors, &value, messages::BAD_RESTART),
    }
}

/// `shutdown = 5s | brutal_kill | infinity`
pub(super) fn shutdown(options: &mut Options, errors: &mut Errors) -> Option<Shutdown> {
    let value = options.value("shutdown")?;
    match word(&value).as_deref() {
        Some("brutal_kill") => Some(Shutdown::BrutalKill),
        Some("infinity") => Some(Shutdown::Infinity),
        Some(_) => told(errors, &value, messages::BAD_SHUTDOWN),
        None => errors.keep(Time::from_expr(value)).map(Shutdown::After),
    }
}

// ===== Of the impl =====

/// `mailbox = N`, with or without `on_full = reject | drop_oldest | wait`
pub(crate) fn mailbox(options: &mut Options, errors: &mut Errors) -> (Option<Expr>, OnFull) {
    let mailbox = options.value("mailbox");
    let on_full = match options.take("on_full") {
        Some((key, Some(value))) => {
            let on_full = on_full(&value, errors);
            if mailbox.is_none() && on_full.is_some() {
                errors.at(key, messages::ON_FULL_WITHOUT_MAILBOX);
            }
            on_full
        }
        _ => None,
    };
    (mailbox.and_then(|mailbox| bound(mailbox, errors)), on_full.unwrap_or_default())
}

fn bound(mailbox: Expr, errors: &mut Errors) -> Option<Expr> {
    let usable = match &mailbox {
        Expr::Lit(ExprLit { lit: Lit::Int(int), .. }) => {
            int.base10_parse::<usize>().is_ok_and(|n| n > 0) && int.suffix().is_empty()
        }
        Expr::Lit(_) => false,
        Expr::Unary(unary) => !matches!(unary.op, UnOp::Neg(_)),
        _ => true,
    };
    if usable { Some(mailbox) } else { told(errors, &mailbox, messages::BAD_MAILBOX) }
}

fn on_full(value: &Expr, errors: &mut Errors) -> Option<OnFull> {
    match word(value).as_deref() {
        Some("reject") => Some(OnFull::Reject),
        Some("drop_oldest") => Some(OnFull::DropOldest),
        Some("wait") => Some(OnFull::Wait),
        _ => told(errors, value, messages::BAD_ON_FULL),
    }
}

/// `behaviours(Storage, Clock)`
pub(crate) fn behaviours(options: &mut Options, errors: &mut Errors) -> Vec<Behaviour> {
    let Some((key, value)) = options.take("behaviours") else { return Vec::new() };
    let mut tokens = value.into_token_stream().into_iter();
    let listed = match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Group(group)), None)
            if group.delimiter() == Delimiter::Parenthesis && !group.stream().is_empty() =>
        {
            group.stream()
        }
        _ => {
            errors.at(key, messages::BEHAVIOURS_ARE_A_LIST);
            return Vec::new();
        }
    };
    let read = |input: ParseStream<'_>| {
        let dynamic = input.parse::<Option<Token![dyn]>>()?;
        Ok((dynamic, input.parse::<Path>()?))
    };
    let read =
        |input: ParseStream<'_>| Punctuated::<_, Token![,]>::parse_terminated_with(input, read);
    let no_list =
        |error: syn::Error| syn::Error::new(error.span(), messages::BEHAVIOURS_ARE_A_LIST);
    let paths = errors.keep(read.parse2(listed).map_err(no_list));
    let mut behaviours: Vec<Behaviour> = Vec::new();
    for (dynamic, path) in paths.into_iter().flatten() {
        if let Some(word) = dynamic {
            let message = fill(messages::BEHAVIOURS_TAKE_NAMES, &[&path.to_token_stream()]);
            errors.at(word, message);
        }
        let Some(behaviour) = Behaviour::at(path.clone()) else {
            errors.at(path, messages::BEHAVIOURS_ARE_A_LIST);
            continue;
        };
        match behaviours.iter().find(|other| other.variant == behaviour.variant) {
            Some(_) => {
                let message = fill(messages::BEHAVIOUR_TWICE, &[&behaviour.variant]);
                errors.at(&behaviour.path, message);
            }
            None => behaviours.push(behaviour),
        }
    }
    behaviours
}

// ===== Of the handlers =====

/// The role that `#[word(args)]` gives to a method; `word` is one of ours.
pub(crate) fn role(word: &Ident, args: TokenStream, errors: &mut Errors) -> Role {
    match word.to_string().as_str() {
        "call" => Role::Call(call(args, errors)),
        "cast" => cast(args, errors),
        "info" => {
            let mut options = Options::read(args, ON_INFO, errors);
            Role::Info { stream: stream(&mut options, errors) }
        }
        "code_change" => Role::CodeChange(code_change(word, args, errors)),
        "every" => Role::Every(time(word, args, messages::EVERY_NEEDS_DURATION, errors)),
        "session" => Role::Session(session(word, args, errors)),
        "idle" => Role::Idle(time(word, args, messages::IDLE_NEEDS_DURATION, errors)),
        other => {
            if !args.is_empty() {
                errors.at(args, fill(messages::HANDLER_TAKES_NO_OPTIONS, &[&other]));
            }
            match other {
                "init" => Role::Init,
                "handle_continue" => Role::Continue,
                "format_status" => Role::FormatStatus,
                _ => Role::Terminate,
            }
        }
    }
}

fn call(args: TokenStream, errors: &mut Errors) -> CallOptions {
    let mut options = Options::read(args, ON_CALL, errors);
    let inline = options.value("inline");
    let never_inline = inline.is_some();
    if let Some(inline) = inline
        && word(&inline).as_deref() != Some("never")
    {
        errors.at(inline, messages::BAD_INLINE);
    }
    let timeout = options.value("timeout").map_or(Timeout::Default, |value| timeout(value, errors));
    let or_crash = options.flag("or_crash");
    let (flat, raw) = (options.flag("flat"), options.flag("raw"));
    let (shed, task) = (options.flag("shed").is_some(), options.flag("task"));
    let fuse = options.value("fuse").map(Box::new);
    CallOptions { timeout, or_crash, flat, raw, never_inline, shed, task, fuse }
}

/// `Protocol as Role`, with `, nolink` or without
fn session(word: &Ident, args: TokenStream, errors: &mut Errors) -> SessionOptions {
    let read = |input: ParseStream<'_>| {
        let protocol = input.call(Path::parse_mod_style)?;
        input.parse::<Token![as]>()?;
        let role: Ident = input.parse()?;
        let option = match input.parse::<Option<Token![,]>>()? {
            Some(_) if !input.is_empty() => Some(input.parse::<Ident>()?),
            _ => None,
        };
        Ok((protocol, role, option))
    };
    let place = args.clone();
    let Ok((protocol, role, option)) = read.parse2(args) else {
        match place.is_empty() {
            true => errors.at(word, messages::SESSION_NEEDS_ROLE),
            false => errors.at(place, messages::SESSION_NEEDS_ROLE),
        }
        return SessionOptions { plays: None, is_nolink: false };
    };
    let is_nolink = option.as_ref().is_some_and(|option| option == "nolink");
    if let Some(option) = option.filter(|_| !is_nolink) {
        errors.at(&option, crate::attrs::unknown("option", &option.to_string(), ["nolink"]));
    }
    SessionOptions { plays: Some((protocol, role)), is_nolink }
}

fn timeout(value: Expr, errors: &mut Errors) -> Timeout {
    match word(&value).as_deref() {
        Some("infinity") => Timeout::Infinity,
        // A constant is a duration that is computed; any other word is a mistake.
        Some(other) if !other.starts_with(char::is_uppercase) => {
            errors.at(value, messages::BAD_TIMEOUT);
            Timeout::Default
        }
        _ => errors.keep(Time::from_expr(value)).map_or(Timeout::Default, Timeout::After),
    }
}

fn cast(args: TokenStream, errors: &mut Errors) -> Role {
    let mut options = Options::read(args, ON_CAST, errors);
    let on_err =
        options.value("on_err").map_or_else(OnErr::default, |value| on_err(&value, errors));
    let on_full = match options.take("on_full") {
        Some((key, Some(value))) => on_full(&value, errors).map(|on_full| (key, on_full)),
        _ => None,
    };
    Role::Cast { on_err, on_full }
}

fn on_err(value: &Expr, errors: &mut Errors) -> OnErr {
    match word(value).as_deref() {
        Some("log") => OnErr::Log,
        Some("crash") => OnErr::Crash,
        _ => told(errors, value, messages::BAD_ON_ERR).unwrap_or_default(),
    }
}

/// `stream = self.field`
fn stream(options: &mut Options, errors: &mut Errors) -> Option<Expr> {
    let stream = options.value("stream")?;
    if is_field(&stream) {
        Some(stream)
    } else {
        told(errors, &stream, messages::STREAM_IS_A_FIELD)
    }
}

/// `self.a`, `self.a.b`, `self.0`.
fn is_field(expr: &Expr) -> bool {
    match expr {
        Expr::Field(field) => is_field(&field.base) || is_self(&field.base),
        Expr::Group(group) => is_field(&group.expr),
        _ => false,
    }
}

fn is_self(expr: &Expr) -> bool {
    matches!(expr, Expr::Path(path) if path.path.is_ident("self"))
}

/// `from = N`
fn code_change(word: &Ident, args: TokenStream, errors: &mut Errors) -> Option<Version> {
    let before = errors.count();
    let mut options = Options::read(args, ON_CODE_CHANGE, errors);
    let from = version(&mut options, "from", errors);
    if from.is_none() && errors.count() == before {
        errors.at(word, messages::CODE_CHANGE_NEEDS_FROM);
    }
    from
}

/// `version = N`, `from = N`
pub(super) fn version(options: &mut Options, key: &str, errors: &mut Errors) -> Option<Version> {
    let value = options.value(key)?;
    let number = match &value {
        Expr::Lit(ExprLit { lit: Lit::Int(int), .. }) if int.suffix().is_empty() => {
            int.base10_parse::<u32>().ok().filter(|number| *number > 0)
        }
        _ => None,
    };
    match number {
        Some(number) => Some(Version { number, span: value.span() }),
        None => told(errors, &value, &fill(messages::BAD_VERSION, &[&key])),
    }
}

fn time(word: &Ident, args: TokenStream, missing: &str, errors: &mut Errors) -> Time {
    let never = Time::Fixed(std::time::Duration::ZERO, word.span());
    if args.is_empty() {
        errors.at(word, missing);
        return never;
    }
    errors.keep(syn::parse2(args)).unwrap_or(never)
}

/// The value as one word: `infinity`.
fn word(value: &Expr) -> Option<String> {
    match value {
        Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
        _ => None,
    }
}

fn told<T>(errors: &mut Errors, tokens: &impl ToTokens, message: &str) -> Option<T> {
    errors.at(tokens, message);
    None
}
