//! Sessions: the arm that begins one, and what lets others open one.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::mailbox::{reply_field, variant_field};
use super::outside;
use super::server::invoke;
use crate::gen_server::model::{Handler, Server};
use crate::hygiene::{self, local};

/// Runs the session beside the server.
pub(super) fn serve(server: &Server, handler: &Handler) -> TokenStream {
    let (krate, ctx, from) = (&server.krate, local("ctx"), reply_field(handler));
    let is_linked = !handler.session().is_some_and(|session| session.is_nolink);
    let (span, future) = (handler.method.span(), invoke(server, handler));
    let session = quote_spanned!(span=> #krate::__private::session(#future));
    quote_spanned!(span=> #krate::__private::serve(#from, #session, #is_linked, #ctx))
}

/// `Serves<P>` for each session, and that its argument is what the role begins with.
pub(super) fn declare(server: &Server) -> TokenStream {
    let krate = &server.krate;
    let (ty, msg) = (server.generics.split_for_impl().1, server.msg());
    let impls = server.marked("session").filter_map(|handler| {
        let (protocol, role) = handler.session()?.plays.as_ref()?;
        let (cfgs, variant) = (handler.method.cfgs(), handler.variant());
        let state = handler.method.values().next()?;
        let (start, field) = (outside(&state.ty, server), variant_field(handler, 0, state));
        let from = reply_field(handler);
        let played = quote_spanned!(hygiene::at(role.span())=> #protocol::#role);
        let begins = hygiene::at(state.ty.span());
        let begins = quote_spanned!(begins=> #krate::protocol::Plays<#start>);
        let serves = serves(
            server,
            handler,
            &quote! {
                fn accept(#field: #start, #from: #krate::ReplyTo<()>) -> #msg #ty {
                    #msg::#variant { #field, #from }
                }
            },
        );
        Some(quote! {
            #cfgs
            const _: #begins = #played;
            #serves
        })
    });
    quote!(#(#impls)*)
}

/// The same beside an error, so that `connect` still compiles.
pub(in crate::gen_server) fn promise(server: &Server) -> TokenStream {
    let krate = &server.krate;
    let impls = server.marked("session").filter(|handler| handler.sound).filter_map(|handler| {
        let start = outside(&handler.method.values().next()?.ty, server);
        let accept = quote! {
            fn accept(_: #start, _: #krate::ReplyTo<()>) -> Self::Msg {
                ::core::unreachable!()
            }
        };
        serves(server, handler, &accept)
    });
    quote!(#(#impls)*)
}

/// `Serves<P>` for one session, with how it takes a new conversation.
fn serves(server: &Server, handler: &Handler, accept: &TokenStream) -> Option<TokenStream> {
    let (krate, self_ty) = (&server.krate, &server.self_ty);
    let (impl_generics, _, where_clause) = server.generics.split_for_impl();
    let (protocol, _) = handler.session()?.plays.as_ref()?;
    let cfgs = handler.method.cfgs();
    let start = outside(&handler.method.values().next()?.ty, server);
    Some(quote! {
        #cfgs
        impl #impl_generics #krate::protocol::Serves<#protocol> for #self_ty #where_clause {
            type Start = #start;
            type Peer = <#start as #krate::protocol::Opening>::Peer;
            #accept
        }
    })
}
