//! How the type of an argument or a reply travels: what may be stored in a mailbox, and as what.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Expr, ExprPath, GenericArgument, Generics, Lifetime, ParenthesizedGenericArguments, Path,
    PathArguments, PathSegment, QSelf, Token, Type, TypeFnPtr, TypeImplTrait, TypePath, TypePtr,
    TypeReference, parse_quote,
};

/// Unsized types that are lent to the handler and travel as `ToOwned::Owned`.
const LENT: [&str; 4] = ["str", "Path", "OsStr", "CStr"];

/// Types that are `Send + 'static` whoever asks, so that nothing has to be asserted about them.
const KNOWN_SEND: [&str; 18] = [
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32",
    "u64", "u128", "usize", "String", "Duration",
];

/// The type itself, without the groups and parentheses around it.
pub(crate) fn peeled(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => peeled(&group.elem),
        Type::Paren(paren) => peeled(&paren.elem),
        other => other,
    }
}

/// `T` of `&T`, or the type itself.
pub(crate) fn behind_ref(ty: &Type) -> &Type {
    match peeled(ty) {
        Type::Reference(reference) => peeled(&reference.elem),
        other => other,
    }
}

/// The last segment of a type that is a path: `ReplyTo<T>` of `cordial::ReplyTo<T>`.
pub(crate) fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match peeled(ty) {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// Whether it can be what an item is called: no word of the language such as `self` or `crate`.
pub(crate) fn is_name(word: &Ident) -> bool {
    syn::parse_str::<Ident>(&word.to_string()).is_ok()
}

/// Parameters of a type that is not there yet, so that their names are nobody else's to check.
pub(crate) fn parse_generics(input: ParseStream<'_>) -> syn::Result<Generics> {
    let generics: Generics = input.parse()?;
    for param in generics.type_params() {
        syn::parse2::<Ident>(param.ident.to_token_stream())?;
    }
    Ok(generics)
}

/// Whether the last segment of `ty` is `name`.
pub(crate) fn is_named(ty: &Type, name: &str) -> bool {
    last_segment(ty).is_some_and(|segment| segment.ident == name)
}

/// The first type argument: `T` of `ReplyTo<T>`.
pub(crate) fn first_argument(ty: &Type) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &last_segment(ty)?.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// Whether `ty`, behind a `&`, is lent to the handler: `str`, `[T]`, `Path`, `OsStr`, `CStr`.
pub(crate) fn is_lent(ty: &Type) -> bool {
    matches!(peeled(ty), Type::Slice(_)) || LENT.iter().any(|name| is_named(ty, name))
}

/// Whether nothing has to be asserted for `ty` to travel.
pub(crate) fn is_known_send(ty: &Type) -> bool {
    match peeled(ty) {
        Type::Path(TypePath { qself: None, path, .. }) => {
            path.get_ident().is_some_and(|ident| KNOWN_SEND.iter().any(|known| ident == known))
        }
        Type::Tuple(tuple) => tuple.elems.iter().all(is_known_send),
        Type::Slice(slice) => is_known_send(&slice.elem),
        _ => false,
    }
}

/// Where a type ends: with its beginning, what the compiler needs to underline all of it.
pub(crate) fn end_of(ty: &Type) -> Span {
    let last = ty.to_token_stream().into_iter().last();
    last.map_or_else(Span::call_site, |token| match token {
        TokenTree::Group(group) => group.span_close(),
        other => other.span(),
    })
}

/// Whether any of `names` stands somewhere in `tokens`.
pub(crate) fn mentions(tokens: TokenStream, names: &[Ident]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => names.contains(&ident),
        TokenTree::Group(group) => mentions(group.stream(), names),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// What in a type keeps it from being stored.
pub(crate) enum Flaw {
    /// `impl Trait`, as written.
    ImplTrait(TokenStream),
    /// A lifetime which is not `'static`.
    Lifetime(Lifetime),
    /// A reference without a lifetime, as written.
    Reference(TokenStream),
    /// A type that never leaves its thread, as written: `Rc<T>` or a raw pointer.
    Local(TokenStream),
}

/// The first thing in `ty` that keeps it from being stored, if there is one.
pub(crate) fn flaw(ty: &Type) -> Option<Flaw> {
    let mut search = FlawSearch { found: None };
    search.visit_type_mut(&mut ty.clone());
    search.found
}

struct FlawSearch {
    found: Option<Flaw>,
}

impl VisitMut for FlawSearch {
    fn visit_type_impl_trait_mut(&mut self, node: &mut TypeImplTrait) {
        self.found.get_or_insert(Flaw::ImplTrait(node.to_token_stream()));
    }

    fn visit_lifetime_mut(&mut self, node: &mut Lifetime) {
        if node.ident != "static" {
            self.found.get_or_insert(Flaw::Lifetime(node.clone()));
        }
    }

    fn visit_type_reference_mut(&mut self, node: &mut TypeReference) {
        if node.lifetime.as_ref().is_none_or(|lifetime| lifetime.ident == "_") {
            self.found.get_or_insert(Flaw::Reference(node.to_token_stream()));
        }
        visit_mut::visit_type_reference_mut(self, node);
    }

    fn visit_type_path_mut(&mut self, node: &mut TypePath) {
        let last = node.path.segments.last();
        let is_rc = |segment: &PathSegment| segment.ident == "Rc" && !segment.arguments.is_none();
        if last.is_some_and(is_rc) {
            self.found.get_or_insert(Flaw::Local(node.to_token_stream()));
        }
        visit_mut::visit_type_path_mut(self, node);
    }

    fn visit_type_ptr_mut(&mut self, node: &mut TypePtr) {
        self.found.get_or_insert(Flaw::Local(node.to_token_stream()));
    }

    // What a function takes is borrowed when it is called, not while it is stored.
    fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}

    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {
    }
}

/// `ty` with every lifetime `'static` and no `impl Trait`: what the fallback can name.
pub(crate) fn made_static(ty: &Type) -> Type {
    let mut ty = ty.clone();
    MakeStatic.visit_type_mut(&mut ty);
    ty
}

struct MakeStatic;

impl VisitMut for MakeStatic {
    fn visit_lifetime_mut(&mut self, node: &mut Lifetime) {
        *node = Lifetime::new("'static", node.span());
    }

    fn visit_type_mut(&mut self, node: &mut Type) {
        match node {
            Type::ImplTrait(_) | Type::Infer(_) => *node = parse_quote!(()),
            Type::Reference(reference) => {
                let lifetime = Lifetime::new("'static", reference.and_token.span);
                reference.lifetime.get_or_insert(lifetime);
            }
            _ => {}
        }
        visit_mut::visit_type_mut(self, node);
    }

    fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}

    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {
    }
}

