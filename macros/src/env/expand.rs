//! Model → tokens: the list of keys, and one read per field.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprArray, ExprLit, Lit, Type};

use super::model::{Environment, Key, KeyKind, argument_of, is_called};
use crate::attrs::int_with_unit;
use crate::crate_path::CratePath;
use crate::hygiene;

/// The impl of a correct environment.
pub(super) fn environment(environment: &Environment) -> TokenStream {
    let Environment { krate, name, keys, .. } = environment;
    let described = keys.iter().map(|key| described(krate, key));
    let reader = hygiene::local("reader");
    let reads = keys.iter().map(|key| {
        let Key { cfgs, field, .. } = key;
        let read = read(krate, key);
        quote!(#(#cfgs)* let #field = #reader.#read;)
    });
    let fields = keys.iter().map(|Key { cfgs, field, .. }| quote!(#(#cfgs)* #field: #field?,));
    quote! {
        impl #krate::Env for #name {
            const KEYS: &'static [#krate::env::Key] = &[#(#described),*];
            fn read(#reader: &mut #krate::env::Reader<'_>) -> ::core::option::Option<Self> {
                #(#reads)*
                ::core::option::Option::Some(Self { #(#fields)* })
            }
        }
    }
}

/// The impl beside errors: no key is known.
pub(super) fn fallback(environment: &Environment) -> TokenStream {
    let Environment { krate, name, generics, .. } = environment;
    let (params, args, where_clause) = generics.split_for_impl();
    if generics.params.iter().next().is_some() {
        return TokenStream::new();
    }
    quote! {
        impl #params #krate::Env for #name #args #where_clause {
            const KEYS: &'static [#krate::env::Key] = &[];
            fn read(_: &mut #krate::env::Reader<'_>) -> ::core::option::Option<Self> {
                ::core::unreachable!()
            }
        }
    }
}

// ===== Keys =====

fn described(krate: &CratePath, key: &Key) -> TokenStream {
    let Key { cfgs, doc, ty, kind, .. } = key;
    let text = key.text();
    let new = if let KeyKind::Nested = kind {
        let span = hygiene::at(ty.span());
        let keys = quote_spanned!(span=> <#ty as #krate::Env>::KEYS);
        quote!(#krate::env::Key::section(#text, #keys))
    } else {
        let shown = shown(ty);
        quote!(#krate::env::Key::new(#text, #shown))
    };
    let doc = (!doc.is_empty()).then(|| quote!(.doc(#doc)));
    let default = default_text(kind).map(|text| quote!(.default(#text)));
    let secret = holds_secret(ty).then(|| quote!(.secret()));
    quote!(#(#cfgs)* #new #doc #default #secret)
}

fn holds_secret(ty: &Type) -> bool {
    is_called(ty, "Secret")
        || ["Option", "Vec"].iter().any(|word| argument_of(ty, word).is_some_and(holds_secret))
}

fn shown(ty: &Type) -> String {
    ty.to_token_stream().to_string().replace(' ', "")
}

/// The default as it would be written in a file or a variable; code has no text.
fn default_text(kind: &KeyKind) -> Option<String> {
    match kind {
        KeyKind::Defaulted(Some(Expr::Array(list))) => {
            list_texts(list).map(|texts| texts.join(", "))
        }
        KeyKind::Defaulted(Some(default)) => text_of(default),
        KeyKind::Compiled(_, text) => Some(text.value()),
        _ => None,
    }
}

/// The text of a literal.
fn text_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        Expr::Lit(ExprLit { lit: Lit::Bool(truth), .. }) => Some(truth.value.to_string()),
        Expr::Lit(ExprLit { lit: Lit::Int(int), .. }) => match int_with_unit(int) {
            Ok(_) => Some(int.to_string()),
            Err(_) => Some(int.base10_digits().to_owned()),
        },
        Expr::Lit(ExprLit { lit: Lit::Float(float), .. }) => Some(float.base10_digits().to_owned()),
        Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Neg(_)) => {
            text_of(&unary.expr).map(|text| format!("-{text}"))
        }
        _ => None,
    }
}

fn list_texts(list: &ExprArray) -> Option<Vec<String>> {
    list.elems.iter().map(text_of).collect()
}

// ===== Reads =====

fn read(krate: &CratePath, key: &Key) -> TokenStream {
    let text = key.text();
    let value = |ty: &Type| value(krate, ty);
    match &key.kind {
        KeyKind::Nested => {
            let ty = &key.ty;
            quote_spanned!(hygiene::at(ty.span())=> section::<#ty>(#text))
        }
        KeyKind::Optional(inner) => {
            let value = value(inner);
            quote!(optional(#text, #value))
        }
        KeyKind::Required => {
            let value = value(&key.ty);
            quote!(required(#text, #value))
        }
        KeyKind::Defaulted(default) => {
            let value = value(&key.ty);
            defaulted(&text, &key.ty, default.as_ref(), &value)
        }
        KeyKind::Compiled(variable, default) => {
            let value = value(&key.ty);
            quote!(compiled(#text, #value, ::core::option_env!(#variable), #default))
        }
    }
}

fn defaulted(text: &str, ty: &Type, default: Option<&Expr>, value: &TokenStream) -> TokenStream {
    let Some(default) = default else {
        return quote!(or(#text, #value, ::core::default::Default::default));
    };
    match default {
        Expr::Array(list) if argument_of(ty, "Vec").is_some() => {
            if let Some(texts) = list_texts(list) {
                return quote!(or_list(#text, #value, &[#(#texts),*]));
            }
        }
        Expr::Lit(ExprLit { lit: Lit::Str(given), .. }) => {
            return quote!(or_text(#text, #value, #given));
        }
        Expr::Lit(ExprLit { lit: Lit::Int(int), .. }) if int_with_unit(int).is_ok() => {
            let given = int.to_string();
            return quote!(or_text(#text, #value, #given));
        }
        // A bare number of the wrong size is refused by the compiler itself.
        _ => {}
    }
    quote!(or(#text, #value, || #default))
}

/// How a value of this type is read.
fn value(krate: &CratePath, ty: &Type) -> TokenStream {
    for (word, function) in [("Vec", "list"), ("Secret", "secret")] {
        if let Some(inner) = argument_of(ty, word) {
            let (inner, raw) = (value(krate, inner), hygiene::local("raw"));
            let function = hygiene::item(function);
            return quote! {
                |#raw: &#krate::env::Raw| #krate::env::#function(#raw, #inner)
            };
        }
    }
    if is_called(ty, "Duration") {
        return quote!(#krate::env::duration);
    }
    let raw = hygiene::local("raw");
    let one = quote_spanned!(hygiene::at(ty.span())=> #krate::env::one::<#ty>);
    quote!(|#raw: &#krate::env::Raw| #one(#raw))
}
