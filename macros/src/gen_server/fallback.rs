//! What stands beside the errors, so that the user's item and every name of the client still
//! resolve: all names and impls of the good expansion, with bodies that are never run.

use proc_macro2::TokenStream;
use quote::quote;

use super::expand::{child_spec, client, info, mailbox, server as process, where_marked};
use super::model::Server;
use crate::hygiene;

/// The user's `impl` and a server which compiles but could not run.
pub(crate) fn server(item: &TokenStream, server: &Server) -> TokenStream {
    let sound = server.messages().filter(|handler| handler.sound);
    let mailbox = mailbox::declare(server, sound);
    let client = client::declare(server, client::Purpose::Resolve);
    let start = child_spec::declare(server, client::Purpose::Resolve);
    let (krate, actor) = (&server.krate, server.actor());
    let callbacks = quote! {
        async fn init(_: Self::Args, _: &mut #krate::Ctx<#actor>) -> #krate::Init<Self> {
            ::core::unreachable!()
        }
        async fn handle(&mut self, _: Self::Msg, _: &mut #krate::Ctx<#actor>) -> #krate::Flow {
            ::core::unreachable!()
        }
    };
    let behaviour = process::behaviour(server, &callbacks);
    let (promised, behaviours) = (promised(server), process::behaviours(server));
    quote!(#item #mailbox #client #start #behaviour #promised #behaviours)
}

/// `Accepts<T>` and `Continues<T>`, so that `send` and `continue_with` still compile.
fn promised(server: &Server) -> TokenStream {
    let krate = &server.krate;
    let (impl_generics, _, where_clause) = server.generics.split_for_impl();
    let marked = where_marked(server);
    let (self_ty, actor) = (&server.self_ty, server.actor());
    let (accepts, continues) = match server.local {
        true => (quote!(gen_server::LocalAccepts), quote!(gen_server::LocalContinues)),
        false => (quote!(Accepts), quote!(Continues)),
    };
    let accepts_of = server.marked("info").filter(|handler| handler.sound).map(|handler| {
        let (cfgs, ty) = (handler.method.cfgs(), info::sent_type(handler, server));
        quote! {
            #cfgs
            impl #impl_generics #krate::#accepts<#ty> for #self_ty #marked {
                fn accept(_: #ty) -> Self::Msg { ::core::unreachable!() }
            }
        }
    });
    let continued = server.marked("handle_continue").filter(|handler| handler.sound);
    let continued = continued.map(|handler| {
        let (cfgs, ty) = (handler.method.cfgs(), info::sent_type(handler, server));
        quote! {
            #cfgs
            impl #impl_generics #krate::#continues<#ty> for #self_ty #marked {
                async fn handle_continue(
                    &mut self,
                    _: #ty,
                    _: &mut #krate::Ctx<#actor>,
                ) -> #krate::Flow {
                    ::core::unreachable!()
                }
            }
        }
    });
    // Which steps there are is not asked beside an error.
    let steps = server.marked("code_change").take(1).map(|_| {
        let mut generics = server.generics.clone();
        for name in ["__FROM", "__TO"] {
            let name = hygiene::item(name);
            generics.params.push(syn::parse_quote!(const #name: u32));
        }
        let impl_generics = generics.split_for_impl().0;
        let any_step = quote!(#krate::__private::Follows<__FROM, __TO>);
        quote!(impl #impl_generics #any_step for #self_ty #where_clause {})
    });
    let sessions = super::expand::session::promise(server);
    quote!(#(#accepts_of)* #(#continued)* #(#steps)* #sessions)
}
