//! The rules of a `#[gen_server] impl`: one function per rule, named `check_*`.

use quote::{ToTokens, quote};
use syn::{GenericParam, Receiver, ReceiverKind, Safety, Type};

use crate::argument::{self, Flaw};
use crate::errors::Errors;
use crate::gen_server::model::{Handler, OnErr, Role, Server, Version};
use crate::gen_server::{check_arguments as arguments, local};
use crate::messages::{self, fill};
use crate::method::Slot;
use crate::print;

/// Names of methods that every handle has, whoever the server is.
const HANDLE_METHODS: [&str; 10] =
    ["clone", "deref", "eq", "ne", "into", "try_into", "to_owned", "fmt", "hash", "borrow"];

/// Names of functions that start the server and are made for its type.
const START_FUNCTIONS: [&str; 4] = ["start", "start_link", "child_spec", "child_spec_with"];

/// Names of functions that find the server and are made for its type.
const LOOKUP_FUNCTIONS: [&str; 2] = ["whereis", "at"];

/// Looks at the whole server; duplicates leave it, wrong handlers are marked so.
pub(crate) fn server(server: &mut Server, errors: &mut Errors) {
    check_no_lifetimes(server, errors);
    for handler in &mut server.handlers {
        let found = errors.count();
        self::handler(handler, errors);
        handler.sound &= errors.count() == found;
    }
    check_at_most_one(server, "init", errors);
    check_at_most_one(server, "terminate", errors);
    check_at_most_one(server, "format_status", errors);
    check_at_most_one(server, "idle", errors);
    check_versions_follow(server, errors);
    check_timeout_has_one_handler(server, errors);
    check_messages_differ(server, "info", errors);
    check_messages_differ(server, "handle_continue", errors);
    check_info_of_any_type(server, errors);
    check_sessions_differ(server, errors);
    check_variants_differ(server, errors);
    check_understands_something(server, errors);
    local::check(server, errors);
}

/// Looks at one handler.
pub(crate) fn handler(handler: &Handler, errors: &mut Errors) {
    check_name_is_free(handler, errors);
    check_no_generics(handler, errors);
    check_is_safe(handler, errors);
    check_receiver(handler, errors);
    arguments::check_slots(handler, errors);
    match &handler.role {
        Role::Init => {
            arguments::check_values(handler, errors);
            check_init_returns(handler, errors);
        }
        Role::Call(_) => {
            arguments::check_values(handler, errors);
            check_reply(handler, errors);
            check_options_fit_reply(handler, errors);
            check_task_has_only_a_copy(handler, errors);
        }
        Role::Cast { .. } => {
            arguments::check_values(handler, errors);
            check_returns_flow(handler, errors);
            check_has_err_to_log(handler, errors);
        }
        Role::Info { .. } => {
            arguments::check_info_message(handler, errors);
            check_returns_flow(handler, errors);
        }
        Role::CodeChange(_) => {
            arguments::check_takes_old(handler, errors);
            check_makes_a_state(handler, errors);
        }
        Role::Continue => {
            arguments::check_continue_value(handler, errors);
            check_returns_flow(handler, errors);
        }
        Role::Every(_) => {
            arguments::check_no_values(handler, messages::TICK_WITH_ARGUMENTS, errors);
            check_returns_flow(handler, errors);
        }
        Role::Idle(_) => {
            arguments::check_no_values(handler, messages::IDLE_WITH_ARGUMENTS, errors);
            check_returns_flow(handler, errors);
        }
        Role::Session(_) => {
            check_session_is_async(handler, errors);
            arguments::check_session_state(handler, errors);
        }
        Role::FormatStatus => {
            check_only_looks(handler, errors);
            check_shows_something(handler, errors);
        }
        Role::Terminate => {
            arguments::check_no_values(handler, messages::TERMINATE_ARGUMENTS, errors);
            check_terminate_returns(handler, errors);
        }
    }
}

// ===== The whole server =====

/// The server goes on without its lifetimes, so that nothing else is said about them.
fn check_no_lifetimes(server: &mut Server, errors: &mut Errors) {
    let declared = server.generics.lifetimes().next().map(|param| param.lifetime.clone());
    let used = match argument::flaw(&server.self_ty) {
        Some(Flaw::Lifetime(lifetime)) => Some(lifetime),
        _ => None,
    };
    let Some(lifetime) = declared.or(used) else { return };
    errors.at(&lifetime, fill(messages::SERVER_WITH_LIFETIME, &[&lifetime]));
    server.self_ty = argument::made_static(&server.self_ty);
    let params = std::mem::take(&mut server.generics.params);
    let others = params.into_iter().filter(|param| !matches!(param, GenericParam::Lifetime(_)));
    server.generics.params = others.collect();
}

