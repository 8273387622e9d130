//! `#[code_change]`: what makes the server's state of the states of its older versions.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::server::after_init;
use super::{allow_deprecated, outside};
use crate::argument;
use crate::gen_server::model::{Handler, Server, Version};
use crate::hygiene::{self, local};
use crate::messages::{self, fill};

/// `CodeChange<Old>` for each older state, by all the steps that lead from it.
pub(super) fn implement(server: &Server) -> TokenStream {
    let steps = server.code_changes();
    if let Some(ends_early) = ends_early(server, &steps) {
        return ends_early;
    }
    let impls = (0..steps.len()).map(|at| {
        let change = change(server, &steps[at..]);
        let (step, older) = (step(server, steps[at]), is_older(server, steps[at].0));
        let cfgs = steps[at].1.method.cfgs();
        quote!(#change #cfgs #step #cfgs #older)
    });
    impls.collect()
}

/// Where the last step makes another state than the server's a step is missing, which the struct's
/// side tells, or the step is wrong, which is told at what it returns.
fn ends_early(server: &Server, steps: &[(Version, &Handler)]) -> Option<TokenStream> {
    let (from, last) = steps.last()?;
    let returned = last.method.returned()?;
    let made = match argument::is_named(returned, "Result") {
        true => argument::first_argument(returned)?,
        false => returned,
    };
    let is_own =
        argument::is_named(made, "Self") || argument::is_named(made, &server.name.to_string());
    if is_own || !server.generics.params.is_empty() || last.method.has_cfg() {
        return None;
    }
    let (krate, self_ty, next) = (&server.krate, &server.self_ty, from.number + 1);
    let steps = steps.iter().map(|one| step(server, *one));
    let message = messages::CODE_CHANGE_ENDS_EARLY;
    let check = quote_spanned! {hygiene::at(made.span())=>
        ::core::assert!(#next != <#self_ty as #krate::ServerStruct>::VERSION, #message)
    };
    Some(quote!(#(#steps)* const _: () = #check;))
}

fn change(server: &Server, steps: &[(Version, &Handler)]) -> TokenStream {
    let krate = &server.krate;
    let (impl_generics, _, where_clause) = server.generics.split_for_impl();
    let (self_ty, state, ctx) = (&server.self_ty, local("state"), local("ctx"));
    let Some(old) = steps.first().and_then(|(_, first)| old_state(server, first)) else {
        return TokenStream::new();
    };
    let cfgs = steps[0].1.method.cfgs();
    let calls = (0..steps.len()).map(|at| {
        let handler = steps[at].1;
        let next = steps.get(at + 1).and_then(|(_, next)| old_state(server, next));
        let next = next.unwrap_or_else(|| quote!(Self));
        let (cfgs, name, span) =
            (handler.method.cfgs(), handler.method.shown_name(), handler.method.span());
        let changed = quote_spanned! {span=>
            #krate::__private::changed::<#next, _>(Self::#name(#state))?
        };
        quote!(#cfgs let #state = #changed;)
    });
    let arranged = after_init(server);
    let arrange = (!arranged.is_empty()).then(|| {
        let this = quote!(let #state = self;);
        quote! {
            fn arrange(&self, #ctx: &mut #krate::Ctx<Self>) { #this #arranged }
        }
    });
    let allow_deprecated = allow_deprecated(server);
    quote! {
        #cfgs
        #allow_deprecated
        impl #impl_generics #krate::CodeChange<#old> for #self_ty #where_clause {
            fn code_change(
                #state: #old,
            ) -> ::core::result::Result<Self, #krate::ExitReason> {
                #(#calls)*
                ::core::result::Result::Ok(#state)
            }
            #arrange
        }
    }
}

/// What the struct's side asks for.
fn step(server: &Server, (from, _): (Version, &Handler)) -> TokenStream {
    let (krate, self_ty) = (&server.krate, &server.self_ty);
    let (impl_generics, _, where_clause) = server.generics.split_for_impl();
    let (from, to) = (from.number, from.number + 1);
    quote! {
        impl #impl_generics #krate::__private::Follows<#from, #to> for #self_ty #where_clause {}
    }
}

/// That the step leads to the version that the struct has, or to an older one.
fn is_older(server: &Server, from: Version) -> TokenStream {
    if !server.generics.params.is_empty() {
        return TokenStream::new();
    }
    let (krate, self_ty, number) = (&server.krate, &server.self_ty, from.number);
    let message = fill(messages::CODE_CHANGE_NOT_OLDER, &[&number]);
    let check = quote_spanned! {hygiene::at(from.span)=>
        ::core::assert!(#number < <#self_ty as #krate::ServerStruct>::VERSION, #message)
    };
    quote!(const _: () = #check;)
}

/// The type that a step takes.
fn old_state(server: &Server, handler: &Handler) -> Option<TokenStream> {
    handler.method.params.first().map(|old| outside(&old.ty, server))
}
