//! Model → tokens: the thin shell around the user's `impl`. Infallible.

pub(super) mod child_spec;
pub(super) mod client;
pub(super) mod info;
pub(super) mod mailbox;
pub(super) mod server;
pub(super) mod session;
mod versions;

pub(crate) use mailbox::{reply_field, variant_field};
use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
pub(crate) use server::handled_by;
use syn::spanned::Spanned;
use syn::{Type, WhereClause, parse_quote};

use crate::gen_server::model::Server;
use crate::method::{Method, Param, Passing};
use crate::{argument, hygiene};

/// The user's `impl`, then what makes it a server.
pub(in crate::gen_server) fn server(item: &TokenStream, server: &Server) -> TokenStream {
    let assertions = mailbox::assertions(server);
    let mailbox = mailbox::declare(server, server.messages());
    let client = client::declare(server, client::Purpose::Run);
    let start = child_spec::declare(server, client::Purpose::Run);
    let behaviour = server::implement(server);
    quote!(#item #assertions #mailbox #client #start #behaviour)
}

/// As [`server`], for a behaviour on top of one: `handle` are the functions that take a message,
/// and `begin` is what they need once the state exists.
pub(crate) fn on_top(
    item: &TokenStream,
    server: &Server,
    handle: &TokenStream,
    begin: &TokenStream,
) -> TokenStream {
    let assertions = mailbox::assertions(server);
    let mailbox = mailbox::declare(server, server.messages());
    let client = client::declare(server, client::Purpose::Run);
    let start = child_spec::declare(server, client::Purpose::Run);
    let behaviour = server::on_top(server, handle, begin);
    quote!(#item #assertions #mailbox #client #start #behaviour)
}

/// What the generated items may be: unused, without docs where the user wrote none, of private
/// types, in private modules.
pub(crate) fn allowed() -> TokenStream {
    quote!(#[allow(dead_code, missing_docs, private_interfaces, unreachable_pub)])
}

/// Lets generated code name handlers and variants that are deprecated, where there are any.
pub(crate) fn allow_deprecated(server: &Server) -> TokenStream {
    let deprecated = server.handlers.iter().any(|handler| handler.method.is_deprecated());
    let allow = deprecated.then(|| quote!(#[allow(deprecated)]));
    quote!(#allow)
}

/// The server's where clause, for what is implemented beside `GenServer`: that the struct is marked
/// is told there. Of a type with parameters the compiler would believe nothing else.
pub(crate) fn where_marked(server: &Server) -> Option<WhereClause> {
    let (krate, self_ty) = (&server.krate, &server.self_ty);
    if !server.generics.params.is_empty() {
        return server.generics.where_clause.clone();
    }
    let marked = if server.local { quote!(MarkedLocal) } else { quote!(Marked) };
    let mut generics = server.generics.clone();
    let all = generics.make_where_clause();
    all.predicates.push(parse_quote!(for<'a> #self_ty: #krate::__private::#marked<'a>));
    Some(all.clone())
}

/// The type in which an argument is stored in a message.
pub(super) fn stored(param: &Param, server: &Server) -> TokenStream {
    let krate = &server.krate;
    match param.lent() {
        Some(lent) => {
            let lent = argument::without_self(lent, &server.self_ty);
            quote!(<#lent as #krate::__private::ToOwned>::Owned)
        }
        None => outside(&param.ty, server),
    }
}

/// Asks something of types: a struct that cannot be written unless each has what `wrapper` asks
/// for, which is told at the type.
pub(super) fn ask<'a>(
    wrapper: &TokenStream,
    types: impl Iterator<Item = (TokenStream, &'a Type)>,
) -> TokenStream {
    let held: Vec<TokenStream> = types
        .map(|(cfgs, ty)| {
            let open = hygiene::respanned(quote!(#wrapper<), ty.span());
            let close = hygiene::respanned(quote!(>), argument::end_of(ty));
            quote!(#cfgs #open #ty #close)
        })
        .collect();
    if held.is_empty() {
        return TokenStream::new();
    }
    quote!(const _: () = { struct _Held(#(#held),*); };)
}

/// The call of a handler, awaited where that is async; both at the place of its name.
pub(crate) fn awaited(server: &Server, call: TokenStream, method: &Method) -> TokenStream {
    let Some(token) = method.asyncness else { return call };
    let (krate, span) = (&server.krate, method.span());
    let dot_await = quote_spanned!(hygiene::at(token.span)=> .await);
    if server.local {
        return quote_spanned!(span=> #call #dot_await);
    }
    quote_spanned!(span=> #krate::__private::sendable(#call) #dot_await)
}

/// A type of the `impl` as it is written outside of it.
pub(super) fn outside(ty: &Type, server: &Server) -> TokenStream {
    let ty = argument::without_self(ty, &server.self_ty);
    quote!(#ty)
}

/// The parameters of a client method or of `start`: `player: &str, pts: u32`.
pub(super) fn parameters(method: &Method, server: &Server) -> Vec<TokenStream> {
    let parameter = |(place, param): (usize, &Param)| {
        let name = field(place, param);
        let ty = outside(&param.ty, server);
        match param.passing() {
            Passing::Into => quote!(#name: impl ::core::convert::Into<#ty>),
            Passing::Owned | Passing::Lent => quote!(#name: #ty),
        }
    };
    method.values().enumerate().map(parameter).collect()
}

/// The expressions that make stored values of the parameters.
pub(super) fn to_stored(method: &Method, server: &Server) -> Vec<TokenStream> {
    let krate = &server.krate;
    let value = |(place, param): (usize, &Param)| {
        let name = field(place, param);
        match param.passing() {
            Passing::Owned => quote!(#name),
            Passing::Into => quote!(::core::convert::Into::into(#name)),
            Passing::Lent => quote!(#krate::__private::ToOwned::to_owned(#name)),
        }
    };
    method.values().enumerate().map(value).collect()
}

/// The name of an argument in the message; one that is a pattern, which is an error, has its place.
pub(super) fn field(place: usize, param: &Param) -> Ident {
    param.name().unwrap_or_else(|| quote::format_ident!("argument_{place}"))
}
