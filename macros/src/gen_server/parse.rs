//! Tokens → [`ServerInput`]: which of its two items `#[gen_server]` stands on.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{DeriveInput, Field, Generics, Ident, ImplItem, Item, ItemImpl, Visibility};

use crate::hygiene::regrouped;
use crate::messages;

/// The item under `#[gen_server]`.
pub(super) enum ServerInput {
    /// What the process is.
    Identity(Box<IdentityInput>),
    /// What the process understands.
    Protocol(Box<ItemImpl>),
}

/// A struct or an enum, which is emitted as it is.
pub(super) struct IdentityInput {
    pub(super) name: Ident,
    pub(super) vis: Visibility,
    pub(super) generics: Generics,
    pub(super) fields: Vec<Field>,
    /// All of it.
    pub(super) whole: DeriveInput,
}

impl ServerInput {
    /// Reads the item, or says why it is none of ours.
    pub(super) fn parse(item: TokenStream) -> syn::Result<Self> {
        let identity = |whole: DeriveInput, fields| {
            let (name, vis) = (whole.ident.clone(), whole.vis.clone());
            let generics = whole.generics.clone();
            Self::Identity(Box::new(IdentityInput { name, vis, generics, fields, whole }))
        };
        match syn::parse2::<Item>(item)? {
            Item::Struct(item) => {
                let fields = item.fields.iter().cloned().collect();
                Ok(identity(item.into(), fields))
            }
            Item::Enum(item) => {
                let fields = item.variants.clone().into_iter().flat_map(|variant| {
                    let is_cfg = |attr: &syn::Attribute| attr.path().is_ident("cfg");
                    let cfgs: Vec<_> = variant.attrs.into_iter().filter(is_cfg).collect();
                    variant.fields.into_iter().map(move |mut field| {
                        field.attrs.extend(cfgs.clone());
                        field
                    })
                });
                let fields = fields.collect();
                Ok(identity(item.into(), fields))
            }
            Item::Impl(item) => Self::parse_impl(item),
            other => Err(wrong(&other, messages::GEN_SERVER_ON_WRONG_ITEM)),
        }
    }

    /// What can be read of an `impl` that cannot be read as a whole: its other methods.
    pub(super) fn parse_readable(item: TokenStream) -> Option<ItemImpl> {
        if syn::parse2::<Item>(item.clone()).is_ok() {
            return None;
        }
        let mut tokens: Vec<TokenTree> = item.into_iter().collect();
        let Some(TokenTree::Group(body)) = tokens.last_mut() else { return None };
        *body = regrouped(body, readable_items(body.stream()));
        let item = syn::parse2::<ItemImpl>(tokens.into_iter().collect()).ok()?;
        match Self::parse_impl(item) {
            Ok(Self::Protocol(item)) => Some(*item),
            _ => None,
        }
    }

    fn parse_impl(item: ItemImpl) -> syn::Result<Self> {
        if let Some((path, _)) = &item.trait_ {
            return Err(wrong(path, messages::GEN_SERVER_ON_TRAIT_IMPL));
        }
        if crate::argument::last_segment(&item.self_ty).is_none() {
            return Err(wrong(&item.self_ty, messages::SERVER_HAS_NO_NAME));
        }
        Ok(Self::Protocol(Box::new(item)))
    }
}

/// An item ends with its braces or its semicolon.
fn readable_items(items: TokenStream) -> TokenStream {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(sign) => sign.as_char() == ';',
        _ => false,
    };
    let tokens: Vec<TokenTree> = items.into_iter().collect();
    let items = tokens.split_inclusive(ends).map(|item| item.iter().cloned().collect());
    let is_readable = |item: &TokenStream| {
        syn::parse2::<ImplItem>(item.clone())
            .is_ok_and(|item| !matches!(item, ImplItem::Verbatim(_)))
    };
    items.filter(is_readable).collect()
}

fn wrong(tokens: &impl ToTokens, message: &str) -> syn::Error {
    syn::Error::new_spanned(tokens, message)
}
