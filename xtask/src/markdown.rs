//! The links of the project's markdown: a link to a file must lead to one.

use std::path::Path;

use crate::shell;

/// Checks every relative link of every `.md` file.
pub(crate) fn check() -> Result<(), String> {
    let mut broken = Vec::new();
    for page in shell::files(".", ".md") {
        let text = std::fs::read_to_string(&page).map_err(|error| error.to_string())?;
        let folder = page.parent().expect("a file stands in a folder");
        for link in links(&text).into_iter().filter(|link| !leads_somewhere(folder, link)) {
            broken.push(format!("{}: {link} leads nowhere", page.display()));
        }
    }
    if broken.is_empty() { Ok(()) } else { Err(broken.join("\n")) }
}

/// The targets of `[text](target)`, outside code.
fn links(text: &str) -> Vec<&str> {
    let mut in_code = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if !in_code {
            // Every second piece between back-ticks is code.
            for prose in line.split('`').step_by(2) {
                found.extend(prose.split("](").skip(1).filter_map(|rest| rest.split(')').next()));
            }
        }
    }
    found
}

fn leads_somewhere(folder: &Path, link: &str) -> bool {
    let path = link.split(['#', ' ']).next().unwrap_or_default();
    path.is_empty()
        || path.contains("://")
        || path.starts_with("mailto:")
        || folder.join(path).exists()
}

#[cfg(test)]
mod tests {
    use super::{leads_somewhere, links};
    use std::path::Path;

    #[test]
    fn links_are_found_outside_code_only() {
        let text = "see [a](b.md) and [c](d.md#e), not `[x](y)`\n```\n[z](z)\n```\n[f](g)";
        assert_eq!(links(text), ["b.md", "d.md#e", "g"]);
    }

    #[test]
    fn a_link_to_a_missing_file_leads_nowhere() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(leads_somewhere(here, "src/main.rs#top"));
        assert!(leads_somewhere(here, "https://keepachangelog.com"));
        assert!(!leads_somewhere(here, "src/nothing.rs"));
    }
}
