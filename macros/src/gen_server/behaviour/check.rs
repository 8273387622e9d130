//! The rules of a behaviour: those of handlers, and that its messages are the same whoever has it.

use proc_macro2::Ident;
use quote::quote;
use syn::{GenericParam, ItemTrait, TypeParamBound};

use crate::argument;
use crate::errors::Errors;
use crate::gen_server::check;
use crate::gen_server::model::{Handler, Role, Server};
use crate::hygiene;
use crate::messages::{self, fill};

/// Looks at the whole trait; wrong callbacks are marked so.
pub(super) fn behaviour(server: &mut Server, item: &ItemTrait, errors: &mut Errors) {
    check_no_lifetimes(server, errors);
    check_can_be_a_type(item, errors);
    for handler in &mut server.handlers {
        let found = errors.count();
        check_is_of_one_type(handler, errors);
        check_options(handler, errors);
        if errors.count() == found {
            check::handler(handler, errors);
        }
        handler.sound &= errors.count() == found;
    }
    check_no_self(server, errors);
    check::check_variants_differ(server, errors);
    if errors.is_empty() && server.handlers.is_empty() {
        errors.at(&item.ident, fill(messages::BEHAVIOUR_WITHOUT_CALLBACKS, &[&item.ident]));
    }
}

/// What is generated goes on without them, so that nothing else is said about them.
fn check_no_lifetimes(server: &mut Server, errors: &mut Errors) {
    let Some(param) = server.generics.lifetimes().next() else { return };
    errors.at(&param.lifetime, fill(messages::BEHAVIOUR_WITH_LIFETIME, &[&param.lifetime]));
    server.self_ty = argument::made_static(&server.self_ty);
    let params = std::mem::take(&mut server.generics.params);
    let others = params.into_iter().filter(|param| !matches!(param, GenericParam::Lifetime(_)));
    server.generics.params = others.collect();
}

fn check_is_of_one_type(handler: &Handler, errors: &mut Errors) {
    let params = handler.method.generics.params.iter();
    let mut generic = params.filter(|param| !matches!(param, GenericParam::Lifetime(_)));
    if let Some(param) = generic.next() {
        errors.at(param, messages::GENERIC_CALLBACK);
    }
}

/// What needs the server itself: its state, its own address, its mailbox.
fn check_options(handler: &Handler, errors: &mut Errors) {
    let refuse = |word| fill(messages::CALLBACK_HAS_NO_OPTION, &[&word]);
    match &handler.role {
        Role::Call(call) => {
            if let Some(task) = &call.task {
                errors.at(task, refuse("task"));
            }
            if let Some(fuse) = &call.fuse {
                errors.at(fuse, refuse("fuse"));
            }
        }
        Role::Cast { on_full: Some((key, _)), .. } => errors.at(key, refuse("on_full")),
        _ => {}
    }
}

/// A message that held a `Self` would be another one for each server; the callback goes.
fn check_no_self(server: &mut Server, errors: &mut Errors) {
    let this: [Ident; 1] = [hygiene::item("Self")];
    server.handlers.retain(|handler| {
        let sent = handler.method.values().map(|param| &param.ty);
        let replied = handler.call().and_then(|_| handler.reply());
        let mut types = sent.chain(replied);
        let found = types.find(|ty| argument::mentions(quote!(#ty), &this));
        // What is wrong with it was told.
        if let Some(ty) = found.filter(|_| handler.sound) {
            errors.at(ty, messages::CALLBACK_NAMES_SELF);
        }
        found.is_none()
    });
}

/// What only types of a known size have.
const SIZED: [&str; 9] =
    ["Sized", "Clone", "Copy", "Default", "PartialEq", "Eq", "PartialOrd", "Ord", "Hash"];

fn check_can_be_a_type(item: &ItemTrait, errors: &mut Errors) {
    for bound in item.supertraits.iter().filter_map(sized) {
        errors.at(bound, fill(messages::BEHAVIOUR_OF_A_SIZE, &[&item.ident, bound]));
    }
}

/// The name of a supertrait with which the trait is no type.
pub(super) fn sized(bound: &TypeParamBound) -> Option<&Ident> {
    let TypeParamBound::Trait(bound) = bound else { return None };
    let name = &bound.path.segments.last()?.ident;
    SIZED.iter().any(|sized| name == sized).then_some(name)
}
