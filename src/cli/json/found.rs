//! What was looked for: who provides a file, what is wrong.

use serde::Serialize;

use crate::loom::{Finding, Provider};
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
