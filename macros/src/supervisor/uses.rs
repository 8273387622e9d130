//! Which names in a child's arguments may be parameters or siblings.
//!
//! Only paths of one segment count, and a name that is only called (`helper(..)`) is a function.
//! Inside the tokens of a macro call a name counts as a use, so that it is cloned, but it is never
//! the ground of an error: nobody knows what that macro makes of it.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprCall, ExprPath, Macro, PatIdent};

use super::late;

/// One name.
pub(crate) struct Use {
    pub(crate) name: Ident,
    /// It stands outside of macro calls and nothing in the arguments binds it.
    pub(crate) certain: bool,
}

impl Use {
    /// Where nothing else is called so, it is the number of a partition.
    pub(crate) fn is_number(&self) -> bool {
        self.name == "shard"
    }

    /// The sibling, if this is its late handle.
    pub(crate) fn late(&self) -> Option<Ident> {
        late::sibling(&self.name)
    }
}

/// The names in `exprs`, each once.
pub(crate) fn of(exprs: &[Expr]) -> Vec<Use> {
    let mut finder = Finder::default();
    for expr in exprs {
        // The tree of syntax is only read; syn's reading visitor is a feature of its own.
        finder.visit_expr_mut(&mut expr.clone());
    }
    let Finder { mut uses, bound } = finder;
    for found in &mut uses {
        found.certain &= !bound.contains(&found.name);
    }
    uses
}

#[derive(Default)]
struct Finder {
    uses: Vec<Use>,
    bound: Vec<Ident>,
}

impl Finder {
    fn found(&mut self, name: &Ident, certain: bool) {
        match self.uses.iter_mut().find(|found| found.name == *name) {
            Some(known) if known.certain || !certain => {}
            Some(known) => *known = Use { name: name.clone(), certain },
            None => self.uses.push(Use { name: name.clone(), certain }),
        }
    }

    fn macro_tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Ident(name) => self.found(&name, late::sibling(&name).is_some()),
                TokenTree::Group(group) => self.macro_tokens(group.stream()),
                TokenTree::Literal(text) => {
                    for name in captured(&text.to_string()) {
                        self.found(&Ident::new(&name, text.span()), false);
                    }
                }
                TokenTree::Punct(_) => {}
            }
        }
    }
}

impl VisitMut for Finder {
    fn visit_expr_path_mut(&mut self, path: &mut ExprPath) {
        if let (None, Some(name)) = (&path.qself, path.path.get_ident()) {
            self.found(name, true);
        }
    }

    fn visit_expr_call_mut(&mut self, call: &mut ExprCall) {
        if !matches!(&*call.func, Expr::Path(_)) {
            self.visit_expr_mut(&mut call.func);
        }
        for arg in &mut call.args {
            self.visit_expr_mut(arg);
        }
    }

    fn visit_pat_ident_mut(&mut self, pat: &mut PatIdent) {
        self.bound.push(pat.ident.clone());
        visit_mut::visit_pat_ident_mut(self, pat);
    }

    fn visit_macro_mut(&mut self, call: &mut Macro) {
        self.macro_tokens(call.tokens.clone());
    }
}

/// The names that a format string captures: `{fleet_id}` and `{fleet_id:>4}`.
fn captured(text: &str) -> Vec<String> {
    let holes = text.split('{').skip(1);
    let names = holes.filter_map(|hole| hole.split(['}', ':']).next());
    names.filter(|name| syn::parse_str::<Ident>(name).is_ok()).map(str::to_owned).collect()
}