fn check_at_most_one(server: &mut Server, word: &'static str, errors: &mut Errors) {
    let mut first_has_cfg = None;
    server.handlers.retain(|handler| {
        if handler.role.word() != word {
            return true;
        }
        let has_cfg = handler.method.has_cfg();
        let Some(first_has_cfg) = first_has_cfg.replace(has_cfg) else { return true };
        if !has_cfg && !first_has_cfg {
            errors.at(&handler.method.name, fill(messages::SECOND_OF_ITS_KIND, &[&word]));
        }
        has_cfg || first_has_cfg
    });
}

/// `Timeout` goes to `#[idle]`, or to an `#[info]`.
fn check_timeout_has_one_handler(server: &Server, errors: &mut Errors) {
    let Some(idle) = server.marked("idle").next() else { return };
    for handler in server.marked("info") {
        let Some(message) = handler.method.values().next() else { continue };
        if argument::is_named(&message.ty, "Timeout") {
            let name = &idle.method.name;
            errors.at(&message.ty, fill(messages::INFO_HANDLED_TWICE, &[&"Timeout", name]));
        }
    }
}

/// Two `#[info]`s, or two `#[handle_continue]`s, take different types.
fn check_messages_differ(server: &mut Server, word: &'static str, errors: &mut Errors) {
    let mut seen: Vec<(String, String)> = Vec::new();
    server.handlers.retain(|handler| {
        if handler.role.word() != word || handler.method.has_cfg() {
            return true;
        }
        let ty = handler.method.values().next().map(|param| &param.ty);
        let text = ty.map_or_else(String::new, |ty| ty.to_token_stream().to_string());
        let first = seen.iter().find(|(seen, _)| *seen == text);
        let Some((_, first)) = first else {
            seen.push((text, handler.method.name.to_string()));
            return true;
        };
        match ty {
            Some(ty) => errors.at(ty, fill(messages::INFO_HANDLED_TWICE, &[&text, first])),
            None => {
                errors.at(&handler.method.name, fill(messages::SECOND_OF_ITS_KIND, &[&word]));
            }
        }
        false
    });
}

/// Who connects names the protocol and nothing else.
fn check_sessions_differ(server: &mut Server, errors: &mut Errors) {
    let mut seen: Vec<(String, String)> = Vec::new();
    server.handlers.retain(|handler| {
        let plays = handler.session().and_then(|session| session.plays.as_ref());
        let Some((protocol, _)) = plays.filter(|_| !handler.method.has_cfg()) else { return true };
        let text = protocol.to_token_stream().to_string();
        let first = seen.iter().find(|(seen, _)| *seen == text);
        let Some((_, first)) = first else {
            seen.push((text, handler.method.name.to_string()));
            return true;
        };
        errors.at(protocol, fill(messages::SECOND_SESSION, &[&text, first]));
        false
    });
}

/// An `#[info]` of a bare type parameter may be the type of any other.
fn check_info_of_any_type(server: &mut Server, errors: &mut Errors) {
    let params = server.type_params();
    if server.marked("info").count() < 2 {
        return;
    }
    server.handlers.retain(|handler| {
        let message = match handler.role {
            Role::Info { .. } => handler.method.values().next(),
            _ => None,
        };
        let Some(message) = message else { return true };
        let bare = params.iter().find(|param| argument::is_named(&message.ty, &param.to_string()));
        if let Some(param) = bare {
            errors.at(&message.ty, fill(messages::INFO_OF_ANY_TYPE, &[&param]));
        }
        bare.is_none()
    });
}

/// From each version leads one step to the next one, without a gap.
fn check_versions_follow(server: &mut Server, errors: &mut Errors) {
    let mut last: Option<(Version, syn::Ident, bool)> = None;
    let mut twice = Vec::new();
    for (from, handler) in server.code_changes() {
        let (name, has_cfg) = (&handler.method.name, handler.method.has_cfg());
        let number = from.number;
        match &last {
            Some((before, first, false)) if before.number == number && !has_cfg => {
                let message = fill(messages::CODE_CHANGE_TWICE, &[first, &number]);
                errors.push(syn::Error::new(from.span, message));
                twice.push(name.clone());
            }
            Some((before, ..)) if before.number + 1 < number => {
                let parts: [u32; 2] = [before.number + 2, before.number + 1];
                let message = fill(messages::CODE_CHANGE_GAP, &[&parts[0], &parts[1]]);
                errors.push(syn::Error::new(before.span, message));
            }
            _ => {}
        }
        last = Some((from, name.clone(), has_cfg));
    }
    server.handlers.retain(|handler| {
        let is_change = matches!(handler.role, Role::CodeChange(_));
        !(is_change && twice.contains(&handler.method.name))
    });
}

