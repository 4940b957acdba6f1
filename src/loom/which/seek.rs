//! Who provides what is being typed: the command or file of that name, else files of that name anywhere, else names that
//! hold the letters.

use std::collections::HashSet;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::{Provider, Told};
use crate::engine::{EntryKind, Files, Plan, join};
use crate::loom::{Loom, LoomError};
use crate::package::{Package, PackageOutput};
use crate::profile::{Element, ElementOutput};
use crate::progress::Progress;
use crate::store::listing::{NixIndex, NixIndexError};

/// More files that are merely alike are not told.
const MOST_ALIKE: usize = 500;

/// How what was found has to do with what was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// The very command or path.
    #[default]
    Exact,
    /// Files of that name, but elsewhere than where commands are.
    Named,
    /// Names or paths that hold the letters, or that are like the pattern.
    Part,
}

/// Who has what was asked for, as far as that can be told.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub likeness: Likeness,
    /// The installed ones first, then those on offer, then those that only nix-index knows.
    pub providers: Vec<Provider>,
    /// Whether there is more than that.
    pub is_cut: bool,
    /// Packages on offer of whose files nobody here has a listing: they were not looked at.
    pub unlisted: usize,
    /// Whether the user has a database of nix-index.
    pub has_index: bool,
    /// Whether that is still being read.
    pub is_reading_index: bool,
    /// Why it could not be asked.
    pub problem: Option<NixIndexError>,
}

/// What is looked for where nothing has it exactly.
struct Alike<'a> {
    text: &'a [u8],
    /// Whether `*` and `?` in it stand for letters.
    is_pattern: bool,
    /// Whether it is about whole paths.
    is_path: bool,
}

/// An output to look into.
enum Output<'a> {
    Installed(&'a Element, &'a ElementOutput),
    OnOffer(&'a Package, &'a PackageOutput),
}

impl Loom {
    /// Who has `question`: a command's name, a file's, a path (with a slash), or a part of one; `*` and `?` stand for any
    /// letters and for one. May take long where nix-index's database is asked: what is known until then is told before.
    /// Fetches nothing.
    pub fn seek(&self, question: &str, progress: &dyn Progress, tell: &dyn Fn(&Found)) -> Result<Found, LoomError> {
        let elements = self.contents()?.elements;
        let plan = self.installed_plan(&elements)?;
        let mut found = Found { unlisted: self.unlisted(&elements), ..Found::default() };
        let question = question.trim();
        if question.is_empty() {
            return Ok(found);
        }
        let alike = Alike {
            text: question.trim_start_matches('/').as_bytes(),
            is_pattern: question.contains(['*', '?']),
            is_path: question.contains('/'),
        };
        let path = self.meant(question);
        let mut told = Told::new();
        if !alike.is_pattern {
            (found.providers, told) = self.known_with(&path, &elements, &plan);
        }
        let index = NixIndex::of_user(&|name| std::env::var_os(name)).filter(|_| !alike.is_pattern);
        found.has_index = index.is_some();
        if found.providers.is_empty() {
            self.find_alike(&alike, &elements, &plan, progress, &mut found);
        }
        let Some(index) = index else { return Ok(found) };
        found.is_reading_index = true;
        tell(&found);
        found.is_reading_index = false;
        // Without a slash those of that name anywhere are found in the same reading.
        let wanted = if alike.is_path { join(b"/", &path) } else { question.as_bytes().to_vec() };
        match index.find(&wanted, progress) {
            Ok(indexed) => {
                let (exact, named): (Vec<_>, Vec<_>) = indexed.into_iter().partition(|file| *file.path == *path);
                let mut providers =
                    if found.likeness == Likeness::Exact { found.providers.clone() } else { Vec::new() };
                self.add_indexed(exact, told.clone(), &mut providers);
                if !providers.is_empty() {
                    found.likeness = Likeness::Exact;
                    (found.providers, found.is_cut) = (providers, false);
                    return Ok(found);
                }
                let mut providers =
                    if found.likeness == Likeness::Named { found.providers.clone() } else { Vec::new() };
                told.extend(providers.iter().map(|one| (one.package.clone(), one.output.clone())));
                self.add_indexed(named, told, &mut providers);
                if !providers.is_empty() {
                    found.likeness = Likeness::Named;
                    (found.providers, found.is_cut) = (providers, false);
                }
            }
            Err(problem) => found.problem = Some(problem),
        }
        Ok(found)
    }

    /// Packages on offer of whose outputs nobody has listed any.
    fn unlisted(&self, elements: &[Element]) -> usize {
        let catalogue = self.catalogue();
        let is_known = |output: &PackageOutput| {
            output.path.as_deref().is_some_and(|path| self.store.files().find(path.as_os_str().as_bytes()).is_ok())
        };
        let known = catalogue.known().filter(|package| package.outputs.iter().any(is_known));
        let known: HashSet<(&str, &str)> = known.map(|package| (&*package.attribute, &*package.source)).collect();
        let installed = elements.iter().filter(|element| {
            !known.contains(&(&*element.attribute, &*element.source))
                && catalogue.find(&element.attribute, &element.source).is_some()
        });
        catalogue.len().saturating_sub(known.len() + installed.count())
    }

