//! The rules of a handler's arguments: one function per rule, named `check_*`.

use quote::{ToTokens, quote};
use syn::Type;

use crate::argument::{self, Flaw};
use crate::errors::Errors;
use crate::gen_server::model::{Handler, Role};
use crate::messages::{self, fill};
use crate::method::{Param, Passing, Slot};
use crate::print;

/// `ctx`, `from` and `reason` stand where they may, once, in the right form.
pub(super) fn check_slots(handler: &Handler, errors: &mut Errors) {
    for param in &handler.method.params {
        check_no_cfg(param, errors);
        check_into_has_client(handler, param, errors);
    }
    check_ctx(handler, errors);
    check_reply_to(handler, errors);
}

/// The arguments of a client method or of `start`.
pub(super) fn check_values(handler: &Handler, errors: &mut Errors) {
    for param in handler.method.params.iter().filter(|param| is_passed(param)) {
        check_type(param, errors);
        check_has_name(param, errors);
        check_into_is_owned(param, errors);
    }
}

/// One message by value; `_` may stand for it.
pub(super) fn check_info_message(handler: &Handler, errors: &mut Errors) {
    let mut values = handler.method.params.iter().filter(|param| is_passed(param));
    match (values.next(), values.next()) {
        (Some(message), None) if message.passing() == Passing::Lent => {
            errors.at(&message.ty, messages::INFO_TAKES_ONE_MESSAGE);
        }
        (Some(message), None) => check_type(message, errors),
        (None, _) if handler.method.inputs.is_empty() => {}
        _ => errors.at(&handler.method.inputs, messages::INFO_TAKES_ONE_MESSAGE),
    }
}

/// At most one value; `_` may stand for it.
pub(super) fn check_continue_value(handler: &Handler, errors: &mut Errors) {
    let mut values = handler.method.params.iter().filter(|param| is_passed(param));
    match (values.next(), values.next()) {
        (None, _) => {}
        (Some(value), None) if value.passing() == Passing::Lent => {
            errors.at(&value.ty, messages::CONTINUE_TAKES_ONE_VALUE);
        }
        (Some(value), None) => check_type(value, errors),
        _ => errors.at(&handler.method.inputs, messages::CONTINUE_TAKES_ONE_VALUE),
    }
}

