//! Collects every error of one expansion, so that the user sees all of them at once.

use std::fmt::Display;

use quote::ToTokens;

/// The errors found so far, in the order in which they were found.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    found: Option<syn::Error>,
}

impl Errors {
    /// Keeps `error` beside those already found.
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.found {
            Some(found) => found.combine(error),
            None => self.found = Some(error),
        }
    }

    /// Reports `message`, underlining exactly `tokens`.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// The value, or nothing after its error was kept.
    pub(crate) fn keep<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// Whether nothing was wrong so far.
    pub(crate) const fn is_empty(&self) -> bool {
        self.found.is_none()
    }

    /// How many errors there are so far.
    pub(crate) fn count(&self) -> usize {
        self.found.as_ref().map_or(0, |found| found.into_iter().count())
    }

    /// All errors as one `syn::Error`, if there were any.
    pub(crate) fn finish(self) -> Result<(), syn::Error> {
        self.found.map_or(Ok(()), Err)
    }
}
