//! Takes the values of an environment out of its texts, and keeps everything that is wrong.
use super::errors::Mistake;
use super::key::variable;
use super::texts::{Given, Texts};
use super::{Env, Raw};

/// Reads one environment; what is wrong is kept, so that all of it can be told at once.
///
/// # Examples
/// See [`Key`](super::Key).
pub struct Reader<'a> {
    application: &'a str,
    texts: &'a Texts,
    /// The sections around what is read, with a dot behind each.
    before: String,
    mistakes: Vec<Mistake>,
}

impl<'a> Reader<'a> {
    /// The environment, or everything that is wrong with it.
    pub(crate) fn read_all<E: Env>(
        application: &'a str,
        texts: &'a Texts,
    ) -> Result<E, Vec<Mistake>> {
        let mut reader = Self { application, texts, before: String::new(), mistakes: Vec::new() };
        match E::read(&mut reader) {
            Some(env) if reader.mistakes.is_empty() => Ok(env),
            _ => Err(reader.mistakes),
        }
    }

    /// The value of a key that must be set.
    pub fn required<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&Raw) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.optional(key, read)?;
        if value.is_none() {
            let path = self.path(key);
            let variable = variable(self.application, &path);
            let text = format!("`{path}` is missing; set the variable {variable}");
            self.mistakes.push(Mistake { key: path, text });
        }
        value
    }

    /// The value of a key, or a default.
    pub fn or<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&Raw) -> Result<T, String>,
        default: impl FnOnce() -> T,
    ) -> Option<T> {
        self.optional(key, read).map(|value| value.unwrap_or_else(default))
    }

    /// The value of a key, if it is set. The outer `None` is a value that could not be read.
    pub fn optional<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&Raw) -> Result<T, String>,
    ) -> Option<Option<T>> {
        let path = self.path(key);
        let Some(given) = self.texts.get(&path) else { return Some(None) };
        match read(&given.raw) {
            Ok(value) => Some(Some(value)),
            Err(why) => {
                let text = format!("`{path}` is {given}: {why}");
                self.mistakes.push(Mistake { key: path, text });
                None
            }
        }
    }

    /// [`or`](Self::or), with a default that is a text itself.
    pub fn or_text<T>(
        &mut self,
        key: &str,
        read: impl Fn(&Raw) -> Result<T, String>,
        default: &str,
    ) -> Option<T> {
        self.or_raw(key, read, &Raw::Text(default.into()))
    }

    /// [`or_text`](Self::or_text), for a list.
    pub fn or_list<T>(
        &mut self,
        key: &str,
        read: impl Fn(&Raw) -> Result<T, String>,
        default: &[&str],
    ) -> Option<T> {
        let items = default.iter().map(|item| (*item).to_owned());
        self.or_raw(key, read, &Raw::List(items.collect()))
    }

    fn or_raw<T>(
        &mut self,
        key: &str,
        read: impl Fn(&Raw) -> Result<T, String>,
        default: &Raw,
    ) -> Option<T> {
        match self.optional(key, &read)? {
            Some(value) => Some(value),
            None => self.given(key, &read, default, "default"),
        }
    }

    /// A value that was fixed when the program was built: `built` is the text it had then,
    /// `default` the one that held without. It is a mistake if the key is set to another one now
    /// (APP-14).
    pub fn compiled<T: PartialEq>(
        &mut self,
        key: &str,
        read: impl Fn(&Raw) -> Result<T, String>,
        built: Option<&'static str>,
        default: &'static str,
    ) -> Option<T> {
        let now = self.optional(key, &read)?;
        let text = built.unwrap_or(default);
        let then = self.given(key, &read, &Raw::Text(text.into()), "built in")?;
        if now.is_none_or(|now| now == then) {
            return Some(then);
        }
        let path = self.path(key);
        let given = self.texts.get(&path).map(Given::to_string).unwrap_or_default();
        let text = format!(
            "`{path}` is {given}, and the program was built with `{text}`; build it again, or \
             take the setting back"
        );
        self.mistakes.push(Mistake { key: path, text });
        None
    }

    /// A text of the program itself.
    fn given<T>(
        &mut self,
        key: &str,
        read: impl Fn(&Raw) -> Result<T, String>,
        raw: &Raw,
        source: &str,
    ) -> Option<T> {
        let value = read(raw);
        if let Err(why) = &value {
            let path = self.path(key);
            let text = format!("`{path}` is `{}` ({source}): {why}", raw.shown());
            self.mistakes.push(Mistake { key: path, text });
        }
        value.ok()
    }

    /// A struct of keys.
    pub fn section<E: Env>(&mut self, key: &str) -> Option<E> {
        let outside = self.before.len();
        self.before = self.path(key) + ".";
        let read = E::read(self);
        self.before.truncate(outside);
        read
    }

    fn path(&self, key: &str) -> String {
        format!("{}{key}", self.before)
    }
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reader({})", self.application)
    }
}
