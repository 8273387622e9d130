//! `local`: a server whose state never leaves its thread.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Field, GenericArgument, ImplItem, ItemImpl, PathArguments, Type, TypePath,
    parse_quote,
};

use crate::argument::{self, Flaw};
use crate::attrs::Options;
use crate::crate_path::CratePath;
use crate::errors::Errors;
use crate::gen_server::model::{Handler, Role, Server};
use crate::messages::{self, fill};
use crate::print;

// ===== The struct =====

/// What cannot stand beside `local`.
pub(super) fn refuse_options(options: &mut Options, errors: &mut Errors) {
    for word in ["version", "via"] {
        if let Some((key, _)) = options.take(word) {
            errors.at(&key, fill(messages::NOT_IN_A_LOCAL, &[&key]));
            let _ = options.take("key"); // It belongs to `via`.
        }
    }
}

/// What is known to stay on its thread, and stands in a state that does not.
pub(super) fn tell_flaws(fields: &[Field], errors: &mut Errors) {
    let is_cfg = |attr: &Attribute| attr.path().is_ident("cfg");
    // One that may not be there is the compiler's to ask about.
    for field in fields.iter().filter(|field| !field.attrs.iter().any(is_cfg)) {
        let Some(Flaw::Local(flaw)) = argument::flaw(&field.ty) else { continue };
        // A raw pointer may be in a type that was declared to be `Send`.
        if !matches!(syn::parse2(flaw.clone()), Ok(Type::Ptr(_))) {
            let message = fill(messages::STATE_NOT_SEND, &[&print::lines(&flaw)]);
            errors.at(&field.ty, message);
        }
    }
}

// ===== The impl =====

/// Reads `Ctx<Self>` in all signatures as the context of the process: `Ctx<Local<Self>>`.
pub(super) fn read_contexts(item: &mut ItemImpl, krate: &CratePath) {
    let mut contexts = Contexts { krate };
    for item in &mut item.items {
        if let ImplItem::Fn(method) = item {
            contexts.visit_signature_mut(&mut method.sig);
        }
    }
}

struct Contexts<'a> {
    krate: &'a CratePath,
}

impl VisitMut for Contexts<'_> {
    fn visit_type_path_mut(&mut self, node: &mut TypePath) {
        visit_mut::visit_type_path_mut(self, node);
        let Some(last) = node.path.segments.last_mut().filter(|last| last.ident == "Ctx") else {
            return;
        };
        let PathArguments::AngleBracketed(arguments) = &mut last.arguments else { return };
        for argument in &mut arguments.args {
            let GenericArgument::Type(ty) = argument else { continue };
            if !argument::is_named(ty, "Local") {
                let krate = self.krate;
                *ty = parse_quote!(#krate::Local<#ty>);
            }
        }
    }
}

/// What a local server needs, and what it cannot have.
pub(super) fn check(server: &mut Server, errors: &mut Errors) {
    if !server.local {
        return;
    }
    if server.marked("init").next().is_none() {
        errors.at(&server.self_ty, messages::LOCAL_NEEDS_INIT);
    }
    for behaviour in std::mem::take(&mut server.behaviours) {
        errors.at(&behaviour.path, fill(messages::NOT_IN_A_LOCAL, &[&"behaviours"]));
    }
    for handler in &server.handlers {
        if let Some((place, word)) = misfit(handler) {
            errors.at(place, fill(messages::NOT_IN_A_LOCAL, &[&word]));
        }
    }
    server
        .handlers
        .retain(|handler| !matches!(handler.role, Role::CodeChange(_) | Role::Session(_)));
}

/// What of a handler looks at the state from elsewhere.
fn misfit(handler: &Handler) -> Option<(TokenStream, &'static str)> {
    let name: &Ident = &handler.method.name;
    match &handler.role {
        Role::Call(call) => Some((call.task.as_ref()?.to_token_stream(), "task")),
        Role::Info { stream } => Some((stream.as_ref()?.to_token_stream(), "stream")),
        Role::CodeChange(_) => Some((name.to_token_stream(), "#[code_change]")),
        Role::Session(_) => Some((name.to_token_stream(), "#[session]")),
        _ => None,
    }
}
