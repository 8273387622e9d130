//! The struct's side of `#[gen_server]`: what the process is.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Attribute, Field, GenericParam, Type};

use super::expand::ask;
use super::model::{Identity, Restart, Shutdown, Version, Via};
use super::parse::IdentityInput;
use super::{local, options};
use crate::attrs::Options;
use crate::crate_path::CratePath;
use crate::entry::Expansion;
use crate::errors::Errors;
use crate::inspect::{self, Shape};
use crate::{argument, hygiene};

/// Expands `#[gen_server(args)]` on a struct or an enum, which is emitted as it is.
pub(super) fn expand(args: TokenStream, input: IdentityInput, item: &TokenStream) -> Expansion {
    let mut errors = Errors::default();
    let identity = Identity::read(args, input, &mut errors);
    // A wrong option leaves its default, so that the type is a server beside the error.
    let before = errors.count();
    if !identity.local {
        local::tell_flaws(&identity.fields, &mut errors);
    }
    let is_told_of_local = errors.count() > before;
    let shell = implement(&identity, is_told_of_local);
    let marks = inspect::implement(&identity.shape, &identity.krate, identity.inspect.as_ref());
    let item = match identity.shape.says_something() {
        true => inspect::without_marks(item.clone()),
        false => item.clone(),
    };
    let tokens = quote!(#item #shell #marks);
    match errors.finish() {
        Ok(()) => Expansion::good(tokens),
        Err(error) => Expansion::broken(tokens, error),
    }
}

impl Identity {
    fn read(args: TokenStream, input: IdentityInput, errors: &mut Errors) -> Self {
        let mut options = Options::read(args, options::ON_STRUCT, errors);
        let local = options.flag("local");
        if local.is_some() {
            local::refuse_options(&mut options, errors);
        }
        let krate = CratePath::take(&mut options, errors);
        let registered = options::registered(&mut options, errors);
        let shape = Shape::read(&input.whole, errors);
        Self {
            krate,
            name: input.name,
            vis: input.vis,
            generics: input.generics,
            fields: input.fields,
            via: options::via(&mut options, registered.is_some(), errors),
            registered,
            restart: options::restart(&mut options, errors),
            shutdown: options::shutdown(&mut options, errors),
            inspect: options.value("inspect").and_then(|value| inspect::mode(&value, errors)),
            shape,
            version: {
                let before = errors.count();
                let version = options::version(&mut options, "version", errors);
                // Beside an error every step is one from an older version.
                let newest = Version { number: u32::MAX, span: Span::call_site() };
                version.or((errors.count() > before).then_some(newest))
            },
            local: local.is_some(),
        }
    }
}

impl Identity {
    /// The type of the process whose state `state` is.
    fn actor(&self, state: &TokenStream) -> TokenStream {
        let krate = &self.krate;
        if self.local { quote!(#krate::Local<#state>) } else { state.clone() }
    }
}

/// `is_told_of_local`: that it should be local was told, and is not told at its `impl` once more.
fn implement(identity: &Identity, is_told_of_local: bool) -> TokenStream {
    let Identity { krate, name, vis, shape, inspect, .. } = identity;
    let (shown, warnings) = (
        inspect::show(shape, krate, inspect.as_ref()),
        inspect::warnings(shape, krate, inspect.as_ref()),
    );
    let bounds = inspect::bounds(shape, krate, inspect.as_ref());
    let generics = inspect::with_bounds(&identity.generics, bounds);
    let (impl_generics, ty, where_clause) = generics.split_for_impl();
    let consts = consts(identity);
    let replay = match identity.restart {
        Some(Restart::Temporary) => quote!(#krate::__private::Once),
        _ => quote!(#krate::__private::Replayed),
    };
    let replay = match identity.local {
        true => quote!(#krate::__private::OfLocal<#replay>),
        false => replay,
    };
    let actor = identity.actor(&quote!(#name #ty));
    let handle = hygiene::suffixed(name, "Ref");
    let doc = format!("The handle of [`{name}`]: cheap to clone, it survives restarts.");
    let alias_generics = alias_generics(identity);
    let (whereis, keyed) = (whereis(identity), keyed(identity));
    let (checks, follows) = (checks(identity, is_told_of_local), follows(identity));
    let local = (identity.local || is_told_of_local).then(|| {
        quote!(impl #impl_generics #krate::gen_server::LocalStruct for #name #ty #where_clause {})
    });
    quote! {
        #checks
        #follows
        #warnings
        impl #impl_generics #krate::ServerStruct for #name #ty #where_clause {
            #consts
            #shown
            type Replay = #replay;
        }
        #local
        #[doc = #doc]
        #[allow(dead_code)]
        #vis type #handle #alias_generics = #krate::Ref<#actor>;
        #whereis
        #keyed
    }
}

/// What differs from the defaults.
fn consts(identity: &Identity) -> TokenStream {
    let krate = &identity.krate;
    let name = identity.registered.as_ref().map(|name| {
        quote! {
            const NAME: ::core::option::Option<&'static str> = ::core::option::Option::Some(#name);
        }
    });
    let restart = match identity.restart {
        None | Some(Restart::Permanent) => None,
        Some(Restart::Transient) => Some(quote!(Transient)),
        Some(Restart::Temporary) => Some(quote!(Temporary)),
    };
    let restart =
        restart.map(|restart| quote!(const RESTART: #krate::Restart = #krate::Restart::#restart;));
    let shutdown = identity.shutdown.as_ref().map(|shutdown| match shutdown {
        Shutdown::BrutalKill => quote!(BrutalKill),
        Shutdown::Infinity => quote!(Infinity),
        Shutdown::After(time) => quote!(Timeout(#time)),
    });
    let shutdown = shutdown
        .map(|shutdown| quote!(const SHUTDOWN: #krate::Shutdown = #krate::Shutdown::#shutdown;));
    let version =
        identity.version.map(|Version { number, .. }| quote!(const VERSION: u32 = #number;));
    quote!(#name #restart #shutdown #version)
}

/// That a step leads from the version before to this one.
fn follows(identity: &Identity) -> TokenStream {
    let Identity { krate, name, .. } = identity;
    let Some(Version { number, span }) = identity.version else { return TokenStream::new() };
    if number == 1 || number == u32::MAX || !identity.generics.params.is_empty() {
        return TokenStream::new();
    }
    let before = number - 1;
    let name = hygiene::respanned(name, span);
    quote_spanned! {span=>
        const _: () = #krate::__private::follows::<#name, #before, #number>();
    }
}

/// The parameters of the alias: those of the struct, without their bounds.
fn alias_generics(identity: &Identity) -> TokenStream {
    if identity.generics.params.is_empty() {
        return TokenStream::new();
    }
    let params = identity.generics.params.iter().map(|param| match param {
        GenericParam::Type(param) => {
            let (name, default) = (&param.ident, &param.default);
            let default = default.as_ref().map(|(_, default)| quote!(= #default));
            quote!(#name #default)
        }
        other => quote!(#other),
    });
    quote!(<#(#params),*>)
}

/// `X::whereis()`, for a server that has a name.
fn whereis(identity: &Identity) -> TokenStream {
    if identity.registered.is_none() {
        return TokenStream::new();
    }
    let Identity { krate, name, .. } = identity;
    let (impl_generics, ty, where_clause) = identity.generics.split_for_impl();
    let actor = identity.actor(&quote!(Self));
    let bound = (!identity.generics.params.is_empty()).then(|| {
        let where_clause = where_clause.map(|clause| &clause.predicates);
        quote!(where #actor: #krate::GenServer, #where_clause)
    });
    quote! {
        #[allow(dead_code)]
        impl #impl_generics #name #ty #bound {
            /// The server that is registered under this type's name, if one is.
            pub fn whereis() -> ::core::option::Option<#krate::Ref<#actor>> {
                #krate::__private::registered::<#actor>()
            }
        }
    }
}

/// `X::at(&key)` and `X::whereis(&key)`, for a server that a registry names.
fn keyed(identity: &Identity) -> TokenStream {
    let Some(Via { registry, key }) = &identity.via else { return TokenStream::new() };
    let Identity { krate, name, generics, .. } = identity;
    let (impl_generics, ty, where_clause) = generics.split_for_impl();
    let bound = (!generics.params.is_empty()).then(|| {
        let where_clause = where_clause.map(|clause| &clause.predicates);
        quote!(where Self: #krate::registry::Keyed<Key = #key>, #where_clause)
    });
    quote! {
        impl #impl_generics #krate::registry::Keyed for #name #ty #where_clause {
            type Key = #key;
            type Via = #registry;
        }
        #[allow(dead_code, private_interfaces)]
        impl #impl_generics #name #ty #bound {
            /// An address that stands for this key: each message goes to the server that has it
            /// then.
            pub fn at<__Q>(key: &__Q) -> #krate::Ref<Self>
            where
                __Q: #krate::registry::AsKey<#key> + ?::core::marker::Sized,
            {
                #krate::__private::at::<Self, __Q>(key)
            }
            /// The server that has this key, if one has.
            pub fn whereis<__Q>(key: &__Q) -> ::core::option::Option<#krate::Ref<Self>>
            where
                __Q: #krate::registry::AsKey<#key> + ?::core::marker::Sized,
            {
                #krate::__private::whereis::<Self, __Q>(key)
            }
        }
    }
}

/// That the `impl` is there, and that the state may live in a process.
fn checks(identity: &Identity, is_told_of_local: bool) -> TokenStream {
    let Identity { krate, name, generics, .. } = identity;
    let mut names: Vec<Ident> = generics.params.iter().filter_map(param_name).collect();
    if !names.is_empty() {
        names.push(Ident::new("Self", Span::call_site())); // It has those parameters, too.
    }
    let is_cfg = |attr: &&Attribute| attr.path().is_ident("cfg");
    let asked = |Field { ty, attrs, .. }: &&Field| {
        !argument::is_known_send(ty)
            && !argument::mentions(quote!(#ty), &names)
            && (argument::flaw(ty).is_none() || attrs.iter().any(|attr| is_cfg(&attr)))
    };
    let own: Type = syn::parse_quote!(#name);
    let fields = identity.fields.iter().filter(|_| !identity.local);
    let fields = fields.filter(asked).map(|field| {
        let cfgs = field.attrs.iter().filter(is_cfg);
        (quote!(#(#cfgs)*), argument::without_self(&field.ty, &own))
    });
    let fields: Vec<_> = fields.collect();
    let fields = fields.iter().map(|(cfgs, ty)| (cfgs.clone(), ty));
    let fields = ask(&quote!(#krate::__private::Kept), fields);
    let is_asked = generics.params.is_empty() && !is_told_of_local;
    let server_of = is_asked.then(|| {
        let word = if identity.local { "local_server_of" } else { "server_of" };
        let server_of = Ident::new(word, name.span());
        quote_spanned! {name.span()=>
            const _: () = #krate::__private::#server_of::<#name>();
        }
    });
    quote!(#fields #server_of)
}

fn param_name(param: &GenericParam) -> Option<Ident> {
    match param {
        GenericParam::Type(param) => Some(param.ident.clone()),
        GenericParam::Const(param) => Some(param.ident.clone()),
        GenericParam::Lifetime(param) => Some(param.lifetime.ident.clone()),
    }
}
