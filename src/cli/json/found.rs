//! What was looked for: who provides a file, what is wrong.

use serde::Serialize;

use crate::loom::{Finding, PlainFile, Provider};
use crate::safe;

/// Who provides a file.
#[derive(Serialize)]
pub(in crate::cli) struct ProviderDocument<'a> {
    package: &'a str,
    source: &'a str,
    output: &'a str,
    path: String,
    installed: bool,
    on_offer: bool,
    shadowed: bool,
}

impl<'a> From<&'a Provider> for ProviderDocument<'a> {
    fn from(provider: &'a Provider) -> Self {
        Self {
            package: &provider.package,
            source: &provider.source,
            output: &provider.output,
            path: safe::json(&provider.path),
            installed: provider.installed,
            on_offer: provider.on_offer,
            shadowed: provider.shadowed,
        }
    }
}

/// A file of a profile or an output.
#[derive(Serialize)]
pub(in crate::cli) struct FileDocument<'a> {
    path: String,
    kind: &'static str,
    size: Option<u64>,
    mode: Option<String>,
    target: Option<String>,
    source: Option<String>,
    package: Option<&'a str>,
    output: Option<&'a str>,
    shadowed: Vec<&'a str>,
}

impl<'a> From<PlainFile<'a>> for FileDocument<'a> {
    fn from(file: PlainFile<'a>) -> Self {
        Self {
            path: safe::json(&file.path),
            kind: file.kind,
            size: file.size,
            mode: file.mode.map(|mode| format!("{mode:04o}")),
            target: file.target.map(safe::json),
            source: file.source.as_deref().map(safe::json),
            package: file.owner.map(|owner| &*owner.package),
            output: file.owner.map(|owner| &*owner.output),
            shadowed: file.shadowed,
        }
    }
}

/// What `doctor` found.
#[derive(Serialize)]
pub(in crate::cli) struct FindingDocument<'a> {
    level: &'static str,
    what: &'static str,
    detail: &'a str,
    way_out: Option<&'a str>,
}

impl<'a> From<&'a Finding> for FindingDocument<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            level: finding.level.word(),
            what: finding.what,
            detail: &finding.detail,
            way_out: Some(finding.way_out.as_str()).filter(|way_out| !way_out.is_empty()),
        }
    }
}
