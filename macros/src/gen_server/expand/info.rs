//! The `#[info]` handlers: which types the server accepts, `Down`, `Exit` and `Timeout` among them.
//!
//! Whether a type is one of these three is asked of the type, not of its name, so that an alias is
//! as good as the name.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

use super::server::ready;
use super::{allow_deprecated, outside, where_marked};
use crate::argument;
use crate::gen_server::model::{Handler, Server};
use crate::hygiene::{hidden, local};

/// `Accepts<T>` for each `#[info]`.
pub(super) fn accepts(server: &Server) -> TokenStream {
    let krate = &server.krate;
    let (impl_generics, ..) = server.generics.split_for_impl();
    let where_clause = where_marked(server);
    let (self_ty, msg, value) = (&server.self_ty, server.msg(), local("msg"));
    let allow_deprecated = allow_deprecated(server);
    let accepts = if server.local { quote!(gen_server::LocalAccepts) } else { quote!(Accepts) };
    let impls = server.marked("info").filter_map(|handler| {
        let (cfgs, variant) = (handler.method.cfgs(), handler.variant());
        let ty = outside(message_type(handler)?, server);
        Some(quote! {
            #cfgs
            #allow_deprecated
            impl #impl_generics #krate::#accepts<#ty> for #self_ty #where_clause {
                fn accept(#value: #ty) -> Self::Msg { #msg::#variant { msg: #value } }
            }
        })
    });
    let system = system(server);
    quote!(#(#impls)* #system)
}

/// `const TRAP_EXIT`: having an `#[info]` for `Exit` is what it means.
pub(super) fn trap_exit(server: &Server) -> TokenStream {
    let krate = &server.krate;
    let exits: Vec<TokenStream> = system_infos(server)
        .map(|(handler, ty)| {
            let (cfgs, ty) = (handler.method.cfgs(), outside(ty, server));
            quote!(#cfgs let exits = exits || #krate::__private::Is::<#ty>::EXIT;)
        })
        .collect();
    if exits.is_empty() {
        return TokenStream::new();
    }
    quote! {
        const TRAP_EXIT: bool = {
            #[allow(unused_imports)]
            use #krate::__private::NotExit as _;
            let exits = false;
            #(#exits)*
            exits
        };
    }
}

/// `from_down` and `from_exit`.
pub(super) fn signals(server: &Server) -> TokenStream {
    if system_infos(server).next().is_none() {
        return TokenStream::new();
    }
    let (krate, value, system) = (&server.krate, local("msg"), hidden("info"));
    quote! {
        fn from_down(#value: #krate::Down) -> ::core::option::Option<Self::Msg> {
            Self::#system(#value)
        }
        fn from_exit(#value: #krate::Exit) -> ::core::option::Option<Self::Msg> {
            Self::#system(#value)
        }
    }
}

/// `handle_timeout`, for a server without `#[idle]`.
pub(super) fn timeout(server: &Server) -> TokenStream {
    if system_infos(server).next().is_none() {
        return TokenStream::new();
    }
    let (krate, actor) = (&server.krate, server.actor());
    let (value, system, ctx) = (local("msg"), hidden("info"), local("ctx"));
    let arguments = quote!(&mut self, #ctx: &mut #krate::Ctx<#actor>);
    let flow = quote!(#krate::Flow);
    if server.waits_for_nothing() {
        let ready = ready(
            &flow,
            &quote! {
                match Self::#system(#krate::Timeout) {
                    ::core::option::Option::Some(#value) => {
                        #krate::__private::handle_sync(self, #value, #ctx)
                    }
                    ::core::option::Option::None => #krate::Flow::Continue,
                }
            },
        );
        return quote!(fn handle_timeout(#arguments) #ready);
    }
    let server = server.server_trait();
    quote! {
        async fn handle_timeout(#arguments) -> #flow {
            let ::core::option::Option::Some(#value) = Self::#system(#krate::Timeout) else {
                return #krate::Flow::Continue;
            };
            <Self as #server>::handle(self, #value, #ctx).await
        }
    }
}

/// Finds the `#[info]` for a message of the runtime, by its type.
fn system(server: &Server) -> TokenStream {
    let attempts: Vec<TokenStream> = system_infos(server)
        .map(|(handler, ty)| {
            let (krate, msg, value) = (&server.krate, server.msg(), local("msg"));
            let (cfgs, variant) = (handler.method.cfgs(), handler.variant());
            let ty = outside(ty, server);
            quote! {
                #cfgs
                let #value = match #krate::__private::convert::<_, #ty>(#value) {
                    ::core::result::Result::Ok(msg) => {
                        return ::core::option::Option::Some(#msg::#variant { msg });
                    }
                    ::core::result::Result::Err(#value) => #value,
                };
            }
        })
        .collect();
    if attempts.is_empty() {
        return TokenStream::new();
    }
    let (impl_generics, ty_generics, where_clause) = server.generics.split_for_impl();
    let (self_ty, msg, value, name) = (&server.self_ty, server.msg(), local("msg"), hidden("info"));
    let (allow_deprecated, sent) = (allow_deprecated(server), server.free_param("T"));
    quote! {
        #allow_deprecated
        impl #impl_generics #self_ty #where_clause {
            #[doc(hidden)]
            fn #name<#sent: 'static>(#value: #sent) -> ::core::option::Option<#msg #ty_generics> {
                #(#attempts)*
                ::core::mem::drop(#value);
                ::core::option::Option::None
            }
        }
    }
}

/// The type that comes to an `#[info]` or `#[handle_continue]`.
pub(in crate::gen_server) fn sent_type(handler: &Handler, server: &Server) -> TokenStream {
    message_type(handler).map_or_else(|| quote!(()), |ty| outside(ty, server))
}

/// The `#[info]`s whose type may be one of the runtime's.
fn system_infos(server: &Server) -> impl Iterator<Item = (&Handler, &Type)> {
    let typed = server.marked("info").filter_map(|handler| Some((handler, message_type(handler)?)));
    typed.filter(|(_, ty)| !argument::is_known_send(ty))
}

fn message_type(handler: &Handler) -> Option<&Type> {
    handler.method.values().next().map(|message| &message.ty)
}
