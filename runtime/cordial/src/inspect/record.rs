//! What is shown of a struct, or of a variant, whose fields are shown each in its turn.
use super::{Form, Inspected, text};
use std::fmt::Write;

/// How the fields of something are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fields {
    /// `Till { coins: 3 }`
    Named,
    /// `Till(3)`
    Numbered,
    /// `Till`
    None,
}

/// A field that is shown, or that is redacted.
type Field = (&'static str, Option<Inspected>);

/// Something called `name` with these fields; a field without a value is redacted.
///
/// It is JSON where at least one field is and what is no JSON stands there as a text: an object or
/// an array, of a `variant` within an object that has its name, as `serde` writes it.
pub fn record(name: &'static str, is_variant: bool, kind: Fields, fields: &[Field]) -> Inspected {
    #[cfg(feature = "serde")]
    if fields.iter().any(|(_, shown)| shown.as_ref().is_some_and(|it| it.form() == Form::Json)) {
        return json(name, is_variant, kind, fields);
    }
    let _ = is_variant;
    let [open, close] = match kind {
        Fields::Named => [" { ", " }"],
        Fields::Numbered => ["(", ")"],
        Fields::None => ["", ""],
    };
    let mut all = String::from(name);
    for (at, (field, shown)) in fields.iter().enumerate() {
        all.push_str(if at == 0 { open } else { ", " });
        if kind == Fields::Named {
            let _ = write!(all, "{field}: ");
        }
        all.push_str(shown.as_ref().map_or(REDACTED, Inspected::as_str));
    }
    all.push_str(if fields.is_empty() { "" } else { close });
    Inspected::new(Form::Debug, text::of(format_args!("{all}")))
}

/// What stands in the place of a field.
const REDACTED: &str = "[redacted]";

#[cfg(feature = "serde")]
fn json(name: &'static str, is_variant: bool, kind: Fields, fields: &[Field]) -> Inspected {
    use super::json::quoted;
    let mut all = match is_variant {
        true => format!("{{{}:", quoted(name)),
        false => String::new(),
    };
    let [open, close] = if kind == Fields::Named { ["{", "}"] } else { ["[", "]"] };
    all.push_str(open);
    for (at, (field, shown)) in fields.iter().enumerate() {
        all.push_str(if at == 0 { "" } else { "," });
        if kind == Fields::Named {
            let _ = write!(all, "{}:", quoted(field));
        }
        match shown {
            Some(shown) if shown.form() == Form::Json => all.push_str(shown.as_str()),
            Some(shown) => all.push_str(&quoted(shown.as_str())),
            None => all.push_str(&quoted(REDACTED)),
        }
    }
    all.push_str(close);
    all.push_str(if is_variant { "}" } else { "" });
    let text = text::of(format_args!("{all}"));
    let form = if text.len() == all.len() { Form::Json } else { Form::Text };
    Inspected::new(form, text)
}
