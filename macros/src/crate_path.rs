//! Where the runtime is found: `::cordial`, or what the user gave with `crate = path`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::ParseStream;
use syn::{Expr, Path, Token};

use crate::argument;
use crate::attrs::Options;
use crate::errors::Errors;
use crate::messages;

/// The path in front of every generated `::cordial::…`.
#[derive(Clone, Default)]
pub(crate) struct CratePath(Option<Path>);

impl CratePath {
    /// This path.
    pub(crate) const fn of(path: Path) -> Self {
        Self(Some(path))
    }

    /// Reads the option `crate = path`, which every macro takes.
    pub(crate) fn take(options: &mut Options, errors: &mut Errors) -> Self {
        match options.value("crate") {
            None => Self(None),
            Some(Expr::Path(path)) if path.qself.is_none() && is_of_modules(&path.path) => {
                Self(Some(path.path))
            }
            Some(other) => {
                errors.at(other, messages::CRATE_IS_A_PATH);
                Self(None)
            }
        }
    }

    /// The path, shown at `span`.
    pub(crate) fn at(&self, span: Span) -> TokenStream {
        let tokens = self.to_token_stream().into_iter();
        let shown = tokens.map(|mut token| {
            token.set_span(token.span().located_at(span));
            token
        });
        shown.collect()
    }

    /// Reads `crate = path;` in front of the input of a function-like macro.
    pub(crate) fn parse_front(input: ParseStream<'_>) -> syn::Result<Self> {
        if !(input.peek(Token![crate]) && input.peek2(Token![=])) {
            return Ok(Self(None));
        }
        input.parse::<Token![crate]>()?;
        input.parse::<Token![=]>()?;
        let path = input
            .call(Path::parse_mod_style)
            .map_err(|error| syn::Error::new(error.span(), messages::CRATE_IS_A_PATH))?;
        if !is_of_modules(&path) {
            return Err(syn::Error::new_spanned(path, messages::CRATE_IS_A_PATH));
        }
        input.parse::<Token![;]>()?;
        Ok(Self(Some(path)))
    }
}

/// Whether each part of it names a module: a word such as `self` stands in front only.
fn is_of_modules(path: &Path) -> bool {
    let mut parts = path.segments.iter().enumerate();
    parts.all(|(at, part)| {
        let is_name = argument::is_name(&part.ident);
        let begins = path.leading_colon.is_none() && part.ident != "Self";
        part.arguments.is_none() && (is_name || begins && (at == 0 || part.ident == "super"))
    })
}

impl ToTokens for CratePath {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match &self.0 {
            Some(path) => path.to_tokens(tokens),
            None => tokens.extend(quote!(::cordial)),
        }
    }
}