pub(super) fn check_variants_differ(server: &mut Server, errors: &mut Errors) {
    let behaviours = server.behaviours.iter().map(|it| (it.variant.clone(), it.variant.clone()));
    let mut seen: Vec<(syn::Ident, syn::Ident)> = behaviours.collect();
    server.handlers.retain(|handler| {
        if !handler.role.is_message() || handler.method.has_cfg() {
            return true;
        }
        let (name, variant) = (&handler.method.name, handler.variant());
        let Some((first, _)) = seen.iter().find(|(_, seen)| *seen == variant) else {
            seen.push((name.clone(), variant));
            return true;
        };
        // Two methods of one name are rustc's to report.
        if first != name {
            errors.at(name, fill(messages::SAME_VARIANT, &[&first, &name, &variant]));
        }
        false
    });
}

fn check_understands_something(server: &Server, errors: &mut Errors) {
    let hears_nothing = |role: &Role| {
        matches!(role, Role::Init | Role::CodeChange(_) | Role::FormatStatus | Role::Terminate)
    };
    let ear = |handler: &Handler| !hears_nothing(&handler.role);
    let is_deaf = server.behaviours.is_empty() && !server.handlers.iter().any(ear);
    if errors.is_empty() && is_deaf {
        errors.at(&server.self_ty, fill(messages::NO_HANDLERS, &[&server.name]));
    }
}

// ===== One handler =====

fn check_name_is_free(handler: &Handler, errors: &mut Errors) {
    let name = &handler.method.name;
    let is_any = |names: &[&str]| names.iter().any(|reserved| name == reserved);
    let has_client_method = matches!(handler.role, Role::Call(_) | Role::Cast { .. });
    if has_client_method && is_any(&HANDLE_METHODS) {
        errors.at(name, fill(messages::RESERVED_HANDLE_METHOD, &[name]));
    } else if is_any(&START_FUNCTIONS) {
        let word = handler.role.word();
        errors.at(name, fill(messages::RESERVED_START_FUNCTION, &[name, &word]));
    } else if is_any(&LOOKUP_FUNCTIONS) {
        errors.at(name, fill(messages::RESERVED_LOOKUP_FUNCTION, &[name]));
    }
}

fn check_no_generics(handler: &Handler, errors: &mut Errors) {
    let params = handler.method.generics.params.iter();
    let mut generic = params.filter(|param| !matches!(param, GenericParam::Lifetime(_)));
    if let Some(param) = generic.next() {
        errors.at(param, messages::GENERIC_HANDLER);
    }
}

fn check_is_safe(handler: &Handler, errors: &mut Errors) {
    if let Safety::Unsafe(token) = &handler.method.safety {
        errors.at(token, messages::UNSAFE_HANDLER);
    }
}

fn check_receiver(handler: &Handler, errors: &mut Errors) {
    let method = &handler.method;
    match (&handler.role, &method.receiver) {
        (Role::Init | Role::Session(_) | Role::CodeChange(_), None) => {}
        (Role::Session(_), Some(receiver)) => {
            errors.at(receiver, messages::SESSION_HAS_NO_SELF);
        }
        (Role::CodeChange(_), Some(receiver)) => {
            errors.at(receiver, messages::CODE_CHANGE_TAKES_SELF);
        }
        (Role::Init, Some(receiver)) => errors.at(receiver, messages::INIT_TAKES_SELF),
        (_, None) => errors.at(&method.name, fill(messages::NO_RECEIVER, &[&method.name])),
        (_, Some(receiver)) => {
            let borrows = match &receiver.kind {
                ReceiverKind::Reference(..) => true,
                ReceiverKind::Typed(_, ty) => matches!(**ty, Type::Reference(_)),
                _ => false,
            };
            if !borrows {
                errors.at(receiver, messages::RECEIVER_BY_VALUE);
            }
        }
    }
}

fn check_init_returns(handler: &Handler, errors: &mut Errors) {
    if handler.method.returned().is_none() {
        errors.at(&handler.method.name, messages::INIT_RETURNS_NOTHING);
    }
}

/// A cast, and all that nobody waits for, returns `()`, `Flow` or a `Result` of these.
fn check_returns_flow(handler: &Handler, errors: &mut Errors) {
    let Some(ty) = handler.method.returned() else { return };
    if argument::is_named(ty, "Flow") || argument::is_named(ty, "Result") {
        return;
    }
    match &handler.role {
        Role::Cast { .. } => errors.at(ty, messages::CAST_RETURNS_VALUE),
        role => errors.at(ty, fill(messages::HANDLER_RETURNS_VALUE, &[&role.word()])),
    }
}

fn check_has_err_to_log(handler: &Handler, errors: &mut Errors) {
    // Any other value is told of as one that nobody waits for.
    let has_none = handler.method.returned().is_none_or(|ty| argument::is_named(ty, "Flow"));
    if let Role::Cast { on_err: OnErr::Log, .. } = handler.role
        && has_none
    {
        errors.at(&handler.method.name, messages::ON_ERR_WITHOUT_RESULT);
    }
}

