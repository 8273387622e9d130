//! Where texts come from: files, pairs, environment variables.
use super::errors::Mistake;
use super::file;
use super::key::{Key, Path, paths, variable};
use super::texts::Texts;
use super::{Env, EnvErrors, Raw};
use std::collections::BTreeMap;
use std::path::{Path as FilePath, PathBuf};

/// The sources of the environments of a node's applications.
///
/// Keys begin with the name of their application: `harbor.port`, in a file `port` under `[harbor]`.
/// What is given later wins over what is given earlier, and variables win over all of it.
///
/// # Files
/// A strict part of TOML: `key = value`, `[section]`, `# comment`; values are `"texts"`, numbers,
/// `true`, `false` and `["lists", "of these"]`. A duration is a text: `"5s"`. For another format,
/// read it yourself and give [`pairs`](Self::pairs).
///
/// # Examples
/// See the [module](super).
#[derive(Clone, Debug, Default)]
pub struct Config {
    sources: Vec<Source>,
    /// In place of the process's.
    variables: Option<BTreeMap<String, String>>,
}

#[derive(Clone, Debug)]
enum Source {
    File(PathBuf),
    Pairs(String, Vec<(String, String)>),
}

/// What one application is called, and its keys.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) application: &'a str,
    pub(crate) keys: &'a [Key],
    /// A file of its own: its keys stand there without the application's name. It may be missing.
    pub(crate) file: Option<&'a str>,
}

impl Config {
    /// No sources but the process's environment variables.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file; that it cannot be read is an error.
    #[must_use]
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.sources.push(Source::File(path.into()));
        self
    }

    /// Adds keys with their texts; `name` says in errors where they come from.
    #[must_use]
    pub fn pairs<K: Into<String>, V: Into<String>>(
        mut self,
        name: &str,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let pairs = pairs.into_iter().map(|(key, text)| (key.into(), text.into()));
        self.sources.push(Source::Pairs(name.into(), pairs.collect()));
        self
    }

    /// Reads these in place of the process's environment variables.
    #[must_use]
    pub fn variables<K: Into<String>, V: Into<String>>(
        mut self,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let variables = variables.into_iter().map(|(name, text)| (name.into(), text.into()));
        self.variables = Some(variables.collect());
        self
    }

    /// The environment of one application.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read<E: Env>(&self, application: &str) -> Result<E, EnvErrors> {
        let subject = Subject { application, keys: E::KEYS, file: None };
        let (texts, mut mistakes) = self.gather(subject);
        match texts.read(application) {
            Ok(env) if mistakes.is_empty() => Ok(env),
            Ok(_) => Err(EnvErrors { application: application.into(), mistakes }),
            Err(wrong) => {
                mistakes.extend(wrong.mistakes);
                Err(EnvErrors { application: application.into(), mistakes })
            }
        }
    }

    /// All texts of one application, and what could not be understood.
    pub(crate) fn gather(&self, subject: Subject<'_>) -> (Texts, Vec<Mistake>) {
        let mut gathered = Gathered { subject, texts: Texts::default(), mistakes: Vec::new() };
        if let Some(path) = subject.file.map(FilePath::new).filter(|path| path.exists()) {
            gathered.file(path, Prefix::None);
        }
        for source in &self.sources {
            match source {
                Source::File(path) => gathered.file(path, Prefix::Application),
                Source::Pairs(name, pairs) => gathered.pairs(name, pairs),
            }
        }
        if let Some(path) = self.variable(&variable(subject.application, CONFIG)).transpose() {
            match path {
                Ok(path) => gathered.file(FilePath::new(&path), Prefix::None),
                Err(mistake) => gathered.mistakes.push(mistake),
            }
        }
        for path in paths(subject.keys) {
            gathered.variable(self, &path);
        }
        (gathered.texts, gathered.mistakes)
    }

    /// Applications that are named here and are none of these.
    pub(crate) fn strangers(&self, known: &[&str]) -> Vec<Mistake> {
        let mut found = Vec::new();
        for source in &self.sources {
            let lines = match source {
                Source::File(path) => file::read(path).0,
                Source::Pairs(name, pairs) => {
                    let line = |(path, _): &(String, String)| (path.clone(), name.clone());
                    let lines = pairs.iter().map(line);
                    lines.map(|(path, source)| file::Line::new(path, "", source)).collect()
                }
            };
            for line in lines {
                let name = line.path.split('.').next().unwrap_or_default();
                if !known.contains(&name) {
                    let near = super::errors::did_you_mean(name, known.iter().copied());
                    let text = format!("`{name}` ({}) is no application{near}", line.source);
                    found.push(Mistake { key: line.path.clone(), text });
                }
            }
        }
        found
    }

    fn variable(&self, name: &str) -> Result<Option<String>, Mistake> {
        if let Some(given) = &self.variables {
            return Ok(given.get(name).cloned());
        }
        let text = std::env::var_os(name).map(std::ffi::OsString::into_string).transpose();
        text.map_err(|_| Mistake { key: String::new(), text: format!("{name} is not UTF-8") })
    }
}

/// `HARBOR_CONFIG` names a file.
const CONFIG: &str = "config";

/// What stands before the keys of a source.
#[derive(Clone, Copy, PartialEq)]
enum Prefix {
    None,
    Application,
}

struct Gathered<'a> {
    subject: Subject<'a>,
    texts: Texts,
    mistakes: Vec<Mistake>,
}

impl Gathered<'_> {
    fn file(&mut self, path: &FilePath, prefix: Prefix) {
        let (lines, mistakes) = file::read(path);
        self.mistakes.extend(mistakes);
        for line in lines {
            let own = match prefix {
                Prefix::None => Some(line.path.as_str()),
                Prefix::Application => self.own(&line.path),
            };
            if let Some(key) = own {
                let key = key.to_owned();
                self.set(&key, line.raw, line.source);
            }
        }
    }

    fn pairs(&mut self, name: &str, pairs: &[(String, String)]) {
        for (path, text) in pairs {
            if let Some(key) = self.own(path) {
                let key = key.to_owned();
                self.set(&key, Raw::Text(text.clone()), name.into());
            }
        }
    }

    /// A variable, or for a secret the file that a variable names.
    fn variable(&mut self, config: &Config, path: &Path) {
        let name = variable(self.subject.application, &path.text);
        let given = match config.variable(&name) {
            Ok(None) if path.key.is_secret => self.secret_file(config, &format!("{name}_FILE")),
            Ok(text) => text.map(|text| (text, name)),
            Err(mistake) => {
                self.mistakes.push(mistake);
                None
            }
        };
        if let Some((text, source)) = given {
            self.set(&path.text, Raw::Text(text), source);
        }
    }

    fn secret_file(&mut self, config: &Config, name: &str) -> Option<(String, String)> {
        let path = config.variable(name).ok().flatten()?;
        match std::fs::read_to_string(&path) {
            Ok(text) => Some((text.trim_end_matches(['\r', '\n']).into(), name.into())),
            Err(error) => {
                let text = format!("{path} ({name}) cannot be read: {error}");
                self.mistakes.push(Mistake { key: String::new(), text });
                None
            }
        }
    }

    /// The key, if it belongs to this application.
    fn own<'p>(&self, path: &'p str) -> Option<&'p str> {
        path.strip_prefix(self.subject.application)?.strip_prefix('.')
    }

    fn set(&mut self, path: &str, raw: Raw, source: String) {
        if let Err(mistake) = self.texts.set(self.subject.keys, path, raw, source) {
            self.mistakes.push(mistake);
        }
    }
}
