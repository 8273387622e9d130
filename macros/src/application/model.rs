//! What an application is: plain data, read from its attribute and checked against its tree.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Meta, Path, Type, Visibility};

use crate::attrs::{Kind, Known, Options};
use crate::crate_path::CratePath;
use crate::errors::Errors;
use crate::messages::{self, fill};
use crate::supervisor::parse::Header;

const OPTIONS: [Known; 8] = [
    ("name", Kind::Value),
    ("env", Kind::Value),
    ("depends", Kind::Value),
    ("file", Kind::Value),
    ("prep_stop", Kind::Value),
    ("stop", Kind::Value),
    ("config_change", Kind::Value),
    ("crate", Kind::Value),
];

/// The application of one tree.
pub(crate) struct Application {
    pub(super) krate: CratePath,
    pub(super) cfgs: Vec<Attribute>,
    pub(super) vis: Visibility,
    /// The tree.
    pub(super) tree: Ident,
    pub(super) name: LitStr,
    pub(super) env: Option<Type>,
    pub(super) depends: Vec<Path>,
    pub(super) file: Option<LitStr>,
    pub(super) prep_stop: Option<Path>,
    pub(super) stop: Option<Path>,
    pub(super) config_change: Option<Path>,
    /// Whether the tree takes the environment.
    pub(super) takes_env: bool,
    pub(super) is_generic: bool,
    /// Something is wrong, so that what the tree's functions take is not known.
    pub(super) is_broken: bool,
}

impl Application {
    /// Takes `#[application(..)]` out of a tree's attributes, if it stands there.
    pub(crate) fn take(header: &mut Header, errors: &mut Errors) -> Option<Self> {
        let is_ours = |attr: &Attribute| {
            attr.path().segments.last().is_some_and(|last| last.ident == "application")
        };
        let attrs = std::mem::take(&mut header.attrs);
        let (ours, others): (Vec<_>, Vec<_>) = attrs.into_iter().partition(is_ours);
        header.attrs = others;
        let mut ours = ours.into_iter();
        let first = ours.next()?;
        for second in ours {
            errors.at(second.path(), messages::APPLICATION_TWICE);
        }
        Some(Self::read(&first, header, errors))
    }

    fn read(attr: &Attribute, header: &Header, errors: &mut Errors) -> Self {
        let before = errors.count();
        let args = match &attr.meta {
            Meta::List(list) => list.tokens.clone(),
            Meta::Path(_) | Meta::NameValue(_) => TokenStream::new(),
        };
        let mut options = Options::read(args, &OPTIONS, errors);
        let krate = match options.value("crate") {
            Some(Expr::Path(path)) => CratePath::of(path.path),
            Some(other) => {
                errors.at(other, messages::CRATE_IS_A_PATH);
                header.krate.clone()
            }
            None => header.krate.clone(),
        };
        let name = read_name(attr, &mut options, errors.count() == before, errors);
        let env = options.value("env").and_then(|env| read_type("env", env, errors));
        let mut callback =
            |word: &str| options.value(word).and_then(|value| read_callback(word, value, errors));
        let (prep_stop, stop) = (callback("prep_stop"), callback("stop"));
        let config_change = callback("config_change");
        let file = options.value("file").and_then(|file| read_file(file, errors));
        let depends = options.value("depends").map(|list| read_depends(list, errors));
        let application = Self {
            krate,
            cfgs: header.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).cloned().collect(),
            vis: header.vis.clone(),
            tree: header.name.clone(),
            name,
            env,
            depends: depends.unwrap_or_default(),
            file,
            prep_stop,
            stop,
            config_change,
            takes_env: !header.params.is_empty(),
            is_generic: !header.generics.params.is_empty(),
            is_broken: false,
        };
        check(&application, header, errors.count() == before, errors);
        Self { is_broken: errors.count() > before, ..application }
    }
}

// ===== Options =====

