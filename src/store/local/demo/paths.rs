//! Where the outputs of a demo set are in a store: each path's hash covers all that decides the output's bytes, so the
//! same set always gives the same paths, and what changed has another one.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::contents::{Contents, WORDING};
use super::format::{Entry, Record};
use super::references::References;
use crate::store::local::set::OutputId;
use crate::store::local::store_path::{Fingerprint, Hash, store_path};

/// For each package the paths of its outputs.
pub fn of_outputs(
    set: &str,
    records: &[Record],
    references: &References,
    contents: &Contents,
    store: &Path,
) -> Vec<Vec<PathBuf>> {
    let own_hashes = |record: &Record| -> Vec<Hash> {
        record.outputs.iter().map(|output| own_hash(set, record, output, contents, records)).collect()
    };
    let own: Vec<Vec<Hash>> = records.iter().map(own_hashes).collect();
    let path = |id: OutputId| {
        let record = &records[id.package];
        let output = &record.outputs[id.output];
        let suffix = if output == "out" { String::new() } else { format!("-{output}") };
        let hash = whole_hash(id, &own, &references.propagated);
        store_path(store, &hash, format!("{}-{}{suffix}", record.pname, record.version).as_bytes())
    };
    let paths = |&owner: &usize| {
        (0..records[owner].outputs.len()).map(|output| path(OutputId { package: owner, output })).collect()
    };
    references.owners.iter().map(paths).collect()
}

/// The hash of an output. A file in it names the paths of the propagated outputs, so their hashes count as well; as
/// they may name each other in a circle, what counts is the set of all that can be reached.
fn whole_hash(output: OutputId, own: &[Vec<Hash>], propagated: &[Vec<OutputId>]) -> Hash {
    let mut reached = BTreeSet::new();
    let mut next = vec![output];
    while let Some(output) = next.pop() {
        next.extend(propagated[output.package].iter().copied().filter(|&output| reached.insert(output)));
    }
    let mut hash = Fingerprint::new("output and what it propagates");
    hash.bytes(&own[output.package][output.output]);
    for output in reached {
        hash.bytes(&own[output.package][output.output]);
    }
    hash.finish()
}

/// The hash of an output but for what it propagates.
fn own_hash(set: &str, record: &Record, output: &str, contents: &Contents, records: &[Record]) -> Hash {
    let mut hash = Fingerprint::new("output of a demo set");
    hash.number(WORDING);
    for name in [set, &record.attr, &record.pname, &record.version, output] {
        hash.bytes(name.as_bytes());
    }
    for entry in &record.files[output] {
        hash.bytes(entry.path().as_bytes());
        match entry {
            Entry::Link { target, .. } => {
                hash.number(0).bytes(target.as_bytes());
            }
            Entry::File { executable, content, .. } => {
                hash.number(1 + u64::from(*executable));
                contents.describe(*content, records, &mut hash);
            }
        }
    }
    hash.finish()
}
