//! `registry!`: a type that stands for a registry.
//!
//! ```text
//! pub Rooms: String => ChatRoom, unique      enum Rooms {}  impl Registry  impl Unique  impl Child
//! ```

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Path, Token, Type, Visibility};

use crate::attrs;
use crate::crate_path::CratePath;
use crate::entry::Expansion;
use crate::errors::Errors;
use crate::hygiene;
use crate::messages::{self, fill};

const KNOWN: [&str; 6] = ["unique", "duplicate", "value", "partitions", "listener", "meta"];

/// What a use of `registry!` becomes: items.
pub(crate) fn expand(input: TokenStream) -> Expansion {
    let mut errors = Errors::default();
    let read = |input: ParseStream<'_>| Registry::read(input, &mut errors);
    let registry = match read.parse2(input) {
        Ok(registry) => registry,
        Err(error) => return Expansion::broken(TokenStream::new(), error),
    };
    registry.check(&mut errors);
    let tokens = registry.expand();
    match errors.finish() {
        Ok(()) => Expansion::good(tokens),
        Err(error) => Expansion::broken(tokens, error),
    }
}

/// One registry as the user wrote it.
struct Registry {
    krate: CratePath,
    attrs: Vec<Attribute>,
    vis: Visibility,
    name: Ident,
    key: Type,
    /// Who is found; `None` and `Pid`: any process, by its pid.
    server: Option<Type>,
    unique: Option<Ident>,
    duplicate: Option<Ident>,
    value: Option<Type>,
    partitions: Option<Expr>,
    listener: Option<Path>,
    meta: Option<Expr>,
}

// ===== Parse =====

impl Registry {
    fn read(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Self> {
        let krate = CratePath::parse_front(input)?;
        let (attrs, vis) = (input.call(Attribute::parse_outer)?, input.parse()?);
        let shape = |error: syn::Error| syn::Error::new(error.span(), messages::REGISTRY_SHAPE);
        let name = input.parse().map_err(shape)?;
        input.parse::<Token![:]>().map_err(shape)?;
        let key = input.parse()?;
        let server = match input.parse::<Option<Token![=>]>>()? {
            Some(_) => Some(input.parse()?),
            None => None,
        };
        let mut registry = Self {
            krate,
            attrs,
            vis,
            name,
            key,
            server,
            unique: None,
            duplicate: None,
            value: None,
            partitions: None,
            listener: None,
            meta: None,
        };
        while !input.is_empty() {
            input.parse::<Token![,]>().map_err(shape)?;
            if !input.is_empty() {
                registry.read_option(input, errors)?;
            }
        }
        Ok(registry)
    }

    fn read_option(&mut self, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        let word = input.call(Ident::parse_any)?;
        let text = word.to_string();
        if !KNOWN.contains(&text.as_str()) {
            errors.at(&word, attrs::unknown("option", &text, KNOWN));
            return skip_option(input);
        }
        if self.has(&text) {
            errors.at(&word, fill(messages::OPTION_GIVEN_TWICE, &[&text]));
            return skip_option(input);
        }
        if !matches!(text.as_str(), "unique" | "duplicate") && !input.peek(Token![=]) {
            errors.at(&word, fill(messages::OPTION_NEEDS_VALUE, &[&text]));
            return skip_option(input);
        }
        match text.as_str() {
            "unique" => self.unique = Some(word),
            "duplicate" => self.duplicate = Some(word),
            "value" => self.value = Some(value(input)?),
            "partitions" => self.partitions = Some(value(input)?),
            "listener" => self.listener = Some(value(input)?),
            _ => self.meta = Some(value(input)?),
        }
        Ok(())
    }

    fn has(&self, word: &str) -> bool {
        match word {
            "unique" => self.unique.is_some(),
            "duplicate" => self.duplicate.is_some(),
            "value" => self.value.is_some(),
            "partitions" => self.partitions.is_some(),
            "listener" => self.listener.is_some(),
            _ => self.meta.is_some(),
        }
    }

    fn check(&self, errors: &mut Errors) {
        match (&self.unique, &self.duplicate) {
            (None, None) => errors.at(&self.name, messages::REGISTRY_NEEDS_KEYS),
            (Some(_), Some(word)) => errors.at(word, messages::REGISTRY_HAS_BOTH_KEYS),
            _ => {}
        }
    }
}

fn value<T: syn::parse::Parse>(input: ParseStream<'_>) -> syn::Result<T> {
    input.parse::<Token![=]>()?;
    input.parse()
}

/// Up to the next comma.
fn skip_option(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}

/// `Pid`, wherever it is from.
fn is_pid(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path.path.segments.last().is_some_and(|last| last.ident == "Pid"),
        _ => false,
    }
}