/// The state in which it begins, and the server's handle before it.
pub(super) fn check_session_state(handler: &Handler, errors: &mut Errors) {
    let params = &handler.method.params;
    let is_whole = params.iter().filter(|param| param.slot == Slot::Value).count() == 1
        && params.iter().all(|param| matches!(param.slot, Slot::Value | Slot::Me));
    if is_whole {
        check_values(handler, errors);
    } else if params.is_empty() {
        errors.at(&handler.method.name, messages::SESSION_ARGUMENTS);
    } else {
        errors.at(quote!(#(#params),*), messages::SESSION_ARGUMENTS);
    }
}

/// The older state by value.
pub(super) fn check_takes_old(handler: &Handler, errors: &mut Errors) {
    let params = &handler.method.params;
    match params.as_slice() {
        [] if handler.method.inputs.is_empty() => {
            errors.at(&handler.method.name, messages::CODE_CHANGE_TAKES_OLD);
        }
        [old] if !matches!(argument::peeled(&old.ty), Type::Reference(_)) => {
            check_no_flaw(old, &old.ty, errors);
        }
        _ => errors.at(&handler.method.inputs, messages::CODE_CHANGE_TAKES_OLD),
    }
}

/// A tick, a timeout and the end bring nothing with them.
pub(super) fn check_no_values(handler: &Handler, message: &str, errors: &mut Errors) {
    let is_extra = |param: &&Param| match handler.role {
        Role::Terminate => param.slot == Slot::Value,
        _ => is_passed(param),
    };
    let extra: Vec<&Param> = handler.method.params.iter().filter(is_extra).collect();
    if !extra.is_empty() {
        errors.at(quote!(#(#extra),*), message);
    }
}

/// Part of a message: `reason` is a thing of its own only in `#[terminate]`.
fn is_passed(param: &Param) -> bool {
    matches!(param.slot, Slot::Value | Slot::Reason)
}

fn check_no_cfg(param: &Param, errors: &mut Errors) {
    if let Some(cfg) = &param.cfg {
        errors.at(cfg, messages::CFG_ON_ARGUMENT);
    }
}

fn check_into_has_client(handler: &Handler, param: &Param, errors: &mut Errors) {
    let Some(into) = &param.into else { return };
    let has_client = matches!(handler.role, Role::Init | Role::Call(_) | Role::Cast { .. });
    if !has_client || param.slot != Slot::Value {
        errors.at(into.path(), messages::INTO_WITHOUT_CLIENT);
    } else if !matches!(into.meta, syn::Meta::Path(_)) {
        errors.at(&into.meta, fill(messages::HANDLER_TAKES_NO_OPTIONS, &[&"into"]));
    }
}

fn check_ctx(handler: &Handler, errors: &mut Errors) {
    let slots = handler.method.params.iter().filter(|param| param.slot == Slot::Ctx);
    for (place, ctx) in slots.enumerate() {
        let lent = |ty: &Type| matches!(ty, Type::Reference(ty) if ty.mutability.is_some());
        if !lent(argument::peeled(&ctx.ty)) {
            errors.at(&ctx.ty, messages::CTX_IS_BORROWED);
        } else if place > 0 {
            errors.at(&ctx.ty, messages::SECOND_CTX);
        }
    }
}

fn check_reply_to(handler: &Handler, errors: &mut Errors) {
    let slots = handler.method.params.iter().filter(|param| param.slot == Slot::ReplyTo);
    for (place, from) in slots.enumerate() {
        if handler.call().is_none() {
            errors.at(&from.ty, messages::REPLY_TO_WITHOUT_CALL);
        } else if matches!(argument::peeled(&from.ty), Type::Reference(_)) {
            errors.at(&from.ty, messages::REPLY_TO_BORROWED);
        } else if argument::first_argument(&from.ty).is_none() {
            errors.at(&from.ty, messages::REPLY_TO_WITHOUT_TYPE);
        } else if place > 0 {
            errors.at(&from.ty, messages::SECOND_REPLY_TO);
        }
    }
}

fn check_has_name(param: &Param, errors: &mut Errors) {
    if param.name().is_none() {
        errors.at(&param.pat, messages::ARGUMENT_WITHOUT_NAME);
    }
}

fn check_into_is_owned(param: &Param, errors: &mut Errors) {
    if param.into.is_some()
        && matches!(argument::peeled(&param.ty), Type::Reference(ty) if argument::is_lent(&ty.elem))
    {
        errors.at(&param.ty, fill(messages::INTO_WITH_BORROWED, &[&param.called()]));
    }
}

/// What is stored in a mailbox is owned, or lent as `str`, `[T]`, `Path`, `OsStr` or `CStr`.
fn check_type(param: &Param, errors: &mut Errors) {
    match argument::peeled(&param.ty) {
        Type::Reference(reference) if reference.mutability.is_some() => {
            errors.at(&param.ty, fill(messages::ARGUMENT_MUT_REF, &[&param.called()]));
        }
        Type::Reference(reference) if reference.lifetime.is_none() => {
            if argument::is_lent(&reference.elem) {
                check_no_flaw(param, &reference.elem, errors);
            } else {
                errors.at(&param.ty, fill(messages::ARGUMENT_BORROWED, &[&param.called()]));
            }
        }
        stored => check_no_flaw(param, stored, errors),
    }
}

fn check_no_flaw(param: &Param, stored: &Type, errors: &mut Errors) {
    let name = param.called();
    let Some(flaw) = argument::flaw(stored) else { return };
    let (found, message) = match flaw {
        Flaw::ImplTrait(found) => (found, fill(messages::ARGUMENT_IMPL_TRAIT, &[&name])),
        Flaw::Reference(found) => (found, fill(messages::ARGUMENT_HIDES_REF, &[&name])),
        Flaw::Lifetime(found) => {
            let message = fill(messages::ARGUMENT_WITH_LIFETIME, &[&name, &found]);
            (found.to_token_stream(), message)
        }
        Flaw::Local(found) => {
            let message = fill(messages::NOT_SEND, &[&print::lines(&found)]);
            (found, message)
        }
    };
    errors.at(found, message);
}
