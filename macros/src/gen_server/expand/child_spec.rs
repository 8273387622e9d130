//! How the server is started: `start`, `start_link`, `child_spec`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse_quote;

use super::client::Bodies;
use super::{allowed, parameters, stored, to_stored};
use crate::argument;
use crate::gen_server::model::Server;

/// The functions of the server's type which the user did not write.
pub(in crate::gen_server) fn declare(server: &Server, bodies: Bodies) -> TokenStream {
    let krate = &server.krate;
    let (parameters, args) = start_arguments(server);
    let body = |real: TokenStream| match bodies {
        Bodies::Real => real,
        Bodies::Unreachable => quote!(::core::unreachable!()),
    };
    let function = |name: &str, doc: &str, signature: TokenStream, real: TokenStream| {
        let (ident, body) = (format_ident!("{name}"), body(real));
        let written = quote!(#[doc = #doc] pub fn #ident #signature { #body });
        (!server.replaces(name)).then_some(written)
    };
    let start = quote!((#(#parameters),*) -> #krate::Start<Self>);
    let replay = server.free_param("R");
    let spec = quote! {
        <#replay>(#(#parameters),*) -> #krate::ChildSpec<Self, #replay>
        where
            Self: #krate::__private::Specified<#replay>
    };
    let functions = [
        function(
            "start",
            "Starts the server; await for its handle.",
            start.clone(),
            quote!(#krate::Start::new(#args)),
        ),
        function(
            "start_link",
            "Starts the server linked to the caller.",
            start,
            quote!(#krate::Start::new(#args).link()),
        ),
        function(
            "child_spec",
            "How a supervisor starts this server.",
            spec,
            quote!(<Self as #krate::__private::Specified<#replay>>::spec(#args)),
        ),
    ];
    let (impl_generics, _, where_clause) = server.generics.split_for_impl();
    let (self_ty, allowed) = (&server.self_ty, allowed());
    let allowed_here = (bodies == Bodies::Unreachable).then(|| quote!(#[allow(unused_variables)]));
    quote! {
        #allowed
        #allowed_here
        impl #impl_generics #self_ty #where_clause { #(#functions)* }
    }
}

/// The parameters of `start` and the start arguments made of them.
fn start_arguments(server: &Server) -> (Vec<TokenStream>, TokenStream) {
    match server.init() {
        None => (vec![quote!(state: Self)], quote!(state)),
        Some(init) => {
            let values = to_stored(&init.method, server);
            (parameters(&init.method, server), quote!((#(#values,)*)))
        }
    }
}

/// `type Args`: the tuple of the owned arguments of `#[init]`, or the state itself.
pub(super) fn args_type(server: &Server) -> TokenStream {
    match server.init() {
        None => quote!(Self),
        Some(init) if !init.sound => quote!(()),
        Some(init) => {
            let types = init.method.values().map(|param| stored(param, server));
            let types = types.map(|ty| parse_quote!(#ty)).map(|ty| argument::made_static(&ty));
            quote!((#(#types,)*))
        }
    }
}
