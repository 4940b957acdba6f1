//! What the sources of the backend in memory offer in place of what is installed: one of each kind.

use nix_loom::loom::{Project, Upgrade, UpgradeVerdict};
use nix_loom::profile::{Change, Element};

/// A source that only an upgrade is asked of.
pub const OTHER: &str = "other";

/// What is answered for an element of `demo`, by its own source or by [`OTHER`].
pub fn upgrade(element: &Element, from: Option<&str>) -> Upgrade {
    let source = from.unwrap_or(&element.source).to_owned();
    if source != element.source {
        let why = "syntax error, unexpected end of file, at /home/user/other.nix:3:1".to_owned();
        return row(element, source, "", UpgradeVerdict::Failed(why), None);
    }
    let as_attribute = |attribute: &str| Change::Source {
        name: element.name.clone(),
        attribute: Some(attribute.to_owned()),
        source: "demo".to_owned(),
        outputs: None,
    };
    let again = Change::Install {
        attribute: element.attribute.clone(),
        source: Some("demo".to_owned()),
        outputs: None,
        priority: None,
    };
    match element.name.as_str() {
        "nodejs_18" => row(element, source, "24.11.1", UpgradeVerdict::Newer, Some(as_attribute("nodejs_24"))),
        "git" => row(element, source, "2.52.0", UpgradeVerdict::AnotherBuild, Some(again)),
        "zlib" => row(element, source, "1.2.13", UpgradeVerdict::Older, Some(again)),
        "vim" => {
            let project = |name: &str, version: &str, description: &str| {
                Box::new(Project {
                    name: name.into(),
                    version: version.into(),
                    homepage: format!("https://{name}.example"),
                    description: description.into(),
                })
            };
            let installed = project("vim", &element.version, "Text editor with modes");
            let offered = project("neovim", "0.11.5", "Text editor for those who know Vim");
            let verdict = UpgradeVerdict::OtherProject { installed, offered };
            row(element, source, "0.11.5", verdict, Some(as_attribute("neovim")))
        }
        "ripgrep" => row(element, source, "", UpgradeVerdict::Gone, None),
        _ => row(element, source, &element.version, UpgradeVerdict::Unchanged, None),
    }
}

fn row(element: &Element, source: String, to: &str, verdict: UpgradeVerdict, change: Option<Change>) -> Upgrade {
    Upgrade {
        name: element.name.clone(),
        from: element.version.clone(),
        to: to.to_owned(),
        attribute: element.attribute.clone(),
        source,
        verdict,
        change,
        outputs: element.outputs.iter().map(|output| output.name.clone()).collect(),
        lost_outputs: Vec::new(),
    }
}
