//! A plan as a NAR, the form in which Nix hashes and transports trees.
//!
//! The stream is byte for byte what `nix-store --dump` gives for the written tree (Nix, `src/libutil/archive.cc`).

use std::io::{self, Write};
use std::sync::Arc;

use super::{Directory, Node, Plan};

/// Writes the plan's tree as a NAR. Errors are those of `to`.
pub fn write_plan(plan: &Plan, to: &mut dyn Write) -> io::Result<()> {
    string(to, b"nix-archive-1")?;
    open_directory(to)?;
    // A stack of its own, so that no depth of tree can exhaust the thread's.
    let mut open: Vec<std::slice::Iter<(Arc<[u8]>, Node)>> = vec![plan.directories[0].entries.iter()];
    while let Some(entries) = open.last_mut() {
        let Some((name, node)) = entries.next() else {
            open.pop();
            string(to, b")")?; // the directory
            if !open.is_empty() {
                string(to, b")")?; // its entry
            }
            continue;
        };
        for token in [&b"entry"[..], b"(", b"name", name, b"node"] {
            string(to, token)?;
        }
        match node {
            Node::Directory(id) => {
                let directory: &Directory = plan.directory(*id);
                open_directory(to)?;
                open.push(directory.entries.iter());
                continue;
            }
            Node::Link(target) => {
                for token in [&b"("[..], b"type", b"symlink", b"target", &target.to_vec(), b")"] {
                    string(to, token)?;
                }
            }
            Node::File(content) => {
                for token in [&b"("[..], b"type", b"regular", b"contents", content, b")"] {
                    string(to, token)?;
                }
            }
        }
        string(to, b")")?;
    }
    Ok(())
}

fn open_directory(to: &mut dyn Write) -> io::Result<()> {
    [&b"("[..], b"type", b"directory"].into_iter().try_for_each(|token| string(to, token))
}

/// Length as 64 bits little-endian, the bytes, zeros up to a multiple of eight.
fn string(to: &mut dyn Write, bytes: &[u8]) -> io::Result<()> {
    to.write_all(&(bytes.len() as u64).to_le_bytes())?;
    to.write_all(bytes)?;
    to.write_all(&[0; 8][..bytes.len().next_multiple_of(8) - bytes.len()])
}
