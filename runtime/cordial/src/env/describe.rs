//! An environment as people read it: which variables there are.
use super::Env;
use super::key::{paths, variable};

/// One line per key: its variable, its type, its default, what it is for. What `--help` prints.
///
/// # Examples
/// ```
/// #[derive(Clone, cordial::Env)]
/// struct HarborCfg {
///     /// Where to listen.
///     #[env(default = 4040)]
///     port: u16,
///     pilot: Option<String>,
/// }
/// assert_eq!(
///     cordial::env::describe::<HarborCfg>("harbor"),
///     "HARBOR_PORT   u16 (4040)      Where to listen.\n\
///      HARBOR_PILOT  Option<String>\n"
/// );
/// ```
pub fn describe<E: Env>(application: &str) -> String {
    let rows: Vec<[String; 3]> = paths(E::KEYS)
        .iter()
        .map(|path| {
            let default = path.key.default.map(|text| format!(" ({text})")).unwrap_or_default();
            let variable = variable(application, &path.text);
            [variable, format!("{}{default}", path.key.ty), path.key.doc.to_owned()]
        })
        .collect();
    let width = |column: usize| {
        rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
    };
    let (first, second) = (width(0), width(1));
    let lines = rows.iter().map(|[variable, ty, doc]| {
        format!("{variable:first$}  {ty:second$}  {doc}").trim_end().to_owned() + "\n"
    });
    lines.collect()
}
