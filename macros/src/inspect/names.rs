//! Which fields are called like secrets.

use proc_macro2::Ident;
use syn::Type;
use syn::ext::IdentExt;

use crate::argument;

/// Words that name a secret, alone or in the plural.
const SECRETS: [&str; 5] = ["password", "passwd", "passphrase", "secret", "token"];

/// Types that are counts and times, whatever they are called.
const PLAIN: [&str; 19] = [
    "bool",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "f32",
    "f64",
    "Duration",
    "Instant",
    "SystemTime",
    "PhantomData",
];

/// Whether the name of a field says that it is a secret, and its type could hold one.
pub(super) fn sound_secret(name: &Ident, ty: &Type) -> bool {
    is_secret(&name.unraw().to_string()) && may_hold_one(ty)
}

fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    let words: Vec<&str> = name.split('_').filter(|word| !word.is_empty()).collect();
    let singular = |word: &str| word.strip_suffix('s').unwrap_or(word).to_owned();
    let is_word =
        |word: &&str| SECRETS.contains(word) || SECRETS.contains(&singular(word).as_str());
    let is_key = words.len() > 1 && words.last().is_some_and(|word| singular(word) == "key");
    is_key || words.iter().any(is_word)
}

fn may_hold_one(ty: &Type) -> bool {
    if argument::is_named(ty, "Option") {
        return argument::first_argument(ty).is_none_or(may_hold_one);
    }
    let Some(segment) = argument::last_segment(ty) else { return true };
    let name = segment.ident.to_string();
    let is_plain = PLAIN.contains(&name.as_str())
        || ["Secret", "Atomic", "NonZero"].iter().any(|start| name.starts_with(start));
    !is_plain
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::{is_secret, may_hold_one};

    #[test]
    fn words_between_underscores_name_secrets_and_parts_of_words_do_not() {
        for name in ["password", "db_password", "Tokens", "csrf_token", "api_key", "signing_keys"] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["key", "keys", "_key", "monkey", "tokenizer", "secretary", "pass", "keyed_by"]
        {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn counts_and_times_and_what_hides_itself_hold_no_secret() {
        assert!(may_hold_one(&parse_quote!(String)) && may_hold_one(&parse_quote!([u8; 32])));
        assert!(may_hold_one(&parse_quote!(Option<Vec<u8>>)));
        for ty in [
            parse_quote!(u32),
            parse_quote!(Option<std::time::Instant>),
            parse_quote!(AtomicU64),
            parse_quote!(cordial::Secret<String>),
        ] {
            assert!(!may_hold_one(&ty), "{}", quote::quote!(#ty));
        }
    }
}
