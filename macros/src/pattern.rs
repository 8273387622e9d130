//! Patterns that users write: which variables they bind.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{Pat, Token};

/// A variable of a pattern, as it is bound again outside.
pub(crate) struct Name {
    mutability: Option<Token![mut]>,
    pub(crate) ident: Ident,
}

impl ToTokens for Name {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.mutability.to_tokens(tokens);
        self.ident.to_tokens(tokens);
    }
}

/// What begins with a capital letter is no variable.
pub(crate) fn is_constant(name: &Ident) -> bool {
    name.to_string().starts_with(char::is_uppercase)
}

/// The variables of a pattern, each once: all cases of `a | b` have the same.
pub(crate) fn names_of(pattern: &Pat) -> Vec<Name> {
    let mut names = Vec::new();
    collect(pattern, &mut names);
    names
}

fn collect(pattern: &Pat, names: &mut Vec<Name>) {
    match pattern {
        Pat::Ident(name) => {
            if name.subpat.is_some() || !is_constant(&name.ident) {
                names.push(Name { mutability: name.mutability, ident: name.ident.clone() });
            }
            if let Some((_, inner)) = &name.subpat {
                collect(inner, names);
            }
        }
        Pat::Or(cases) => cases.cases.iter().take(1).for_each(|case| collect(case, names)),
        Pat::Paren(inner) => collect(&inner.pat, names),
        Pat::Reference(inner) => collect(&inner.pat, names),
        Pat::Slice(inner) => inner.elems.iter().for_each(|inner| collect(inner, names)),
        Pat::Struct(fields) => fields.fields.iter().for_each(|field| collect(&field.pat, names)),
        Pat::Tuple(inner) => inner.elems.iter().for_each(|inner| collect(inner, names)),
        Pat::TupleStruct(inner) => inner.elems.iter().for_each(|inner| collect(inner, names)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_a_pattern_are_found_wherever_they_stand() {
        let pattern =
            syn::parse_quote!(Msg::A { a, b: Some((mut c, [d, ..])), e: None, f: f @ 1..=3 });
        let names: Vec<String> = names_of(&pattern).iter().map(|it| it.ident.to_string()).collect();
        assert_eq!(names, ["a", "c", "d", "f"]);
    }
}
