//! The client: `XCasts` with a method per cast, `XClient` with a method per call.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::mailbox::{reply_field, variant_field};
use super::{allowed, field, outside, parameters, to_stored};
use crate::gen_server::model::{Handler, Server, Timeout};
use crate::method::Passing;
use crate::{argument, hygiene};

/// What stands in the bodies of the client's methods.
#[derive(Clone, Copy, PartialEq)]
pub(in crate::gen_server) enum Bodies {
    /// They send.
    Real,
    /// They exist only so that uses of the client still resolve beside an error.
    Unreachable,
}

/// `XCasts`, `XClient`, and how the runtime sees them.
pub(in crate::gen_server) fn declare(server: &Server, bodies: Bodies) -> TokenStream {
    let (krate, name) = (&server.krate, &server.name);
    let (casts, client, msg) = (server.casts(), server.client(), server.msg());
    let generics = &server.generics;
    let (impl_generics, ty, where_clause) = generics.split_for_impl();
    let cast_methods = server.marked("cast").map(|handler| cast(server, handler, bodies));
    let call_methods = server.marked("call").map(|handler| call(server, handler, bodies));
    let casts_doc = format!("The casts of [`{name}`], which do not wait.");
    let client_doc = format!("The client of [`{name}`]: what its handle derefs to.");
    let allowed = allowed();
    let self_ty = &server.self_ty;
    quote! {
        #[doc = #casts_doc]
        #allowed
        pub struct #casts #impl_generics (#krate::RawRef<#msg #ty>) #where_clause;
        #allowed
        impl #impl_generics #casts #ty #where_clause { #(#cast_methods)* }
        #[doc = #client_doc]
        #allowed
        pub struct #client #impl_generics (#casts #ty) #where_clause;
        #allowed
        impl #impl_generics #client #ty #where_clause { #(#call_methods)* }
        #krate::__private::shell! {
            [#impl_generics] [#ty] [#where_clause] [#self_ty] #msg #casts #client
        }
    }
}

fn cast(server: &Server, handler: &Handler, bodies: Bodies) -> TokenStream {
    let krate = &server.krate;
    let (stored, message) = message(server, handler);
    let body = quote!(#stored #krate::__private::cast(&self.0, #message));
    let must_use = server
        .mailbox
        .as_ref()
        .map(|_| quote!(#[must_use = "a full mailbox refuses messages; `.sent()` tells"]));
    let method = method(server, handler, &quote!(#krate::Cast), &body, bodies);
    quote!(#must_use #method)
}

fn call(server: &Server, handler: &Handler, bodies: Bodies) -> TokenStream {
    let krate = &server.krate;
    let (stored, message) = message(server, handler);
    let from = reply_field(handler);
    let reply = reply_type(server, handler, bodies);
    let (returned, send, send_within) = if handler.is_flat() {
        (quote!(__private::TryCallOf), quote!(try_call), quote!(try_call_within))
    } else {
        (quote!(Call), quote!(call), quote!(call_within))
    };
    let span = handler.reply().map_or_else(|| handler.method.span(), |ty| hygiene::at(ty.span()));
    let returned = quote_spanned!(span=> #krate::#returned<#reply>);
    let body = match limit(handler) {
        None => quote!(#send(&self.0.0, |#from| #message)),
        Some(limit) => quote!(#send_within(&self.0.0, #limit, |#from| #message)),
    };
    let body = quote!(#stored #krate::__private::#body);
    method(server, handler, &returned, &body, bodies)
}

fn method(
    server: &Server,
    handler: &Handler,
    returned: &TokenStream,
    body: &TokenStream,
    bodies: Bodies,
) -> TokenStream {
    let method = &handler.method;
    let (carried, vis, name) = (method.carried(), &method.vis, method.shown_name());
    let parameters = parameters(method, server);
    if bodies == Bodies::Unreachable {
        let (generics, where_clause) = (&method.generics, &method.generics.where_clause);
        let allowed = quote!(#[allow(unused_variables)]);
        return quote! {
            #carried #allowed
            #vis fn #name #generics (&self, #(#parameters),*) -> #returned #where_clause {
                ::core::unreachable!()
            }
        };
    }
    quote!(#carried #vis fn #name(&self, #(#parameters),*) -> #returned { #body })
}

/// The statements that make stored values of the parameters, and `XMsg::Add { player, pts }`.
fn message(server: &Server, handler: &Handler) -> (TokenStream, TokenStream) {
    let (msg, variant, method) = (server.msg(), handler.variant(), &handler.method);
    let stored = method.values().enumerate().zip(to_stored(method, server));
    let stored = stored.filter(|((_, param), _)| param.passing() != Passing::Owned);
    let stored = stored.map(|((place, param), value)| {
        let name = field(place, param);
        quote!(let #name = #value;)
    });
    let values = method.values().enumerate();
    let values = values.map(|(place, param)| variant_field(handler, place, param));
    let fields = values.chain(reply_field(handler));
    (quote!(#(#stored)*), quote!(#msg::#variant { #(#fields),* }))
}

/// How long the call waits when the caller does not say, unless it is as long as any other.
fn limit(handler: &Handler) -> Option<TokenStream> {
    match &handler.call()?.timeout {
        Timeout::Default => None,
        Timeout::Infinity => Some(quote!(::core::option::Option::None)),
        Timeout::After(time) => Some(quote!(::core::option::Option::Some(#time))),
    }
}

fn reply_type(server: &Server, handler: &Handler, bodies: Bodies) -> TokenStream {
    let Some(ty) = handler.reply() else { return quote!(()) };
    match bodies {
        Bodies::Real => outside(ty, server),
        Bodies::Unreachable => outside(&argument::made_static(ty), server),
    }
}