// ===== Expand =====

impl Registry {
    fn expand(&self) -> TokenStream {
        let Self { krate, attrs, vis, name, .. } = self;
        let (registry, functions) = (self.registry(), self.functions());
        let keys = match &self.duplicate {
            Some(_) => quote!(Duplicate),
            None => quote!(Unique),
        };
        quote! {
            #(#attrs)*
            #[allow(dead_code)]
            #[derive(::core::fmt::Debug)]
            #vis enum #name {}
            #registry
            impl #krate::registry::#keys for #name {}
            impl #krate::Child for #name {
                type Handle = #krate::Ref<#krate::registry::Keeper<Self>>;
            }
            #functions
        }
    }

    fn registry(&self) -> TokenStream {
        let Self { krate, name, key, value, .. } = self;
        let text = name.unraw().to_string();
        let keys = match &self.duplicate {
            Some(_) => quote!(Duplicate),
            None => quote!(Unique),
        };
        let member = match &self.server {
            Some(pid) if is_pid(pid) => pid.to_token_stream(),
            // That it is no server is told where it stands.
            Some(server) => {
                let (span, krate) = (hygiene::at(server.span()), krate.at(server.span()));
                let (open, close) = (quote_spanned!(span=> Ref<), quote_spanned!(span=> >));
                quote!(#krate::#open #server #close)
            }
            None => quote!(#krate::Pid),
        };
        let value = value.as_ref().map_or_else(|| quote!(()), ToTokens::to_token_stream);
        let partitions = self
            .partitions
            .as_ref()
            .map(|count| quote!(const PARTITIONS: ::core::primitive::usize = #count;));
        let listener = self.listener.as_ref().map(|listener| {
            quote! {
                fn tell(event: &#krate::registry::Event<Self>) {
                    #krate::__private::tell_listener::<#listener, Self>(event);
                }
            }
        });
        let meta = self.meta.as_ref().map(|meta| {
            quote! {
                fn prepare() {
                    let _ = <Self as #krate::registry::Registry>::put_meta(#meta);
                }
            }
        });
        quote! {
            impl #krate::registry::Registry for #name {
                type Key = #key;
                type Member = #member;
                type Value = #value;
                const NAME: &'static ::core::primitive::str = #text;
                const KEYS: #krate::registry::Keys = #krate::registry::Keys::#keys;
                #partitions
                #listener
                #meta
            }
        }
    }

    /// What `supervisor!` and everybody calls who has not imported the trait.
    fn functions(&self) -> TokenStream {
        let Self { krate, vis, name, .. } = self;
        quote! {
            #[allow(dead_code)]
            impl #name {
                #[doc = "Starts the registry by itself; in a program it is a child."]
                #vis fn start() -> #krate::Start<#krate::registry::Keeper<Self>> {
                    <Self as #krate::registry::Registry>::start()
                }
                #[doc = "How a supervisor starts the registry."]
                #vis fn child_spec() -> #krate::ChildSpec<#krate::registry::Keeper<Self>> {
                    <Self as #krate::registry::Registry>::child_spec()
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(input: TokenStream) -> Vec<String> {
        let error = expand(input).error;
        error.into_iter().flatten().map(|error| error.to_string()).collect()
    }

    #[test]
    fn each_mistake_is_told_once() {
        assert_eq!(errors(quote!(pub Rooms: String => Room, unique)), [""; 0]);
        assert_eq!(errors(quote!(Rooms: String, duplicate, value = Vec<(u8, u8)>,)), [""; 0]);
        assert_eq!(errors(quote!(Rooms: String)), [messages::REGISTRY_NEEDS_KEYS]);
        assert_eq!(errors(quote!(Rooms => Room)), [messages::REGISTRY_SHAPE]);
        assert_eq!(
            errors(quote!(Rooms: String, unique, duplicate, uniqe, value)),
            [
                "unknown option `uniqe`; did you mean `unique`?",
                "`value` needs a value: `value = ..`",
                messages::REGISTRY_HAS_BOTH_KEYS,
            ]
        );
    }
}
