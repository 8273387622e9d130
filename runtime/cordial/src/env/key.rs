//! What is known of a key before any value is read.

/// One key of an environment: its name, and what people are told about it.
///
/// # Examples
/// ```
/// use cordial::env::{Env, Key, Reader, one};
///
/// // By hand what `#[derive(cordial::Env)]` writes.
/// #[derive(Clone)]
/// struct Cfg {
///     port: u16,
/// }
/// impl Env for Cfg {
///     const KEYS: &'static [Key] = &[Key::new("port", "u16").default("80")];
///     fn read(reader: &mut Reader<'_>) -> Option<Self> {
///         let port = reader.or("port", one, || 80);
///         Some(Cfg { port: port? })
///     }
/// }
/// let config = cordial::env::Config::new().variables([("WEB_PORT", "81")]);
/// assert_eq!(config.read::<Cfg>("web").unwrap().port, 81);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Key {
    pub(crate) name: &'static str,
    pub(crate) ty: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) default: Option<&'static str>,
    pub(crate) is_secret: bool,
    pub(crate) section: Option<&'static [Self]>,
}

impl Key {
    /// A key, and the name of its type.
    pub const fn new(name: &'static str, ty: &'static str) -> Self {
        Self { name, ty, doc: "", default: None, is_secret: false, section: None }
    }

    /// A struct of keys: `[name]` in a file.
    pub const fn section(name: &'static str, keys: &'static [Self]) -> Self {
        Self { section: Some(keys), ..Self::new(name, "") }
    }

    /// The text of its default, where it has one.
    #[must_use]
    pub const fn default(self, text: &'static str) -> Self {
        Self { default: Some(text), ..self }
    }

    /// What it is for.
    #[must_use]
    pub const fn doc(self, doc: &'static str) -> Self {
        Self { doc, ..self }
    }

    /// Its value is never shown.
    #[must_use]
    pub const fn secret(self) -> Self {
        Self { is_secret: true, ..self }
    }

    /// Its name, without the sections around it.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

/// A key with the sections around it: `db.port`.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    pub(crate) text: String,
    pub(crate) key: Key,
}

/// All keys that have values, those of sections included.
pub(crate) fn paths(keys: &[Key]) -> Vec<Path> {
    let mut found = Vec::new();
    collect(keys, "", &mut found);
    found
}

fn collect(keys: &[Key], before: &str, found: &mut Vec<Path>) {
    for key in keys {
        let text = format!("{before}{}", key.name);
        match key.section {
            Some(inner) => collect(inner, &format!("{text}."), found),
            None => found.push(Path { text, key: *key }),
        }
    }
}

/// The variable of a key: `HARBOR_DB_PORT` for `db.port` of `harbor`.
pub(crate) fn variable(application: &str, path: &str) -> String {
    let name = format!("{application}_{path}").to_uppercase();
    name.replace(['.', '-'], "_")
}
