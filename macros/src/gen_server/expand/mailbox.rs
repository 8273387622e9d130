//! The mailbox enum: one variant per handler that is reached through the mailbox.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::Type;
use syn::spanned::Spanned;

use super::{allow_deprecated, allowed, ask, field, outside, stored};
use crate::gen_server::model::{Behaviour, Handler, OnFull, Role, Server};
use crate::method::Param;
use crate::{argument, hygiene};

/// `pub enum XMsg { .. }` and its `Message` impl.
pub(in crate::gen_server) fn declare<'a>(
    server: &Server,
    handlers: impl Iterator<Item = &'a Handler>,
) -> TokenStream {
    let (krate, name, vis) = (&server.krate, &server.name, &server.vis);
    let (msg, allowed) = (server.msg(), allowed());
    let generics = &server.generics;
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let mut variants = Vec::new();
    let mut kinds = Vec::new();
    let mut regulated = Regulated::default();
    for handler in handlers {
        regulated.add(server, handler);
        variants.push(variant(server, handler));
        kinds.push(kind(handler));
    }
    for behaviour in &server.behaviours {
        regulated.add_behaviour(server, behaviour);
        let (variant, part) = (&behaviour.variant, behaviour.msg(server));
        let doc = format!("What `{variant}` understands.");
        variants.push(quote!(#[doc = #doc] #variant(#part)));
        kinds.push(quote!(Self::#variant(ref msg) => #krate::Message::kind(msg)));
    }
    let (phantom, phantom_kind) = phantom(server);
    let allow_deprecated = allow_deprecated(server);
    let doc = format!("What `{name}` understands: one variant per handler.");
    quote! {
        #[doc = #doc]
        #allowed
        #vis enum #msg #impl_generics #where_clause { #(#variants,)* #phantom }
        #allow_deprecated
        impl #impl_generics #krate::Message for #msg #ty_generics #where_clause {
            fn kind(&self) -> &'static str {
                match *self { #(#kinds,)* #phantom_kind }
            }
            #regulated
        }
    }
}

/// What a mailbox that does not just refuse has to know of its messages.
#[derive(Default)]
struct Regulated {
    krate: Option<TokenStream>,
    policies: Vec<TokenStream>,
    abandoned: Vec<TokenStream>,
}

impl Regulated {
    fn add(&mut self, server: &Server, handler: &Handler) {
        let policy = match (&handler.role, server.cast_on_full(handler)) {
            (_, OnFull::Reject) => return,
            (Role::Call(_) | Role::Session(_), OnFull::DropOldest) => quote!(MakeRoom),
            (Role::Info { .. }, OnFull::Wait) => quote!(GoOver),
            (_, OnFull::DropOldest) => quote!(DropOldest),
            (_, OnFull::Wait) => quote!(Wait),
        };
        let (krate, cfgs, variant) = (&server.krate, handler.method.cfgs(), handler.variant());
        self.policies.push(quote!(#cfgs Self::#variant { .. } => #krate::OnFull::#policy));
        if let Some(from) = reply_field(handler) {
            let left = quote!(Self::#variant { #from, .. } => #from.is_abandoned());
            self.abandoned.push(quote!(#cfgs #left));
        }
        self.krate = Some(quote!(#krate));
    }

    /// Those of a behaviour know whether they are calls.
    fn add_behaviour(&mut self, server: &Server, behaviour: &Behaviour) {
        if server.on_full != OnFull::DropOldest {
            return;
        }
        let (krate, variant) = (&server.krate, &behaviour.variant);
        let ask = |question| quote!(Self::#variant(msg) => #krate::Message::#question(msg));
        self.policies.push(ask(quote!(on_full)));
        self.abandoned.push(ask(quote!(is_abandoned)));
        self.krate = Some(quote!(#krate));
    }
}

impl ToTokens for Regulated {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let (policies, abandoned) = (&self.policies, &self.abandoned);
        let Some(krate) = &self.krate else { return };
        tokens.extend(quote! {
            const REGULATED: bool = true;
            #[allow(unreachable_patterns)]
            fn on_full(&self) -> #krate::OnFull {
                match self { #(#policies,)* _ => #krate::OnFull::Reject }
            }
            #[allow(unreachable_patterns)]
            fn is_abandoned(&self) -> bool {
                match self { #(#abandoned,)* _ => false }
            }
        });
    }
}

fn variant(server: &Server, handler: &Handler) -> TokenStream {
    let method = &handler.method;
    let carried = method.carried();
    let variant = handler.variant();
    let values = method.values().enumerate().map(|(place, param)| {
        let (name, ty) = (variant_field(handler, place, param), stored(param, server));
        quote!(#name: #ty)
    });
    let reply = reply_field(handler).map(|name| {
        let ty = reply_handle(server, handler);
        quote!(#name: #ty)
    });
    let fields = values.chain(reply);
    quote!(#carried #variant { #(#fields),* })
}

fn kind(handler: &Handler) -> TokenStream {
    let (cfgs, variant) = (handler.method.cfgs(), handler.variant());
    let name = syn::ext::IdentExt::unraw(&handler.method.name).to_string();
    quote!(#cfgs Self::#variant { .. } => #name)
}

/// What a value is called in the variant; the one message of an `#[info]` is `msg`.
pub(crate) fn variant_field(handler: &Handler, place: usize, param: &Param) -> Ident {
    match handler.role {
        Role::Info { .. } => quote::format_ident!("msg", span = handler.method.span()),
        _ => field(place, param),
    }
}

/// What the reply handle of a call is called in the variant: `from`, unless an argument is.
pub(crate) fn reply_field(handler: &Handler) -> Option<Ident> {
    if handler.call().is_none() && handler.session().is_none() {
        return None;
    }
    let method = &handler.method;
    let is_taken = |name: &str| method.values().any(|param| param.called() == name);
    let free = ["from", "reply_to", "__cordial_from"].into_iter().find(|name| !is_taken(name));
    Some(quote::format_ident!("{}", free.unwrap_or("from"), span = method.span()))
}

/// The type of the reply handle: as the user wrote it, if he did.
fn reply_handle(server: &Server, handler: &Handler) -> TokenStream {
    if let Some(from) = handler.method.reply_to() {
        return outside(&from.ty, server);
    }
    let krate = &server.krate;
    let reply = handler.call().and_then(|_| handler.reply());
    let reply = reply.map_or_else(|| quote!(()), |ty| outside(ty, server));
    quote!(#krate::ReplyTo<#reply>)
}

/// Keeps the type parameters of a generic server in use.
fn phantom(server: &Server) -> (TokenStream, TokenStream) {
    let params = server.type_params();
    if params.is_empty() {
        return Default::default();
    }
    let variant = quote! {
        #[doc(hidden)]
        __Phantom(::core::marker::PhantomData<fn(#(&#params),*)>, ::core::convert::Infallible)
    };
    (variant, quote!(Self::__Phantom(_, never) => match never {}))
}

/// Says of each type that travels that it can, at the place where the user wrote it.
pub(in crate::gen_server) fn assertions(server: &Server) -> TokenStream {
    let krate = &server.krate;
    let types: Vec<(TokenStream, Type)> = server
        .handlers
        .iter()
        .flat_map(|handler| {
            let types = asserted(server, handler);
            types.map(|ty| (handler.method.cfgs(), argument::without_self(ty, &server.self_ty)))
        })
        .collect();
    let types = types.iter().map(|(cfgs, ty)| (cfgs.clone(), ty));
    let sent = ask(&quote!(#krate::__private::Sent), types);
    let closed = closed(server);
    quote!(#sent #closed)
}

/// `closed`: says of each type that travels that it holds no handle, parameters of the server's
/// included.
fn closed(server: &Server) -> TokenStream {
    if !server.closed {
        return TokenStream::new();
    }
    let krate = &server.krate;
    let asked = server.handlers.iter().filter(|handler| handler.role.is_message());
    let asked = asked.flat_map(|handler| {
        let types = travelling(handler).filter(|ty| !argument::is_known_send(ty));
        types.map(|ty| {
            let (cfgs, ty) = (handler.method.cfgs(), outside(ty, server));
            let open = hygiene::respanned(quote!(#krate::__private::no_handle::<), ty.span());
            quote!(#cfgs #open #ty>();)
        })
    });
    let asked: Vec<TokenStream> = asked.collect();
    let (impl_generics, _, where_clause) = server.generics.split_for_impl();
    quote! {
        const _: () = {
            #[allow(dead_code)]
            fn closed #impl_generics() #where_clause { #(#asked)* }
        };
    }
}

/// The types of what a message and its answer carry.
fn travelling(handler: &Handler) -> impl Iterator<Item = &Type> {
    let sent = handler.method.values().filter_map(|param| match param.lent() {
        Some(Type::Slice(slice)) => Some(&*slice.elem),
        Some(_) => None,
        None => Some(&param.ty),
    });
    sent.chain(handler.call().and_then(|_| handler.reply()))
}

/// The types of a handler that have to be `Send + 'static`, as far as that can be asked outside of
/// the `impl` and is not known.
fn asserted<'a>(server: &Server, handler: &'a Handler) -> impl Iterator<Item = &'a Type> {
    let generic = server.params();
    travelling(handler).filter(move |ty| {
        !argument::is_known_send(ty) && !argument::mentions(quote!(#ty), &generic)
    })
}
