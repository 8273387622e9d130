//! The client: `XCasts` with a method per cast, `XClient` with a method per call.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

use super::mailbox::{reply_field, variant_field};
use super::{allow_deprecated, allowed, field, outside, parameters, to_stored};
use crate::argument::{self, Flaw};
use crate::attrs::Time;
use crate::gen_server::model::{Carrier, Handler, OnFull, Server, Timeout};
use crate::hygiene;
use crate::method::Passing;

/// What the client's methods are for.
#[derive(Clone, Copy, PartialEq)]
pub(in crate::gen_server) enum Purpose {
    /// They send.
    Run,
    /// They are there so that uses of the client still resolve beside an error.
    Resolve,
}

/// `XCasts`, `XClient`, and how the runtime sees them.
pub(in crate::gen_server) fn declare(server: &Server, purpose: Purpose) -> TokenStream {
    let (krate, name, vis) = (&server.krate, &server.name, &server.vis);
    let (casts, client, msg) = (server.casts(), server.client(), server.msg());
    let generics = &server.generics;
    let (impl_generics, ty, where_clause) = generics.split_for_impl();
    let cast_methods = server.marked("cast").map(|handler| cast(server, handler, purpose));
    let call_methods = server.marked("call").map(|handler| call(server, handler, purpose));
    let casts_doc = format!("The casts of `{name}`, which do not wait.");
    let client_doc = format!("The client of `{name}`: what its handle derefs to.");
    let (allowed, allow_deprecated) = (allowed(), allow_deprecated(server));
    let self_ty = &server.self_ty;
    let local = server.local.then(|| quote!(local));
    let (address, shell) = match server.carrier {
        Carrier::Server => (quote!(#krate::RawRef<#msg #ty>), quote!(shell)),
        Carrier::Behaviour => (quote!(#krate::__private::Part<#self_ty>), quote!(behaviour_shell)),
    };
    quote! {
        #[doc = #casts_doc]
        #vis struct #casts #impl_generics (#address) #where_clause;
        #allowed #allow_deprecated
        impl #impl_generics #casts #ty #where_clause { #(#cast_methods)* }
        #[doc = #client_doc]
        #vis struct #client #impl_generics (#casts #ty) #where_clause;
        #allowed #allow_deprecated
        impl #impl_generics #client #ty #where_clause { #(#call_methods)* }
        #krate::__private::#shell!(
            #local [#impl_generics] [#ty] [#where_clause] [#self_ty] #msg #casts #client
        );
    }
}

fn cast(server: &Server, handler: &Handler, purpose: Purpose) -> TokenStream {
    let krate = &server.krate;
    let (stored, message) = message(server, handler);
    if server.cast_on_full(handler) == OnFull::Wait {
        let body = quote!(#stored #krate::__private::cast_wait(&self.0, #message));
        return method(server, handler, &quote!(#krate::CastWait), &body, purpose);
    }
    let sends = sends(server);
    let body = quote!(#stored #sends::cast(&self.0, #message));
    let must_use = server
        .mailbox
        .as_ref()
        .map(|_| quote!(#[must_use = "a full mailbox refuses messages; `.sent()` tells"]));
    let method = method(server, handler, &quote!(#krate::Cast), &body, purpose);
    quote!(#must_use #method)
}

fn call(server: &Server, handler: &Handler, purpose: Purpose) -> TokenStream {
    let krate = &server.krate;
    let (stored, message) = message(server, handler);
    let from = reply_field(handler);
    let reply = reply_type(server, handler, purpose);
    let (plain, within) = senders(handler);
    let call = match limit(server, handler) {
        None => quote!(#plain(&self.0.0, |#from| #message)),
        Some(limit) => quote!(#within(&self.0.0, #limit, |#from| #message)),
    };
    let sends = sends(server);
    let call = quote!(#sends::#call);
    let (returned, body) = match handler.reply() {
        Some(ty) if handler.is_flat() => {
            // That it is no `Result` is told at the type.
            let (start, end) = (ty.span(), argument::end_of(ty));
            let path = hygiene::respanned(quote!(#krate::__private::TryCallOf<), start);
            let close = hygiene::respanned(quote!(>), end);
            (quote!(#path #reply #close), quote!(#stored #krate::__private::flat(#call)))
        }
        _ => (quote!(#krate::Call<#reply>), quote!(#stored #call)),
    };
    let Some(fuse) = handler.call().and_then(|call| call.fuse.as_deref()) else {
        return method(server, handler, &returned, &body, purpose);
    };
    let returned = quote!(#krate::fuse::Fused<#returned>);
    let fuse = fuse_of(server, fuse);
    let body = quote!(#krate::__private::fused(&self.0.0, #fuse, || { #body }));
    method(server, handler, &returned, &body, purpose)
}

/// The function that makes the fuse of a handler; that it is none is told at the expression.
fn fuse_of(server: &Server, fuse: &Expr) -> TokenStream {
    let krate = &server.krate;
    let fuse = argument::expr_without_self(fuse, &server.self_ty);
    quote_spanned!(fuse.span()=> || -> #krate::fuse::Fuse { #fuse })
}

fn method(
    server: &Server,
    handler: &Handler,
    returned: &TokenStream,
    body: &TokenStream,
    purpose: Purpose,
) -> TokenStream {
    let method = &handler.method;
    let (carried, vis, name) = (method.carried(), &method.vis, method.shown_name());
    let parameters = parameters(method, server);
    if purpose == Purpose::Resolve {
        let (generics, where_clause) = (&method.generics, &method.generics.where_clause);
        let allowed = quote!(#[allow(unused_variables)]);
        return quote! {
            #carried #allowed
            #vis fn #name #generics (&self #(, #parameters)*) -> #returned #where_clause {
                ::core::unreachable!()
            }
        };
    }
    quote!(#carried #vis fn #name(&self #(, #parameters)*) -> #returned { #body })
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

/// Where the functions are that send.
fn sends(server: &Server) -> TokenStream {
    let krate = &server.krate;
    match server.carrier {
        Carrier::Server => quote!(#krate::__private),
        Carrier::Behaviour => quote!(#krate::__private::part),
    }
}

/// What sends the call, without and with a limit of its own: it says who may run the handler.
fn senders(handler: &Handler) -> (TokenStream, TokenStream) {
    if handler.call().is_some_and(|call| call.never_inline) {
        (quote!(queue), quote!(queue_within))
    } else if handler.is_waited_for() {
        (quote!(call), quote!(call_within))
    } else {
        (quote!(ask), quote!(ask_within))
    }
}

/// How long the call waits when the caller does not say, unless it is as long as any other.
fn limit(server: &Server, handler: &Handler) -> Option<TokenStream> {
    match &handler.call()?.timeout {
        Timeout::Default => None,
        Timeout::Infinity => Some(quote!(::core::option::Option::None)),
        Timeout::After(time) => {
            let time = match time {
                Time::Computed(expr) => {
                    Time::Computed(Box::new(argument::expr_without_self(expr, &server.self_ty)))
                }
                fixed @ Time::Fixed(..) => fixed.clone(),
            };
            Some(quote!(::core::option::Option::Some(#time)))
        }
    }
}

fn reply_type(server: &Server, handler: &Handler, purpose: Purpose) -> TokenStream {
    let Some(ty) = handler.reply() else { return quote!(()) };
    match purpose {
        Purpose::Run => outside(ty, server),
        Purpose::Resolve if matches!(argument::flaw(ty), Some(Flaw::Local(_))) => quote!(()),
        Purpose::Resolve => outside(&argument::made_static(ty), server),
    }
}
