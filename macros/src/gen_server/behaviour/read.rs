//! A trait → [`Server`]: its callbacks are handlers, of whichever server has them.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{ImplItemFn, ItemTrait, TraitItem, TraitItemFn, parse_quote};

use crate::attrs::Options;
use crate::crate_path::CratePath;
use crate::errors::Errors;
use crate::gen_server::model::{Carrier, Handler, OnFull, Role, Server};
use crate::gen_server::{options, read};
use crate::messages::{self, fill};
use crate::method::Method;

/// Reads the options and the trait, and takes what is ours out of the trait.
pub(super) fn behaviour(args: TokenStream, item: &mut ItemTrait, errors: &mut Errors) -> Server {
    let mut options = Options::read(args, options::ON_BEHAVIOUR, errors);
    read::make_sendable(&mut item.generics);
    let (name, ty) = (&item.ident, item.generics.split_for_impl().1);
    let mut server = Server {
        krate: CratePath::take(&mut options, errors),
        name: item.ident.clone(),
        vis: item.vis.clone(),
        self_ty: parse_quote!(dyn #name #ty),
        generics: item.generics.clone(),
        mailbox: None,
        // At a full mailbox a server asks its message whether it is a call.
        on_full: OnFull::DropOldest,
        closed: false,
        local: false,
        behaviours: Vec::new(),
        carrier: Carrier::Behaviour,
        handlers: Vec::new(),
        plain_functions: Vec::new(),
    };
    for item in &mut item.items {
        match item {
            TraitItem::Fn(method) => server.handlers.extend(callback(method, errors)),
            TraitItem::Const(constant) => {
                errors.at(&constant.ident, messages::BEHAVIOUR_HAS_FUNCTIONS_ONLY);
            }
            TraitItem::Type(alias) => {
                errors.at(&alias.ident, messages::BEHAVIOUR_HAS_FUNCTIONS_ONLY);
            }
            _ => {}
        }
    }
    server
}

fn callback(item: &mut TraitItemFn, errors: &mut Errors) -> Option<Handler> {
    let role = read::take_role(&item.sig.ident, &mut item.attrs, errors)?;
    if !matches!(role, Role::Call(_) | Role::Cast { .. }) {
        let place = item.sig.ident.to_token_stream();
        errors.at(place, fill(messages::ROLE_OF_A_SERVER, &[&role.word()]));
        return None;
    }
    let mut method = ImplItemFn {
        attrs: item.attrs.clone(),
        vis: parse_quote!(pub),
        modifiers: Default::default(),
        sig: item.sig.clone(),
        block: parse_quote!({}),
    };
    let read = Method::take_from(&mut method);
    read::repair_reply_to(&mut method, &read);
    item.sig = method.sig;
    Some(Handler { role, method: read, sound: true })
}
