//! Texts become values.
use super::Secret;
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

/// A value as it was written, before anybody knows its type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Raw {
    /// From a place that knows texts only; a list in it is written with commas.
    Text(String),
    /// One value of a file.
    Value(String),
    /// A list of a file.
    List(Vec<String>),
}

impl Raw {
    /// As it is shown to people.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Text(text) | Self::Value(text) => text.clone(),
            Self::List(items) => items.join(", "),
        }
    }
}

/// A type that is read from a text: every `FromStr` whose error can be shown.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a text",
    label = "not the type of a key",
    note = "implement `FromStr` for it with an error that can be shown, or mark a field that is an \
            environment itself with `#[env(nested)]`"
)]
pub trait FromText: Sized {
    /// The value, or what is wrong with the text.
    ///
    /// # Errors
    /// What `FromStr` says about it.
    fn from_text(text: &str) -> Result<Self, String>;
}

#[diagnostic::do_not_recommend]
impl<T: FromStr<Err: Display>> FromText for T {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse().map_err(|error: T::Err| error.to_string())
    }
}

/// Reads one value.
///
/// # Errors
/// What was expected, and why this is not it.
pub fn one<T: FromText>(raw: &Raw) -> Result<T, String> {
    let ty = std::any::type_name::<T>();
    match raw {
        Raw::Text(text) | Raw::Value(text) => T::from_text(text).map_err(|why| {
            let expected = expected(ty);
            if expected.contains(&why) { expected } else { format!("{expected}: {why}") }
        }),
        Raw::List(_) => Err(format!("{}, and this is a list", expected(ty))),
    }
}

/// Reads a list: `["a", "b"]` in a file, `a, b` elsewhere.
///
/// # Errors
/// What was expected of the first item that is wrong.
pub fn list<T>(
    raw: &Raw,
    mut item: impl FnMut(&Raw) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    let items: Vec<&str> = match raw {
        Raw::Text(text) if text.trim().is_empty() => Vec::new(),
        Raw::Text(text) => text.split(',').map(str::trim).collect(),
        Raw::List(items) => items.iter().map(String::as_str).collect(),
        Raw::Value(_) => return Err("expected a list such as `[\"a\", \"b\"]`".into()),
    };
    let mut read = |text: &str| {
        let raw = Raw::Value(text.to_owned());
        item(&raw).map_err(|why| format!("in `{text}`, {why}"))
    };
    items.into_iter().map(&mut read).collect()
}

/// Reads a value that is never shown.
///
/// # Errors
/// What was expected; the error that tells of the text itself is left out.
pub fn secret<T>(
    raw: &Raw,
    inner: impl FnOnce(&Raw) -> Result<T, String>,
) -> Result<Secret<T>, String> {
    let read = inner(raw).map(Secret::new);
    read.map_err(|_| expected(std::any::type_name::<T>()))
}

/// Reads `5s`, `100ms`, `2min` or `1h`.
///
/// # Errors
/// What was expected.
pub fn duration(raw: &Raw) -> Result<Duration, String> {
    let (Raw::Text(text) | Raw::Value(text)) = raw else {
        return Err("expected a duration such as `5s`, and this is a list".into());
    };
    let text = text.trim();
    let end = text.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(text.len());
    let (count, unit) = text.split_at(end);
    let millis_per_unit: u64 = match unit.trim() {
        "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        _ => return Err(DURATION.into()),
    };
    let millis = count.parse::<u64>().ok().and_then(|count| count.checked_mul(millis_per_unit));
    millis.map(Duration::from_millis).ok_or_else(|| DURATION.into())
}

const DURATION: &str =
    "expected a duration: a whole number with a unit, `5s`, `100ms`, `2min` or `1h`";

/// "expected a whole number from 0 to 65535"
fn expected(ty: &str) -> String {
    let whole = |low: &dyn Display, high: &dyn Display| {
        format!("expected a whole number from {low} to {high}")
    };
    match short(ty) {
        "u8" => whole(&u8::MIN, &u8::MAX),
        "u16" => whole(&u16::MIN, &u16::MAX),
        "u32" => whole(&u32::MIN, &u32::MAX),
        "i8" => whole(&i8::MIN, &i8::MAX),
        "i16" => whole(&i16::MIN, &i16::MAX),
        "i32" => whole(&i32::MIN, &i32::MAX),
        "u64" | "u128" | "usize" => "expected a whole number that is not negative".into(),
        "i64" | "i128" | "isize" => "expected a whole number".into(),
        "f32" | "f64" => "expected a number".into(),
        "bool" => "expected `true` or `false`".into(),
        "char" => "expected one character".into(),
        other => format!("expected {}", article(other)),
    }
}

fn article(ty: &str) -> String {
    let vowel = ty.starts_with(['A', 'E', 'I', 'O', 'a', 'e', 'i', 'o']);
    format!("{} `{ty}`", if vowel { "an" } else { "a" })
}

/// `core::net::SocketAddr` is `SocketAddr`.
fn short(ty: &str) -> &str {
    let generic = ty.find('<').unwrap_or(ty.len());
    let start = ty[..generic].rfind("::").map_or(0, |at| at + 2);
    &ty[start..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Raw {
        Raw::Text(text.into())
    }

    #[test]
    fn a_duration_has_a_unit() {
        let millis = |of: &str| duration(&text(of)).map(|read| read.as_millis());
        assert_eq!(millis("100ms"), Ok(100));
        assert_eq!(millis(" 5s "), Ok(5_000));
        assert_eq!((millis("2min"), millis("1 h")), (Ok(120_000), Ok(3_600_000)));
        for wrong in ["5", "s", "", "-5s", "1.5s", "5 sec", "99999999999999999999h", "5s5s"] {
            assert_eq!(millis(wrong), Err(DURATION.to_owned()), "{wrong}");
        }
    }

    #[test]
    fn a_list_is_written_with_commas_or_as_a_list() {
        let read = |raw: &Raw| list(raw, one::<u8>);
        assert_eq!(read(&text("1, 2,3")), Ok(vec![1, 2, 3]));
        assert_eq!(read(&text(" ")), Ok(vec![]));
        assert_eq!(read(&Raw::List(vec!["1".into(), "2".into()])), Ok(vec![1, 2]));
        let error = read(&text("1,x")).unwrap_err();
        assert!(error.starts_with("in `x`, expected a whole number from 0 to 255"), "{error}");
        assert!(read(&Raw::Value("1".into())).unwrap_err().contains("a list such as"));
    }

    #[test]
    fn what_was_expected_is_said() {
        let error = |of: &str| one::<std::net::SocketAddr>(&text(of)).unwrap_err();
        assert!(error("here").starts_with("expected a `SocketAddr`: "), "{}", error("here"));
        let error = one::<bool>(&text("yes")).unwrap_err();
        assert!(error.starts_with("expected `true` or `false`"), "{error}");
        let error = secret(&text("hunter2"), one::<u32>).unwrap_err();
        assert_eq!(error, "expected a whole number from 0 to 4294967295");
    }
}
