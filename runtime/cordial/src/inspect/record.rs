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
    let (text, _) = text::written(|all| {
        all.write_str(name)?;
        for (at, (field, shown)) in fields.iter().enumerate() {
            all.write_str(if at == 0 { open } else { ", " })?;
            if kind == Fields::Named {
                write!(all, "{field}: ")?;
            }
            all.write_str(shown.as_ref().map_or(REDACTED, Inspected::as_str))?;
        }
        all.write_str(if fields.is_empty() { "" } else { close })
    });
    Inspected::new(Form::Debug, text)
}

/// What stands in the place of a field.
const REDACTED: &str = "[redacted]";

#[cfg(feature = "serde")]
fn json(name: &'static str, is_variant: bool, kind: Fields, fields: &[Field]) -> Inspected {
    use super::json::quoted;
    let [open, close] = if kind == Fields::Named { ["{", "}"] } else { ["[", "]"] };
    let (text, is_cut) = text::written(|all| {
        if is_variant {
            write!(all, "{{{}:", quoted(name))?;
        }
        all.write_str(open)?;
        for (at, (field, shown)) in fields.iter().enumerate() {
            all.write_str(if at == 0 { "" } else { "," })?;
            if kind == Fields::Named {
                write!(all, "{}:", quoted(field))?;
            }
            match shown {
                Some(shown) if shown.form() == Form::Json => all.write_str(shown.as_str())?,
                Some(shown) => all.write_str(&quoted(shown.as_str()))?,
                None => all.write_str(&quoted(REDACTED))?,
            }
        }
        all.write_str(close)?;
        all.write_str(if is_variant { "}" } else { "" })
    });
    Inspected::new(if is_cut { Form::Text } else { Form::Json }, text)
}

#[cfg(all(test, feature = "serde"))]
mod tests {
    use super::*;

    #[test]
    fn json_that_was_cut_is_none() {
        let long = |letters| Some(Inspected::json(&"a".repeat(letters)));
        let shown = |last| {
            let fields = [("a", long(32 * 1024)), ("b", long(last))];
            record("Till", false, Fields::Numbered, &fields)
        };
        assert_eq!(shown(32 * 1024 - 7).form(), Form::Json);
        // By as many bytes as the sign of the cut has, and by more.
        let cut = [32 * 1024 - 4, 32 * 1024].map(|last| shown(last).form());
        assert_eq!(cut, [Form::Text; 2]);
    }
}
