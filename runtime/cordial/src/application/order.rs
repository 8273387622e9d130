//! Which application starts before which: those that it needs, in the order in which it names them.
use super::Dependency;

/// `of` and all that it needs, each after what it needs itself (APP-2).
///
/// An error is a circle of applications that need each other, from one of them back to it (APP-17).
pub(super) fn of(of: Dependency) -> Result<Vec<Dependency>, Vec<&'static str>> {
    of_all(&[of])
}

/// [`of`] for several, each once.
pub(super) fn of_all(all: &[Dependency]) -> Result<Vec<Dependency>, Vec<&'static str>> {
    let mut order = Vec::new();
    for of in all {
        visit(*of, &mut order, &mut Vec::new())?;
    }
    Ok(order)
}

fn visit(
    next: Dependency,
    order: &mut Vec<Dependency>,
    path: &mut Vec<&'static str>,
) -> Result<(), Vec<&'static str>> {
    if let Some(start) = path.iter().position(|name| *name == next.name) {
        let mut circle = path[start..].to_vec();
        circle.push(next.name);
        return Err(circle);
    }
    if order.iter().any(|known| known.name == next.name) {
        return Ok(());
    }
    path.push(next.name);
    for needed in (next.depends)() {
        visit(*needed, order, path)?;
    }
    path.pop();
    order.push(next);
    Ok(())
}
