//! What an environment is: plain data, read from the struct and checked on the way.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::{
    Attribute, Data, DeriveInput, Expr, ExprLit, Field, Fields, GenericArgument, Generics, Lit,
    LitStr, Meta, PathArguments, Type,
};

use crate::argument::is_name;
use crate::attrs::{Kind, Known, Options};
use crate::crate_path::CratePath;
use crate::errors::Errors;
use crate::messages::{self, fill};

const OPTIONS: [Known; 3] =
    [("default", Kind::FlagOrValue), ("nested", Kind::Flag), ("compiled", Kind::Value)];

/// A derived struct.
pub(super) struct Environment {
    pub(super) krate: CratePath,
    pub(super) name: Ident,
    pub(super) generics: Generics,
    pub(super) keys: Vec<Key>,
}

/// One field.
pub(super) struct Key {
    pub(super) cfgs: Vec<Attribute>,
    pub(super) field: Ident,
    pub(super) doc: String,
    pub(super) ty: Type,
    pub(super) kind: KeyKind,
}

pub(super) enum KeyKind {
    Nested,
    /// `Option<T>`, with the `T`.
    Optional(Type),
    Required,
    /// `None`: `Default::default()`.
    Defaulted(Option<Expr>),
    /// Fixed by this variable of the build, and the text that holds without it.
    Compiled(LitStr, LitStr),
}

impl Key {
    /// As it is written in files.
    pub(super) fn text(&self) -> String {
        self.field.unraw().to_string()
    }
}

impl Environment {
    pub(super) fn read(input: &DeriveInput, errors: &mut Errors) -> Self {
        let mut options = options(&input.attrs, &[("crate", Kind::Value)], errors);
        let krate = CratePath::take(&mut options, errors);
        if let Some(first) = input.generics.params.first() {
            errors.at(first, messages::ENV_IS_GENERIC);
        }
        let keys = match &input.data {
            Data::Struct(data) if matches!(data.fields, Fields::Named(_)) => {
                // What has no name, such as `_`, rustc tells of.
                let is_named = |field: &&Field| field.ident.as_ref().is_some_and(is_name);
                data.fields.iter().filter(is_named).map(|field| read_key(field, errors)).collect()
            }
            _ => {
                errors.at(&input.ident, messages::ENV_ON_WRONG_ITEM);
                Vec::new()
            }
        };
        Self { krate, name: input.ident.clone(), generics: input.generics.clone(), keys }
    }
}

/// What stands in all `#[env(..)]` of an item.
fn options(attrs: &[Attribute], known: &[Known], errors: &mut Errors) -> Options {
    let ours = attrs.iter().filter(|attr| attr.path().is_ident("env"));
    let lists = ours.filter_map(|attr| match &attr.meta {
        Meta::List(list) => Some(list.tokens.clone()),
        Meta::Path(_) | Meta::NameValue(_) => {
            let message = fill(messages::OPTIONS_IN_PARENTHESES, &[&"env"]);
            errors.at(attr.path(), message);
            None
        }
    });
    let mut all = proc_macro2::TokenStream::new();
    for tokens in lists {
        if !all.is_empty() {
            all.extend(quote::quote!(,));
        }
        all.extend(tokens);
    }
    Options::read(all, known, errors)
}

fn read_key(field: &Field, errors: &mut Errors) -> Key {
    let name = field.ident.clone().expect("only named fields are read");
    if name.unraw() == "config" {
        errors.at(&name, messages::ENV_FIELD_CONFIG);
    }
    let mut options = options(&field.attrs, &OPTIONS, errors);
    let nested = options.flag("nested");
    let default = options.take("default");
    let compiled = options.take("compiled");
    let kind = if nested.is_some() {
        for (key, _) in default.iter().chain(&compiled) {
            errors.at(key, fill(messages::ENV_NESTED_TAKES_NOTHING, &[key]));
        }
        KeyKind::Nested
    } else if let Some((key, variable)) = compiled {
        read_compiled(&key, variable, default, errors)
    } else {
        read_plain(&field.ty, default, errors)
    };
    Key {
        cfgs: field.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).cloned().collect(),
        field: name,
        doc: doc(&field.attrs),
        ty: field.ty.clone(),
        kind,
    }
}

type Given = (Ident, Option<Expr>);

fn read_plain(ty: &Type, default: Option<Given>, errors: &mut Errors) -> KeyKind {
    match (argument_of(ty, "Option"), default) {
        (Some(inner), None) => KeyKind::Optional(inner.clone()),
        (Some(inner), Some((key, _))) => {
            errors.at(&key, messages::ENV_OPTION_HAS_DEFAULT);
            KeyKind::Optional(inner.clone())
        }
        (None, None) => KeyKind::Required,
        (None, Some((_, value))) => KeyKind::Defaulted(value),
    }
}

fn read_compiled(
    key: &Ident,
    variable: Option<Expr>,
    default: Option<Given>,
    errors: &mut Errors,
) -> KeyKind {
    let variable = match variable {
        Some(Expr::Lit(ExprLit { lit: Lit::Str(variable), .. })) => Some(variable),
        other => {
            errors.at(other, messages::ENV_COMPILED_IS_A_VARIABLE);
            None
        }
    };
    let default = match default {
        Some((_, Some(Expr::Lit(ExprLit { lit: Lit::Str(default), .. })))) => Some(default),
        Some((word, _)) => {
            errors.at(&word, messages::ENV_COMPILED_NEEDS_DEFAULT);
            None
        }
        None => {
            errors.at(key, messages::ENV_COMPILED_NEEDS_DEFAULT);
            None
        }
    };
    match (variable, default) {
        (Some(variable), Some(default)) => KeyKind::Compiled(variable, default),
        _ => KeyKind::Required,
    }
}

/// The `T` of `Word<T>`.
pub(super) fn argument_of<'a>(ty: &'a Type, word: &str) -> Option<&'a Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == word)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(ty)) if arguments.args.len() == 1 => Some(ty),
        _ => None,
    }
}

/// Whether the last word of a type is this one.
pub(super) fn is_called(ty: &Type, word: &str) -> bool {
    match ty {
        Type::Path(path) => path.path.segments.last().is_some_and(|last| last.ident == word),
        _ => false,
    }
}

/// The first paragraph of the documentation, on one line.
fn doc(attrs: &[Attribute]) -> String {
    let lines = attrs.iter().filter_map(|attr| match &attr.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(line), .. }) => Some(line.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    });
    lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}
