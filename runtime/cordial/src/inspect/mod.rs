//! What may be shown of a value, and how: of the states of servers, in crash reports and to whoever
//! looks at a running process.
//!
//! The first that a type has is taken, and that is decided when it is compiled:
//!
//! | what it has | what is shown |
//! |---|---|
//! | [`Inspect`] | what that gives |
//! | `serde::Serialize`, with the feature `serde` | JSON |
//! | `Debug` | `{:?}` |
//! | none of them | the type's name; a crash report says nothing then |
//!
//! A server's `#[format_status]` comes before all of them. It is OTP's `format_status/2`, and so
//! are the words on a field:
//!
//! | on a field | it is |
//! |---|---|
//! | `#[inspect(redact)]` | shown as `[redacted]` |
//! | `#[inspect(skip)]` | left out |
//! | `#[inspect(show)]` | shown, and nobody is warned of its name |
//!
//! They stand in a struct or an enum that `#[gen_server]` or `#[gen_statem]` is on, and in any
//! other type with `#[derive(Inspect)]`: a part of a state, the value of an [`Agent`]. A type with
//! such a field has an [`Inspect`] of its own, which shows each field in its turn. What is redacted
//! is never read, so it stands in no report, no status and no trace.
//!
//! # Examples
//! ```
//! # #[cordial::main(current_thread)] async fn main() {
//! use cordial::prelude::*;
//! use cordial::sys;
//!
//! #[gen_server]
//! #[derive(Clone)]
//! struct Mailer {
//!     host: String,
//!     #[inspect(redact)]
//!     password: String,
//!     #[inspect(skip)]
//!     outbox: Vec<String>,
//! }
//! #[gen_server]
//! impl Mailer {
//!     #[cast]
//!     fn mail(&mut self, text: String) {
//!         self.outbox.push(text);
//!     }
//! }
//!
//! let (host, password) = ("post.example".into(), "hunter2".into());
//! let mailer = Mailer::start(Mailer { host, password, outbox: vec![] }).await.unwrap();
//! let state = sys::inspect(&mailer).await.unwrap();
//! # #[cfg(not(feature = "serde"))]
//! assert_eq!(state.as_str(), r#"Mailer { host: "post.example", password: [redacted] }"#);
//! # }
//! ```
//!
//! # Names that sound like secrets
//! A field called like a secret that would be shown gets a warning of the compiler (`deprecated`,
//! at its name) until it has one of the three words. Its name has, between underscores, the word
//! `password`, `passwd`, `passphrase`, `secret` or `token`, alone or in the plural, or it ends in
//! `_key`, such as `api_key`. A plain `key` or `keys` is that of a map nearly always, and numbers,
//! `bool`s and times are counts and dates, such as the `tokens: u32` of a bucket: none of them is
//! warned of. Nor is a type called `Secret..`, which hides itself, nor a field of a type that shows
//! nothing of it: one that has no `Debug`, or an [`Inspect`] by hand.
//!
//! # Types with parameters
//! Whether `Cache<T>` has a `Debug` depends on its `T`, so nothing is shown of a server with
//! parameters but its name, unless the attribute names what is: `#[gen_server(inspect = Debug)]`,
//! or `Serialize`, `Inspect`, `type_name`. Its `impl` then asks as much of `T`. On a server without
//! parameters it says the same, and `type_name` shows nothing.
//!
//! # Limits
//! No text is longer than 64 KiB; what is cut ends with `…`. A `Debug` shows all there is, also of
//! the fields' types: a part with secrets hides them in its own `Debug`, or the whole has a field
//! with one of the words, so that each is asked for its [`Inspect`].
//!
//! # Differences from OTP
//! A state is not changed for its reader but rendered, by rules that hold wherever it is shown.
//!
//! [`Agent`]: crate::Agent
#[cfg(feature = "serde")]
mod json;
pub(crate) mod ladder;
pub(crate) mod record;
mod text;

#[cfg(feature = "macros")]
pub use cordial_macros::Inspect;
use std::any;
use std::fmt::{self, Debug, Display};

/// What shows a value of type `T`.
pub type Show<T> = fn(&T) -> Inspected;

/// How a type shows itself, before its `Serialize` and its `Debug`; see the [module](self).
///
/// # Examples
/// ```
/// use cordial::inspect::{Inspect, Inspected};
/// struct Card(String);
/// impl Inspect for Card {
///     fn inspect(&self) -> Inspected {
///         Inspected::text(format_args!("card …{}", &self.0[self.0.len() - 4..]))
///     }
/// }
/// assert_eq!(Card("4111111111111111".into()).inspect().as_str(), "card …1111");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how it is shown",
    label = "`cordial::Inspect` is not implemented",
    note = "`#[derive(cordial::Inspect)]` shows its fields, those aside that say `#[inspect(skip)]`"
)]
pub trait Inspect {
    /// What may be shown of it.
    fn inspect(&self) -> Inspected;
}

/// What a text shows a value by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[non_exhaustive]
pub enum Form {
    /// Words of the type's own.
    Text,
    /// JSON: the type, or each field that is shown, has a `Serialize`.
    Json,
    /// `Debug`.
    Debug,
    /// The name of its type: there is nothing else to show.
    TypeName,
}

/// A value, as it is shown.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub struct Inspected {
    form: Form,
    text: String,
}

impl Inspected {
    /// These words.
    pub fn text(words: impl Display) -> Self {
        Self::new(Form::Text, text::of(format_args!("{words}")))
    }

    /// Its `{:?}`.
    pub fn debug(value: &(impl Debug + ?Sized)) -> Self {
        Self::new(Form::Debug, text::of(format_args!("{value:?}")))
    }

    /// Its JSON. A state that has a `Serialize` is shown so without more, with the feature `serde`.
    ///
    /// # Examples
    /// ```
    /// use cordial::inspect::{Form, Inspected};
    /// let shown = Inspected::json(&("tea", 3));
    /// assert_eq!((shown.form(), shown.as_str()), (Form::Json, r#"["tea",3]"#));
    /// ```
    #[cfg(feature = "serde")]
    #[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
    pub fn json(value: &(impl serde::Serialize + ?Sized)) -> Self {
        match json::of(value) {
            Ok((text, false)) => Self::new(Form::Json, text),
            Ok((text, true)) => Self::new(Form::Text, text),
            Err(error) => Self::text(format_args!("it has no JSON: {error}")),
        }
    }

    /// The name of its type, and nothing of it.
    pub fn type_name<T: ?Sized>() -> Self {
        Self::new(Form::TypeName, any::type_name::<T>().into())
    }

    pub(crate) fn new(form: Form, text: String) -> Self {
        Self { form, text }
    }

    /// By what it is shown.
    pub fn form(&self) -> Form {
        self.form
    }

    /// How it is shown.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Something is shown of it, not its type's name alone.
    pub(crate) fn says_more(&self) -> bool {
        self.form != Form::TypeName
    }
}

impl Display for Inspected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<Inspected> for String {
    fn from(inspected: Inspected) -> Self {
        inspected.text
    }
}

impl<T: Inspect + ?Sized> Inspect for &T {
    fn inspect(&self) -> Inspected {
        T::inspect(self)
    }
}

impl<T: Inspect + ?Sized> Inspect for Box<T> {
    fn inspect(&self) -> Inspected {
        T::inspect(self)
    }
}

impl<T: Inspect + ?Sized> Inspect for std::sync::Arc<T> {
    fn inspect(&self) -> Inspected {
        T::inspect(self)
    }
}
