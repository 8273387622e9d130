//! The texts of one environment: for each key the one that wins, and where it came from.
use super::errors::{Mistake, did_you_mean};
use super::key::{Key, Path, paths};
use super::secret::HIDDEN;
use super::{Env, EnvErrors, Raw, Reader};
use std::collections::BTreeMap;
use std::fmt;

/// A text and where it came from.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) raw: Raw,
    /// `harbor.toml:3`, `HARBOR_PORT`, …
    pub(crate) source: String,
    pub(crate) is_secret: bool,
}

impl Given {
    /// The value, as it may be shown.
    pub(crate) fn shown(&self) -> String {
        if self.is_secret { HIDDEN.into() } else { self.raw.shown() }
    }
}

impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ({})", self.shown(), self.source)
    }
}

/// What is set, key by key; a `None` was deleted.
#[derive(Clone, Default)]
pub(crate) struct Texts {
    given: BTreeMap<String, Option<Given>>,
}

impl Texts {
    pub(crate) fn get(&self, path: &str) -> Option<&Given> {
        self.given.get(path)?.as_ref()
    }

    /// Whether it was deleted here: a default does not count either.
    pub(crate) fn is_deleted(&self, path: &str) -> bool {
        matches!(self.given.get(path), Some(None))
    }

    /// Sets a key; what was set before goes.
    pub(crate) fn set(
        &mut self,
        keys: &[Key],
        path: &str,
        raw: Raw,
        source: String,
    ) -> Result<(), Mistake> {
        let known = paths(keys);
        let Some(Path { key, .. }) = known.iter().find(|known| known.text == path) else {
            let near = did_you_mean(path, known.iter().map(|known| known.text.as_str()));
            let text = format!("`{path}` ({source}) is no key{near}");
            return Err(Mistake { key: path.into(), text });
        };
        let given = Given { raw, source, is_secret: key.is_secret };
        self.given.insert(path.into(), Some(given));
        Ok(())
    }

    /// Takes a key away from all that is below, too.
    pub(crate) fn delete(&mut self, path: &str) {
        self.given.insert(path.into(), None);
    }

    /// These texts with `above` over them.
    pub(crate) fn under(&self, above: &Self) -> Self {
        let mut all = self.clone();
        all.given.extend(above.given.iter().map(|(path, given)| (path.clone(), given.clone())));
        all
    }

    /// The environment, or everything that is wrong with it.
    pub(crate) fn read<E: Env>(&self, application: &str) -> Result<E, EnvErrors> {
        Reader::read_all(application, self)
            .map_err(|mistakes| EnvErrors { application: application.into(), mistakes })
    }
}

// ===== For people who ask by name =====

impl Texts {
    /// The text of a key, its default included; an error is a hint at what was meant.
    pub(crate) fn shown(&self, keys: &[Key], path: &str) -> Result<String, String> {
        let known = paths(keys);
        if let Some(given) = self.get(path) {
            return Ok(given.shown());
        }
        match known.iter().find(|known| known.text == path) {
            Some(_) if self.is_deleted(path) => Err(String::new()),
            Some(Path { key, .. }) => key.default.map(str::to_owned).ok_or_else(String::new),
            None => Err(did_you_mean(path, known.iter().map(|known| known.text.as_str()))),
        }
    }

    /// Every key that has a text.
    pub(crate) fn all(&self, keys: &[Key]) -> Vec<(String, String)> {
        let all = paths(keys).into_iter();
        all.filter_map(|path| Some((path.text.clone(), self.shown(keys, &path.text).ok()?)))
            .collect()
    }
}
