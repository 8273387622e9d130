//! Model → tokens: the trait, and what whoever holds a handle of it calls.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{
    Block, FnArg, GenericParam, ItemTrait, Pat, ReceiverKind, ReturnType, TraitItem, TraitItemFn,
    Type, parse_quote,
};

use super::check::sized;
use crate::gen_server::expand::{allow_deprecated, client, mailbox, server as process};
use crate::gen_server::model::{Handler, Server};
use crate::hygiene::{self, hidden, local};
use crate::method::Slot;

pub(super) use crate::gen_server::expand::client::Purpose;

/// The user's trait, then what makes it a behaviour.
pub(super) fn behaviour(mut item: ItemTrait, server: &Server, purpose: Purpose) -> TokenStream {
    let assertions = (purpose == Purpose::Run).then(|| mailbox::assertions(server));
    let sound = server.messages().filter(|handler| purpose == Purpose::Run || handler.sound);
    let mailbox = mailbox::declare(server, sound);
    let client = client::declare(server, purpose);
    let handle = handle(&item, server);
    // A lifetime of its own was told, and is none of the messages'.
    let part = item.generics.lifetimes().next().is_none().then(|| part(server));
    finish(&mut item, server, purpose);
    quote! {
        #item
        #assertions
        #mailbox
        #client
        #handle
        #part
    }
}

