//! A type and its fields as plain data, with what is said of each.

use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, Data, DeriveInput, Expr, Generics, Meta, Type};

use crate::attrs;
use crate::errors::Errors;
use crate::messages::{self, fill};

/// A struct, or an enum.
pub(crate) struct Shape {
    pub(super) name: Ident,
    pub(super) generics: Generics,
    pub(super) is_enum: bool,
    /// Of a struct one, with its name.
    pub(super) variants: Vec<Variant>,
    /// `#[allow(..)]` on the type.
    pub(super) allowed: Vec<Attribute>,
}

/// What has fields.
pub(super) struct Variant {
    pub(super) cfgs: Vec<Attribute>,
    pub(super) name: Ident,
    pub(super) kind: Kind,
    pub(super) fields: Vec<Field>,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Named,
    Numbered,
    None,
}

pub(super) struct Field {
    pub(super) cfgs: Vec<Attribute>,
    pub(super) allowed: Vec<Attribute>,
    pub(super) name: Option<Ident>,
    pub(super) ty: Type,
    pub(super) mark: Option<Mark>,
}

/// What is said of a field.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Mark {
    Skip,
    Redact,
    Show,
}

/// `inspect = ..`: the rendering of the whole.
pub(crate) struct Mode {
    pub(super) by: By,
    pub(super) word: Ident,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum By {
    Inspect,
    Serialize,
    Debug,
    TypeName,
}

const MARKS: [(&str, Mark); 3] =
    [("skip", Mark::Skip), ("redact", Mark::Redact), ("show", Mark::Show)];

impl Shape {
    pub(crate) fn read(input: &DeriveInput, errors: &mut Errors) -> Self {
        let variants = match &input.data {
            Data::Struct(data) => {
                vec![variant(input.ident.clone(), &[], &data.fields, errors)]
            }
            Data::Enum(data) => {
                let variants = data.variants.iter();
                let read =
                    |it: &syn::Variant| variant(it.ident.clone(), &it.attrs, &it.fields, errors);
                variants.map(read).collect()
            }
            Data::Union(_) => Vec::new(),
        };
        Self {
            name: input.ident.clone(),
            generics: input.generics.clone(),
            is_enum: matches!(input.data, Data::Enum(_)),
            variants,
            allowed: named(&input.attrs, "allow"),
        }
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = &Field> {
        self.variants.iter().flat_map(|variant| &variant.fields)
    }

    /// Whether a field says what becomes of it.
    pub(crate) fn says_something(&self) -> bool {
        self.fields().any(|field| field.mark.is_some())
    }

    /// Whether a field is not shown.
    pub(crate) fn has_marks(&self) -> bool {
        self.fields().any(|field| matches!(field.mark, Some(Mark::Skip | Mark::Redact)))
    }
}

fn variant(name: Ident, attrs: &[Attribute], all: &syn::Fields, errors: &mut Errors) -> Variant {
    let kind = match all {
        syn::Fields::Named(_) => Kind::Named,
        syn::Fields::Unnamed(_) => Kind::Numbered,
        syn::Fields::Unit => Kind::None,
    };
    let fields = all.iter().map(|field| Field {
        cfgs: named(&field.attrs, "cfg"),
        allowed: named(&field.attrs, "allow"),
        name: field.ident.clone(),
        ty: field.ty.clone(),
        mark: mark(field, errors),
    });
    Variant { cfgs: named(attrs, "cfg"), name, kind, fields: fields.collect() }
}

fn named(attrs: &[Attribute], name: &str) -> Vec<Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident(name)).cloned().collect()
}

/// What stands in the `#[inspect(..)]` of a type.
pub(super) fn list_of_type(attrs: &[Attribute]) -> TokenStream {
    let ours = attrs.iter().find(|attr| attr.path().is_ident("inspect"));
    match ours.map(|attr| &attr.meta) {
        Some(Meta::List(list)) => list.tokens.clone(),
        _ => TokenStream::new(),
    }
}

fn mark(field: &syn::Field, errors: &mut Errors) -> Option<Mark> {
    let mut ours = field.attrs.iter().filter(|attr| attr.path().is_ident("inspect"));
    let first = ours.next()?;
    if let Some(second) = ours.next() {
        errors.at(second.path(), fill(messages::OPTION_GIVEN_TWICE, &[&"inspect"]));
    }
    let Some(word) = one_word(first) else {
        errors.at(first.path(), messages::INSPECT_TAKES_A_WORD);
        return Some(Mark::Redact); // Beside the error nothing is shown.
    };
    let found = MARKS.iter().find(|(name, _)| word == name);
    if found.is_none() {
        let known = MARKS.iter().map(|(name, _)| *name);
        errors.at(&word, attrs::unknown("option", &word.to_string(), known));
    }
    Some(found.map_or(Mark::Redact, |(_, mark)| *mark))
}

fn one_word(attr: &Attribute) -> Option<Ident> {
    match &attr.meta {
        Meta::List(list) => syn::parse2(list.tokens.clone()).ok(),
        Meta::Path(_) | Meta::NameValue(_) => None,
    }
}

/// `inspect = Inspect | Serialize | Debug | type_name`
pub(crate) fn mode(value: &Expr, errors: &mut Errors) -> Option<Mode> {
    let word = match value {
        Expr::Path(path) => path.path.get_ident().cloned(),
        _ => None,
    };
    let Some(word) = word else {
        errors.at(value, messages::BAD_INSPECT);
        return None;
    };
    let by = match word.to_string().as_str() {
        "Inspect" => By::Inspect,
        "Serialize" => By::Serialize,
        "Debug" => By::Debug,
        "type_name" => By::TypeName,
        _ => {
            errors.at(value, messages::BAD_INSPECT);
            return None;
        }
    };
    if by == By::Serialize && cfg!(not(feature = "serde")) {
        errors.at(value, messages::INSPECT_NEEDS_SERDE);
        return None;
    }
    Some(Mode { by, word })
}
