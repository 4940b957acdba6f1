//! Whether two packages are builds of one project, or two projects that share a name.
//!
//! `nix-env -u` goes by the derivation's name alone, and so may put another project in the place of one that is called the
//! same; an attribute, too, may come to mean another project. What tells them apart is the name and the homepage.

use crate::package::Package;
use crate::profile::{Element, nix_env, split_version};

/// What tells a project from another one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Project {
    /// Without the version.
    pub name: String,
    pub version: String,
    /// Empty if not known, as the description.
    pub homepage: String,
    pub description: String,
}

impl Project {
    /// Of what is installed, as far as its manifest and its paths tell.
    pub(super) fn installed(element: &Element) -> Self {
        let (full, _) = nix_env::identity(element);
        let text = |name| nix_env::meta_text(element, name).unwrap_or_default().to_owned();
        Self {
            name: split_version(&full).0.to_owned(),
            version: element.version.clone(),
            homepage: text("homepage"),
            description: text("description"),
        }
    }

    pub(super) fn offered(package: &Package) -> Self {
        Self {
            name: package.name.clone(),
            version: package.version.clone(),
            homepage: package.homepage.clone(),
            description: package.description.clone(),
        }
    }

    /// Whether a package is of another project.
    pub(super) fn is_other(&self, package: &Package) -> bool {
        let full = package.evaluated.as_ref().map(|evaluated| &*evaluated.full_name);
        let of_derivation = full.map_or(&*package.name, |full| split_version(full).0);
        let is_called_so = self.name == package.name || self.name == of_derivation;
        let (one, other) = (normal(&self.homepage), normal(&package.homepage));
        let is_at_same_home = one == other || one.is_empty() || other.is_empty();
        !is_at_same_home || !is_called_so && !differ_in_interpreter(&self.name, of_derivation)
    }
}

/// An address without what makes no difference: scheme, `www.`, the case of the host, slashes at the end.
fn normal(homepage: &str) -> String {
    let text = homepage.trim();
    let rest = ["https://", "http://"].iter().find_map(|scheme| {
        let start = text.get(..scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then(|| &text[scheme.len()..])
    });
    let rest = rest.unwrap_or(text).trim_end_matches('/');
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host.to_ascii_lowercase();
    format!("{}{path}", host.strip_prefix("www.").unwrap_or(&host))
}

/// Whether the names differ only in the version of the interpreter that a module is for: `python3.11-requests` and
/// `python3.12-requests`.
fn differ_in_interpreter(one: &str, other: &str) -> bool {
    let parts = |name: &str| {
        let (interpreter, module) = name.split_once('-').filter(|(_, module)| !module.is_empty())?;
        let letters = interpreter.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
        let is_versioned = letters.len() < interpreter.len() && !letters.is_empty();
        is_versioned.then(|| (letters.to_owned(), module.to_owned()))
    };
    parts(one).is_some_and(|parts_of_one| Some(parts_of_one) == parts(other))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::package::Evaluated;

    fn is_other(name: &str, homepage: &str, full_name: &str, pname: &str, of: &str) -> bool {
        let installed = Project { name: name.into(), homepage: homepage.into(), ..Project::default() };
        let evaluated = Evaluated { full_name: full_name.into(), ..Evaluated::default() };
        installed.is_other(&Package {
            name: pname.into(),
            homepage: of.into(),
            evaluated: Some(Arc::new(evaluated)),
            ..Package::unevaluated("a".into(), "mine".into())
        })
    }

    #[test]
    fn one_name_and_no_other_home_is_one_project() {
        assert!(!is_other("hello", "", "hello-2.12", "hello", ""));
        assert!(!is_other("hello", "https://a.org", "hello-2.12", "hello", ""));
        assert!(!is_other("python3.11-requests", "", "python3.11-requests-2", "requests", ""));
        assert!(!is_other("python3.11-requests", "", "python3.12-requests-2", "requests", ""));
    }

    #[test]
    fn another_name_or_another_home_is_another_project() {
        assert!(is_other("hello", "", "goodbye-2.12", "goodbye", ""));
        assert!(is_other("hello", "https://a.org", "hello-2.12", "hello", "https://b.org"));
        assert!(is_other("x264", "", "x265-3", "x265", ""));
        assert!(is_other("7zip", "", "zip-3", "zip", ""));
        assert!(is_other("python3.11-requests", "", "python3.12-request-2", "request", ""));
        assert!(is_other("python3.11-requests", "", "perl5.38-requests-2", "requests-perl", ""));
        assert!(is_other("hello", "https://a.org", "goodbye-2", "goodbye", "https://a.org"), "one home, two names");
    }

    #[test]
    fn how_a_homepage_is_spelled_makes_no_difference() {
        for same in ["http://www.gnu.org/hello", "HTTPS://GNU.org/hello//", "gnu.org/hello", " https://gnu.org/hello/ "]
        {
            assert!(!is_other("hello", "https://www.gnu.org/hello/", "hello-2", "hello", same), "{same}");
        }
        assert!(is_other("hello", "https://gnu.org/hello", "hello-2", "hello", "https://gnu.org/Hello"));
    }
}
