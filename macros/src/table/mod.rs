//! `table!`: a type of table, with its owner's handle and its address.
//!
//! ```text
//! pub Positions: u32 => Fix, set, protected, ttl = 5s
//!   ─▶ struct Positions(Owned<Self>)       the owner's handle; `Positions::new(ctx)`
//!      type PositionsRef = TableRef<..>    what others have
//!      impl Table for Positions            key, value, kind, protection
//! ```

mod expand;
mod model;

use proc_macro2::TokenStream;

use self::model::Table;
use crate::entry::Expansion;
use crate::errors::Errors;

/// What a use of `table!` becomes. A table whose rows can be read is there also when something else
/// is wrong with it.
pub(crate) fn expand(input: TokenStream) -> Expansion {
    let mut errors = Errors::default();
    let table = Table::read(input, &mut errors);
    let tokens = table.as_ref().map(expand::items).unwrap_or_default();
    match errors.finish() {
        Ok(()) => Expansion::good(tokens),
        Err(error) => Expansion::broken(tokens, error),
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;
    use crate::messages;

    fn errors_of(input: TokenStream) -> Vec<String> {
        let errors = expand(input).error.into_iter().flatten();
        errors.map(|error| error.to_string()).collect()
    }

    #[test]
    fn kind_and_protection_stand_in_any_order_or_not_at_all() {
        assert!(errors_of(quote!(A: u32 => String)).is_empty());
        assert!(errors_of(quote!(pub A: u32 => String, public, ordered_set)).is_empty());
        assert!(
            errors_of(quote!(A<K, V>: K => V, set, ttl = 5s, max = 10, heir = Keeper)).is_empty()
        );
    }

    #[test]
    fn what_cannot_be_read_is_told_once() {
        assert_eq!(errors_of(quote!()), [messages::TABLE_NEEDS_NAME]);
        assert_eq!(
            errors_of(quote!(A, set)),
            [messages::fill(messages::TABLE_NEEDS_ROWS, &[&"A"])]
        );
    }

    #[test]
    fn every_mistake_of_a_table_is_told() {
        let errors = errors_of(quote!(A<'a>: u32 => u32, bag, set, tll = 5s, max = 3, heir = 7));
        assert_eq!(errors.len(), 4, "{errors:#?}");
    }
}