fn check_terminate_returns(handler: &Handler, errors: &mut Errors) {
    if let Some(ty) = handler.method.returned() {
        errors.at(ty, messages::TERMINATE_RETURNS_VALUE);
    }
}

/// `task`: no `&mut self`, and nothing of the server's.
fn check_task_has_only_a_copy(handler: &Handler, errors: &mut Errors) {
    let Some(call) = handler.call().filter(|call| call.task.is_some()) else { return };
    if let Some(receiver) = handler.method.receiver.as_ref().filter(|receiver| changes(receiver)) {
        errors.at(receiver, messages::TASK_HAS_A_COPY);
    }
    for param in handler.method.params.iter().filter(|param| param.slot != Slot::Value) {
        errors.at(&param.ty, messages::TASK_HAS_A_COPY);
    }
    if let Some(or_crash) = &call.or_crash {
        errors.at(or_crash, messages::TASK_HAS_A_COPY);
    }
}

/// `&self` and nothing else, at once: the server may be about to end.
fn check_only_looks(handler: &Handler, errors: &mut Errors) {
    let method = &handler.method;
    if let Some(token) = &method.asyncness {
        errors.at(token, messages::FORMAT_STATUS_IS_ASYNC);
    }
    if let Some(receiver) = &method.receiver
        && changes(receiver)
    {
        errors.at(receiver, messages::FORMAT_STATUS_ONLY_LOOKS);
    } else if !method.params.is_empty() {
        let params = &method.params;
        errors.at(quote!(#(#params),*), messages::FORMAT_STATUS_ONLY_LOOKS);
    }
}

/// `&mut self`, in one form or the other.
fn changes(receiver: &Receiver) -> bool {
    match &receiver.kind {
        ReceiverKind::Reference(_, _, mutability) => mutability.is_some(),
        ReceiverKind::Typed(_, ty) => {
            matches!(&**ty, Type::Reference(ty) if ty.mutability.is_some())
        }
        _ => false,
    }
}

/// It is no handler of a message: the next state, at once.
fn check_makes_a_state(handler: &Handler, errors: &mut Errors) {
    let method = &handler.method;
    if let Some(token) = &method.asyncness {
        errors.at(token, messages::CODE_CHANGE_IS_ASYNC);
    }
    if method.returned().is_none() {
        errors.at(&method.name, messages::CODE_CHANGE_RETURNS_NOTHING);
    }
}

fn check_shows_something(handler: &Handler, errors: &mut Errors) {
    if handler.method.returned().is_none() {
        errors.at(&handler.method.name, messages::FORMAT_STATUS_RETURNS_NOTHING);
    }
}

fn check_session_is_async(handler: &Handler, errors: &mut Errors) {
    if handler.method.asyncness.is_none() {
        errors.at(&handler.method.name, messages::SESSION_IS_ASYNC);
    }
}

fn check_reply(handler: &Handler, errors: &mut Errors) {
    if handler.method.reply_to().is_some() {
        let returned = handler.method.returned();
        if let Some(ty) = returned.filter(|ty| !argument::is_named(ty, "Flow")) {
            errors.at(ty, messages::REPLY_TO_AND_VALUE);
        }
    }
    let Some(ty) = handler.reply() else { return };
    match argument::flaw(ty) {
        None => {}
        Some(Flaw::ImplTrait(found)) => errors.at(found, messages::REPLY_IMPL_TRAIT),
        Some(Flaw::Reference(found)) => errors.at(found, messages::REPLY_BORROWED),
        Some(Flaw::Lifetime(found)) => errors.at(found, messages::REPLY_BORROWED),
        Some(Flaw::Local(found)) => {
            let message = fill(messages::NOT_SEND, &[&print::lines(&found)]);
            errors.at(found, message);
        }
    }
}

/// `flat`, `raw` and `or_crash` have a `Result` to look at.
fn check_options_fit_reply(handler: &Handler, errors: &mut Errors) {
    let Some(call) = handler.call() else { return };
    if let (Some(_), Some(raw)) = (&call.flat, &call.raw) {
        errors.at(raw, messages::FLAT_AND_RAW);
    } else if let (Some(flat), None) = (&call.flat, handler.reply()) {
        errors.at(flat, messages::FLAT_WITHOUT_RESULT);
    }
    let Some(or_crash) = &call.or_crash else { return };
    if handler.method.reply_to().is_some() {
        errors.at(or_crash, fill(messages::REPLY_TO_AND_OPTION, &[&or_crash]));
    } else if call.flat.is_none() && !handler.method.returns_result() {
        errors.at(or_crash, messages::OR_CRASH_WITHOUT_RESULT);
    }
}