    /// Looks into every output of which the files are known.
    fn find_alike(
        &self,
        alike: &Alike<'_>,
        elements: &[Element],
        plan: &Plan,
        progress: &dyn Progress,
        found: &mut Found,
    ) {
        let catalogue = self.catalogue();
        let installed = elements
            .iter()
            .flat_map(|element| element.outputs.iter().map(move |output| Output::Installed(element, output)));
        let on_offer = catalogue
            .known()
            .flat_map(|package| package.outputs.iter().map(move |output| Output::OnOffer(package, output)));
        let mut seen = HashSet::new();
        let mut ranked: Vec<(Likeness, bool, usize, Provider)> = Vec::new();
        for (place, output) in installed.chain(on_offer).enumerate() {
            let Some(path) = output.path().filter(|path| seen.insert(path.to_path_buf())) else { continue };
            if progress.is_cancelled() {
                return;
            }
            walk(self.store.files(), path, &mut |path| {
                if let Some(likeness) = alike.of(path) {
                    let is_no_command = !path.starts_with(b"bin/");
                    ranked.push((likeness, is_no_command, place, self.provider(&output, path, plan)));
                }
            });
        }
        let best = ranked.iter().map(|(likeness, ..)| *likeness).min();
        ranked.retain(|(likeness, ..)| Some(*likeness) == best);
        ranked.sort_by(|one, other| {
            let key = |(_, is_no_command, place, provider): &(_, bool, usize, Provider)| {
                (!provider.installed, *is_no_command, *place)
            };
            key(one).cmp(&key(other)).then_with(|| one.3.path.cmp(&other.3.path))
        });
        found.likeness = best.unwrap_or_default();
        found.is_cut = ranked.len() > MOST_ALIKE;
        found.providers = ranked.into_iter().take(MOST_ALIKE).map(|(.., provider)| provider).collect();
    }

    fn provider(&self, output: &Output<'_>, path: &[u8], plan: &Plan) -> Provider {
        match output {
            Output::OnOffer(package, output) => Provider::on_offer(package, output, path),
            Output::Installed(element, output) => {
                let shown = self.shown(plan, path);
                let real = self.real(&join(output.path.as_os_str().as_bytes(), path));
                Provider::installed(element, output, path, shown.is_none() || shown != real)
            }
        }
    }
}

impl<'a> Output<'a> {
    fn path(&self) -> Option<&'a Path> {
        match self {
            Self::Installed(_, output) => Some(&output.path),
            Self::OnOffer(_, output) => output.path.as_deref(),
        }
    }
}

impl Alike<'_> {
    /// How a path is like what was asked for.
    fn of(&self, path: &[u8]) -> Option<Likeness> {
        let name = memchr::memrchr(b'/', path).map_or(path, |slash| &path[slash + 1..]);
        let subject = if self.is_path { path } else { name };
        if self.is_pattern {
            return is_like(subject, self.text).then_some(Likeness::Part);
        }
        if name == self.text {
            return Some(Likeness::Named);
        }
        let is_in =
            !self.text.is_empty() && subject.windows(self.text.len()).any(|part| part.eq_ignore_ascii_case(self.text));
        is_in.then_some(Likeness::Part)
    }
}

/// Whether a name is like a pattern, where `*` stands for any letters and `?` for one byte. The case of letters counts not.
fn is_like(name: &[u8], pattern: &[u8]) -> bool {
    let (mut at, mut of) = (0, 0);
    // Where the last `*` stands, and up to where in the name it reaches.
    let mut star: Option<(usize, usize)> = None;
    while at < name.len() {
        match pattern.get(of) {
            Some(b'*') => {
                star = Some((of, at));
                of += 1;
            }
            Some(letter) if *letter == b'?' || letter.eq_ignore_ascii_case(&name[at]) => {
                at += 1;
                of += 1;
            }
            _ => match &mut star {
                Some((place, reach)) => {
                    *reach += 1;
                    (of, at) = (*place + 1, *reach);
                }
                None => return false,
            },
        }
    }
    pattern[of..].iter().all(|letter| *letter == b'*')
}

/// Every file of an output, below it; no link is followed.
fn walk(files: &dyn Files, output: &Path, each: &mut dyn FnMut(&[u8])) {
    let root = output.as_os_str().as_bytes();
    let mut waiting: Vec<Vec<u8>> = vec![Vec::new()];
    while let Some(directory) = waiting.pop() {
        let Ok(entries) = files.read_dir(&join(root, &directory)) else { continue };
        for entry in &*entries {
            let path = if directory.is_empty() { entry.name.to_vec() } else { join(&directory, &entry.name) };
            if *path == *b"nix-support" {
                // No environment has it.
            } else if entry.kind == EntryKind::Directory {
                waiting.push(path);
            } else {
                each(&path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_letters_and_a_question_mark_for_one() {
        for (pattern, like, unlike) in [
            ("nc*", &["nc", "ncdu", "NCat"][..], &["rsync", "n"][..]),
            ("*nc*", &["rsync", "nc"], &["n-c"]),
            ("n?", &["nc"], &["n", "ncd"]),
            ("*.h", &["zlib.h", ".h"], &["zlib.hpp"]),
            ("a*b*c", &["abc", "aXbbXc"], &["acb", "ab"]),
            ("**", &["", "x"], &[]),
        ] {
            assert!(like.iter().all(|name| is_like(name.as_bytes(), pattern.as_bytes())), "{pattern}");
            assert!(!unlike.iter().any(|name| is_like(name.as_bytes(), pattern.as_bytes())), "{pattern}");
        }
    }
}
