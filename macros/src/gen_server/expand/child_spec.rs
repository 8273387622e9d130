//! How the server is started: `start`, `start_link`, `child_spec`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse_quote;

use super::client::Purpose;
use super::{allowed, parameters, stored, to_stored};
use crate::argument;
use crate::gen_server::model::{Handler, Server};

/// The functions of the server's type which the user did not write.
pub(in crate::gen_server) fn declare(server: &Server, purpose: Purpose) -> TokenStream {
    let functions = server.inits().into_iter().map(|init| functions(server, init, purpose));
    let functions: Vec<TokenStream> = functions.collect();
    let (impl_generics, _, where_clause) = server.generics.split_for_impl();
    let (self_ty, allowed) = (&server.self_ty, allowed());
    let allowed_here = (purpose == Purpose::Resolve).then(|| quote!(#[allow(unused_variables)]));
    quote! {
        #allowed
        #allowed_here
        impl #impl_generics #self_ty #where_clause { #(#functions)* }
    }
}

fn functions(server: &Server, init: Option<&Handler>, purpose: Purpose) -> TokenStream {
    let krate = &server.krate;
    let cfgs = init.map(|init| init.method.cfgs());
    let (parameters, args) = start_arguments(server, init);
    let function = |name: &str, doc: &str, signature: &TokenStream, real: TokenStream| {
        let ident = format_ident!("{name}");
        let body = match purpose {
            Purpose::Run => real,
            Purpose::Resolve => quote!(::core::unreachable!()),
        };
        let written = quote!(#cfgs #[doc = #doc] pub fn #ident #signature { #body });
        (!server.replaces(name)).then_some(written)
    };
    let actor = server.actor();
    let start = quote!((#(#parameters),*) -> #krate::Start<#actor>);
    let replay = server.free_param("R");
    let spec = quote! {
        <#replay>(#(#parameters),*) -> #krate::ChildSpec<#actor, #replay>
        where
            #actor: #krate::__private::Specified<#replay>
    };
    let functions = [
        function(
            "start",
            "Starts the server; await for its handle.",
            &start,
            quote!(#krate::Start::new(#args)),
        ),
        function(
            "start_link",
            "Starts the server linked to the caller.",
            &start,
            quote!(#krate::Start::new(#args).link()),
        ),
        function(
            "child_spec",
            "How a supervisor starts this server.",
            &spec,
            quote!(<#actor as #krate::__private::Specified<#replay>>::spec(#args)),
        ),
    ];
    quote!(#(#functions)*)
}

/// The parameters of `start` and the start arguments made of them.
fn start_arguments(server: &Server, init: Option<&Handler>) -> (Vec<TokenStream>, TokenStream) {
    match init {
        None => (vec![quote!(state: Self)], quote!(state)),
        Some(init) => {
            let values = to_stored(&init.method, server);
            (parameters(&init.method, server), quote!((#(#values,)*)))
        }
    }
}

/// `type Args`: the tuple of the owned arguments of `#[init]`, or the state itself.
pub(super) fn args_type(server: &Server, init: Option<&Handler>) -> TokenStream {
    match init {
        None if server.local => quote!(()), // An error stands beside it.
        None => quote!(Self),
        Some(init) if !init.sound => quote!(()),
        Some(init) => {
            let types = init.method.values().map(|param| stored(param, server));
            let types = types.map(|ty| parse_quote!(#ty)).map(|ty| argument::made_static(&ty));
            quote!((#(#types,)*))
        }
    }
}