fn read_name(
    attr: &Attribute,
    options: &mut Options,
    is_whole: bool,
    errors: &mut Errors,
) -> LitStr {
    let nothing = || LitStr::new("", proc_macro2::Span::call_site());
    match options.value("name") {
        Some(Expr::Lit(ExprLit { lit: Lit::Str(name), .. })) if is_name(&name.value()) => name,
        Some(other) => {
            errors.at(other, messages::BAD_APPLICATION_NAME);
            nothing()
        }
        None => {
            // A name that could not be read was told.
            if is_whole {
                errors.at(attr.path(), messages::APPLICATION_NEEDS_NAME);
            }
            nothing()
        }
    }
}

fn is_name(text: &str) -> bool {
    let is_sign = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_';
    text.starts_with(|first: char| first.is_ascii_lowercase()) && text.chars().all(is_sign)
}

fn read_type(word: &str, value: Expr, errors: &mut Errors) -> Option<Type> {
    if matches!(&value, Expr::Tuple(tuple) if tuple.elems.is_empty()) {
        return Some(syn::parse_quote!(()));
    }
    match value {
        Expr::Path(path) if path.attrs.is_empty() => Some(syn::parse_quote!(#path)),
        other => {
            errors.at(other, fill(messages::BAD_APPLICATION_TYPE, &[&word]));
            None
        }
    }
}

fn read_callback(word: &str, value: Expr, errors: &mut Errors) -> Option<Path> {
    let Expr::Path(path) = value else {
        errors.at(value, fill(messages::BAD_APPLICATION_CALLBACK, &[&word]));
        return None;
    };
    Some(path.path)
}

fn read_file(value: Expr, errors: &mut Errors) -> Option<LitStr> {
    let Expr::Lit(ExprLit { lit: Lit::Str(file), .. }) = value else {
        errors.at(value, messages::BAD_APPLICATION_FILE);
        return None;
    };
    Some(file)
}

fn read_depends(value: Expr, errors: &mut Errors) -> Vec<Path> {
    let Expr::Array(list) = value else {
        errors.at(value, messages::DEPENDS_IS_A_LIST);
        return Vec::new();
    };
    let mut depends: Vec<Path> = Vec::new();
    for item in list.elems {
        match item {
            Expr::Path(path) if depends.iter().any(|known| shown(known) == shown(&path)) => {
                let shown = shown(&path.path);
                errors.at(&path.path, fill(messages::DEPENDS_TWICE, &[&shown]));
            }
            Expr::Path(path) => depends.push(path.path),
            other => errors.at(other, messages::DEPENDS_IS_A_LIST),
        }
    }
    depends
}

fn shown(tokens: impl ToTokens) -> String {
    quote!(#tokens).to_string().replace(' ', "")
}

// ===== Rules =====

fn check(application: &Application, header: &Header, is_whole: bool, errors: &mut Errors) {
    check_is_not_generic(header, errors);
    check_needs_others(application, errors);
    check_takes_at_most_its_environment(header, errors);
    if is_whole {
        check_environment_has_a_taker(application, header, errors);
    }
}

fn check_is_not_generic(header: &Header, errors: &mut Errors) {
    if let Some(first) = header.generics.params.first() {
        errors.at(first, messages::APPLICATION_IS_GENERIC);
    }
}

fn check_needs_others(application: &Application, errors: &mut Errors) {
    for needed in application.depends.iter().filter(|path| path.is_ident(&application.tree)) {
        errors.at(needed, fill(messages::DEPENDS_ON_ITSELF, &[&application.tree]));
    }
}

fn check_takes_at_most_its_environment(header: &Header, errors: &mut Errors) {
    if let Some(second) = header.params.get(1) {
        errors.at(&second.pat, messages::APPLICATION_TAKES_ONE_ARGUMENT);
    }
}

fn check_environment_has_a_taker(application: &Application, header: &Header, errors: &mut Errors) {
    match (&application.env, header.params.first()) {
        (None, Some(param)) => {
            let shown = shown(&param.pat);
            errors.at(&param.pat, fill(messages::APPLICATION_NEEDS_ENV, &[&shown]));
        }
        (Some(env), None) => {
            let message = messages::APPLICATION_TAKES_NO_ENV;
            errors.at(env, fill(message, &[&application.tree, &shown(env)]));
        }
        _ => {}
    }
}
