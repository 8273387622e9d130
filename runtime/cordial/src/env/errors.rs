//! What is wrong with an environment: everything at once, each with its source and the way out.
use std::error::Error;
use std::fmt;

/// Everything that is wrong with the environment of one application.
///
/// # Examples
/// ```
/// use cordial::env::Config;
/// #[derive(Clone, Debug, cordial::Env)]
/// struct Cfg {
///     port: u16,
/// }
/// let error = Config::new().variables([("WEB_PORT", "x")]).read::<Cfg>("web").unwrap_err();
/// assert_eq!(error.application(), "web");
/// assert_eq!(error.mistakes()[0].key(), "port");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvErrors {
    pub(crate) application: String,
    pub(crate) mistakes: Vec<Mistake>,
}

impl EnvErrors {
    /// Whose environment it is.
    pub fn application(&self) -> &str {
        &self.application
    }

    /// At least one.
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }
}

impl fmt::Display for EnvErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the environment of `{}` is wrong", self.application)?;
        self.mistakes.iter().try_for_each(|mistake| write!(f, "\n  {mistake}"))
    }
}

impl Error for EnvErrors {}

/// One thing that is wrong: which key, where, and what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    pub(crate) key: String,
    pub(crate) text: String,
}

impl Mistake {
    /// The key, with its sections; empty when it is about a whole file.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// "; did you mean `port`?", or nothing when no word is near.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let rated = known.into_iter().map(|candidate| (distance(word, candidate), candidate));
    let near = rated.filter(|(distance, _)| *distance <= 2).min_by_key(|(distance, _)| *distance);
    near.map_or_else(String::new, |(_, near)| format!("; did you mean `{near}`?"))
}

/// How many letters have to be added, dropped, changed or swapped with the next one.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = changed.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_word_is_offered() {
        assert_eq!(did_you_mean("prot", ["host", "port"]), "; did you mean `port`?");
        assert_eq!(did_you_mean("zebra", ["host", "port"]), "");
    }
}