/// `StorageRef`
fn handle(item: &ItemTrait, server: &Server) -> TokenStream {
    let (krate, name, vis) = (&server.krate, &server.name, &item.vis);
    let alias = hygiene::suffixed(name, "Ref");
    let (client, ty) = (server.client(), server.generics.split_for_impl().1);
    let params = server.generics.params.iter().map(|param| match param {
        GenericParam::Type(param) => param.ident.to_token_stream(),
        other => other.to_token_stream(),
    });
    let params = (!server.generics.params.is_empty()).then(|| quote!(<#(#params),*>));
    let doc = format!("The handle of any server that has the behaviour [`{name}`].");
    quote! {
        #[doc = #doc]
        #[allow(dead_code)]
        #vis type #alias #params = #krate::BehaviourRef<#client #ty>;
    }
}

/// Whoever implements the trait can handle its messages.
fn part(server: &Server) -> TokenStream {
    let (krate, name, msg) = (&server.krate, &server.name, server.msg());
    let (ty, mut generics) = (server.generics.split_for_impl().1, server.generics.clone());
    let has = hygiene::item("__S");
    generics.params.push(parse_quote!(#has: #name #ty + #krate::GenServer));
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (server, ctx) = (local("server"), local("ctx"));
    let (handle, handle_sync) = (hidden("handle"), hidden("handle_sync"));
    quote! {
        impl #impl_generics #krate::__private::PartOf<#has> for #msg #ty #where_clause {
            async fn handle(
                self,
                #server: &mut #has,
                #ctx: &mut #krate::Ctx<#has>,
            ) -> #krate::Flow {
                <#has as #name #ty>::#handle(#server, self, #ctx).await
            }
            fn handle_sync(
                self,
                #server: &mut #has,
                #ctx: &mut #krate::Ctx<#has>,
            ) -> ::core::result::Result<#krate::Flow, Self> {
                <#has as #name #ty>::#handle_sync(#server, self, #ctx)
            }
        }
    }
}

// ===== The trait =====

/// Makes the trait one whose name is also a type, and whose callbacks can be dispatched to.
fn finish(item: &mut ItemTrait, server: &Server, purpose: Purpose) {
    let krate = &server.krate;
    item.colon_token.get_or_insert_default();
    item.supertraits.push(parse_quote!(::core::marker::Send));
    let lends = |method: &TraitItemFn| {
        let is_lent = method
            .sig
            .receiver()
            .is_some_and(|receiver| matches!(receiver.kind, ReceiverKind::Reference(_, _, None)));
        method.sig.asyncness.is_some() && method.default.is_some() && is_lent
    };
    let is_callback = |method: &TraitItemFn| {
        server.handlers.iter().any(|handler| handler.method.name == method.sig.ident)
    };
    let mut shared = false;
    if purpose == Purpose::Resolve {
        leave_out_what_has_no_name(item);
    }
    for item in &mut item.items {
        let TraitItem::Fn(method) = item else { continue };
        let handler = server.handlers.iter().find(|it| it.method.name == method.sig.ident);
        shared |= is_callback(method) && lends(method);
        let has_ctx = handler.is_some_and(takes_ctx);
        let where_clause = method.sig.generics.make_where_clause();
        where_clause.predicates.push(match has_ctx {
            true => parse_quote!(Self: #krate::GenServer),
            false => parse_quote!(Self: ::core::marker::Sized),
        });
        if handler.is_some() {
            returns_future(method);
        }
        if purpose == Purpose::Resolve && method.default.is_none() {
            leave_out_patterns(method);
        }
    }
    if shared {
        // The future of a default body holds the state by reference.
        item.supertraits.push(parse_quote!(::core::marker::Sync));
    }
    item.supertraits.push(parse_quote!('static));
    item.items.push(TraitItem::Verbatim(dispatch(server, purpose)));
}

/// What would keep the trait from being a type, too, which was told already.
fn leave_out_what_has_no_name(item: &mut ItemTrait) {
    item.items.retain(|item| !matches!(item, TraitItem::Const(_)));
    for item in &mut item.items {
        if let TraitItem::Type(alias) = item {
            let where_clause = alias.generics.make_where_clause();
            where_clause.predicates.push(parse_quote!(Self: ::core::marker::Sized));
        }
    }
    let supertraits = std::mem::take(&mut item.supertraits);
    item.supertraits = supertraits.into_iter().filter(|bound| sized(bound).is_none()).collect();
}

/// A pattern as an argument was told, and where there is no body the compiler tells it, too.
fn leave_out_patterns(method: &mut TraitItemFn) {
    for input in &mut method.sig.inputs {
        if let FnArg::Typed(input) = input
            && !matches!(*input.pat, Pat::Ident(_))
        {
            *input.pat = Pat::Verbatim(quote!(_));
        }
    }
}

fn takes_ctx(handler: &Handler) -> bool {
    handler.method.params.iter().any(|param| param.slot == Slot::Ctx)
}

/// `async fn` as a function whose future can be sent, which is what a server needs of it.
fn returns_future(method: &mut TraitItemFn) {
    let Some(asyncness) = method.sig.asyncness.take() else { return };
    let output: Type = match &method.sig.output {
        ReturnType::Default => parse_quote!(()),
        ReturnType::Type(_, ty) => (**ty).clone(),
    };
    method.sig.output = parse_quote! {
        -> impl ::core::future::Future<Output = #output> + ::core::marker::Send
    };
    if let Some(body) = &mut method.default {
        let future: Block = parse_quote!({ #asyncness move #body });
        *body = future;
    }
}

/// What a server's dispatch calls: for messages that wait, and for those that do not.
fn dispatch(server: &Server, purpose: Purpose) -> TokenStream {
    let (krate, enum_name) = (&server.krate, server.msg());
    let ty = server.generics.split_for_impl().1;
    let (msg, ctx) = (local("msg"), local("ctx"));
    let (handle, handle_sync) = (hidden("handle"), hidden("handle_sync"));
    let (run, run_sync) = match purpose {
        Purpose::Run => bodies(server),
        Purpose::Resolve => {
            let never = quote!(let _ = (#msg, #ctx); ::core::unreachable!());
            (never.clone(), never)
        }
    };
    let allow_deprecated = allow_deprecated(server);
    let allow = quote! {
        #[doc(hidden)]
        #[allow(unreachable_patterns)]
        #allow_deprecated
    };
    quote! {
        #allow
        fn #handle(
            &mut self,
            #msg: #enum_name #ty,
            #ctx: &mut #krate::Ctx<Self>,
        ) -> impl ::core::future::Future<Output = #krate::Flow> + ::core::marker::Send
        where
            Self: #krate::GenServer,
        {
            async move { #run }
        }
        #allow
        fn #handle_sync(
            &mut self,
            #msg: #enum_name #ty,
            #ctx: &mut #krate::Ctx<Self>,
        ) -> ::core::result::Result<#krate::Flow, #enum_name #ty>
        where
            Self: #krate::GenServer,
        {
            #run_sync
        }
    }
}

fn bodies(server: &Server) -> (TokenStream, TokenStream) {
    let krate = &server.krate;
    let (msg, ctx, other) = (local("msg"), local("ctx"), local("other"));
    let (waiting, sync): (Vec<_>, Vec<_>) =
        server.messages().partition(|handler| handler.is_waited_for());
    let arms = |handlers: &[&Handler]| -> Vec<TokenStream> {
        handlers.iter().map(|handler| process::arm(server, handler)).collect()
    };
    let (waits, returns, phantom) = (arms(&waiting), arms(&sync), process::phantom(server));
    let (callee, handle_sync) = (server.callee(Span::call_site()), hidden("handle_sync"));
    let rest = match sync.is_empty() {
        true => phantom.clone(),
        false => quote! {
            #other => #krate::__private::on_the_spot(#callee::#handle_sync(self, #other, #ctx))
        },
    };
    let back = match waiting.is_empty() {
        true => phantom,
        false => quote!(#other => ::core::result::Result::Err(#other)),
    };
    let words = process::OUTCOMES.map(local);
    let words = (!sync.is_empty()).then(|| quote!(use #krate::__private::{#(#words),*};));
    let run = quote!(match #msg { #(#waits,)* #rest });
    (run, quote!(#words match #msg { #(#returns,)* #back }))
}