/// `ty` as it is written outside the `impl`: `Self` becomes the server's type.
pub(crate) fn without_self(ty: &Type, server: &Type) -> Type {
    let mut ty = ty.clone();
    WithoutSelf { server }.visit_type_mut(&mut ty);
    ty
}

/// As [`without_self`], for an expression.
pub(crate) fn expr_without_self(expr: &Expr, server: &Type) -> Expr {
    let mut expr = expr.clone();
    WithoutSelf { server }.visit_expr_mut(&mut expr);
    expr
}

struct WithoutSelf<'a> {
    server: &'a Type,
}

impl VisitMut for WithoutSelf<'_> {
    fn visit_type_mut(&mut self, node: &mut Type) {
        if matches!(node, Type::Path(path) if path.qself.is_none() && path.path.is_ident("Self")) {
            *node = self.server.clone();
        } else {
            visit_mut::visit_type_mut(self, node);
        }
    }

    fn visit_type_path_mut(&mut self, node: &mut TypePath) {
        if node.qself.is_none() && starts_with_self(&node.path) {
            *node = below(self.server, &node.path);
        }
        visit_mut::visit_type_path_mut(self, node);
    }

    fn visit_expr_path_mut(&mut self, node: &mut ExprPath) {
        if node.qself.is_none() && starts_with_self(&node.path) {
            let TypePath { qself, path, .. } = below(self.server, &node.path);
            (node.qself, node.path) = (qself, path);
        }
        visit_mut::visit_expr_path_mut(self, node);
    }
}

/// What `Self<T>` may mean is rustc's to tell.
fn starts_with_self(path: &Path) -> bool {
    path.segments.len() > 1 && path.segments.first().is_some_and(|segment| segment.ident == "Self")
}

/// `Self::Output` as `<Server>::Output`.
fn below(server: &Type, path: &Path) -> TypePath {
    let rest = path.segments.iter().skip(1).cloned();
    let qself = QSelf {
        lt_token: <Token![<]>::default(),
        ty: Box::new(server.clone()),
        position: 0,
        as_token: None,
        gt_token: <Token![>]>::default(),
    };
    let leading_colon = Some(<Token![::]>::default());
    let path = Path { leading_colon, segments: rest.collect() };
    TypePath { attrs: Vec::new(), qself: Some(qself), path }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(ty: &Type) -> String {
        ty.to_token_stream().to_string()
    }

    #[test]
    fn self_is_named_outside_the_impl() {
        let server: Type = parse_quote!(Cache<K>);
        let ty: Type = parse_quote!(Vec<(Self, Self::Key)>);
        assert_eq!(
            text(&without_self(&ty, &server)),
            text(&parse_quote!(Vec<(Cache<K>, <Cache<K>>::Key)>))
        );
    }

    #[test]
    fn a_reference_inside_is_found_unless_it_is_static_or_of_a_function() {
        let found = |ty: Type| flaw(&ty).is_some();
        assert!(found(parse_quote!(Option<&str>)));
        assert!(found(parse_quote!(Cow<'a, str>)));
        assert!(found(parse_quote!(Vec<impl Send>)));
        assert!(!found(parse_quote!(Option<&'static str>)));
        assert!(!found(parse_quote!(Box<dyn Fn(&str) -> bool + Send>)));
        assert!(!found(parse_quote!(fn(&str) -> u32)));
    }
}
