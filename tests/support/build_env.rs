//! The judge of the rules `nixpkgs`: `tests/fixtures/build-env`, built by a real Nix, beside `nix-loom build`.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix_loom::engine::{Collision, Plan};
use nix_loom::safe;
use serde_json::{Value, json};

use super::forest::{Element, Forest};
use super::lab::Lab;
use super::nix::{self, Nix};
use super::tree::{Node, Tree};

/// Where the environments of a lab are described, as it is seen inside.
const PLACE_IN_LAB: &str = "/tmp/build-env";

/// In which shape the builder gets its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Environment variables.
    Old,
    /// Structured attributes.
    New,
}

/// How a package says which of its outputs an environment takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// `meta.outputsToInstall` names all.
    All,
    /// `meta.outputsToInstall` names the first.
    First,
    /// The last one is selected, whatever `meta.outputsToInstall` says.
    Selected,
    /// There is no `meta.outputsToInstall`.
    Unsaid,
}

/// What a `buildEnv` is called with, but for its packages.
#[derive(Clone, Debug)]
pub struct Arguments {
    pub form: Form,
    /// For the elements in turn; it starts again where it is too short.
    pub choices: Vec<Choice>,
    pub extra_outputs: Vec<&'static str>,
    pub paths_to_link: Vec<&'static str>,
    pub ignore_collisions: bool,
    pub check_collision_contents: bool,
    pub ignore_single_file_outputs: bool,
    pub extra_prefix: &'static str,
    pub manifest: &'static str,
    /// Names of packages of the forest; [`Forest::path`] says where they are.
    pub extra_paths: Vec<String>,
}

impl Arguments {
    /// The defaults of `buildEnv`; all outputs of each package.
    pub fn usual(form: Form) -> Self {
        Self {
            form,
            choices: vec![Choice::All],
            extra_outputs: Vec::new(),
            paths_to_link: vec!["/"],
            ignore_collisions: false,
            check_collision_contents: true,
            ignore_single_file_outputs: false,
            extra_prefix: "",
            manifest: "",
            extra_paths: Vec::new(),
        }
    }
}

/// Packages and how an environment is made of them.
#[derive(Clone, Debug)]
pub struct Case {
    pub forest: Forest,
    pub arguments: Arguments,
}

impl Case {
    /// The elements that are listed: an environment of nixpkgs knows no inactive ones.
    fn listed(&self) -> impl Iterator<Item = (&Element, Choice)> {
        self.forest.elements.iter().zip(self.arguments.choices.iter().copied().cycle()).filter(|(e, _)| e.active)
    }

    fn outputs<'a>(&'a self, element: &'a Element) -> impl Iterator<Item = (&'static str, String)> + 'a {
        ["out", "dev", "man"].into_iter().zip(&element.trees).map(|(output, tree)| (output, self.forest.path(tree)))
    }

    /// For `cases.nix`.
    fn description(&self, at: usize, place: &str) -> Value {
        let packages = self.listed().enumerate().map(|(number, (element, choice))| {
            let outputs: Vec<(&str, String)> = self.outputs(element).collect();
            let names: Vec<&str> = outputs.iter().map(|(name, _)| *name).collect();
            let mut meta = serde_json::Map::new();
            match choice {
                Choice::All => _ = meta.insert("outputsToInstall".into(), json!(names)),
                Choice::First | Choice::Selected => _ = meta.insert("outputsToInstall".into(), json!(names[..1])),
                Choice::Unsaid => {}
            }
            // Said by the package, or by who lists it, or by nobody where it is the usual one.
            let mut set_prio = None;
            match element.priority {
                5 => {}
                priority if number % 2 == 0 => _ = meta.insert("priority".into(), json!(priority)),
                priority => {
                    meta.insert("priority".into(), json!(priority.wrapping_sub(1)));
                    set_prio = Some(priority);
                }
            }
            json!({
                "outputs": outputs.iter().map(|(name, path)| json!({ "name": name, "path": path })).collect::<Vec<_>>(),
                "meta": meta,
                "selected": (choice == Choice::Selected).then(|| names.last()),
                "setPrio": set_prio,
            })
        });
        let packages: Vec<Value> = packages.collect();
        let arguments = &self.arguments;
        json!({
            "form": match arguments.form { Form::Old => "buildEnvOld", Form::New => "buildEnvNew" },
            "packages": packages,
            "arguments": {
                "name": format!("environment-{at}"),
                "pathsToLink": arguments.paths_to_link,
                "extraOutputsToInstall": arguments.extra_outputs,
                "ignoreCollisions": arguments.ignore_collisions,
                "checkCollisionContents": arguments.check_collision_contents,
                "ignoreSingleFileOutputs": arguments.ignore_single_file_outputs,
                "extraPrefix": arguments.extra_prefix,
                "extraPathsFrom":
                    if arguments.extra_paths.is_empty() { String::new() } else { format!("{place}/{at}.extra") },
                "manifest": arguments.manifest,
                "record": format!("{place}/{at}"),
            },
        })
    }

    /// What the builder must get as `chosenOutputs`.
    fn chosen_outputs(&self) -> Value {
        let chosen = self.listed().map(|(element, choice)| {
            let outputs: BTreeMap<&str, String> = self.outputs(element).collect();
            let paths: Vec<String> = self.outputs(element).map(|(_, path)| path).collect();
            let mut taken = match choice {
                Choice::All => paths,
                Choice::First | Choice::Unsaid => paths[..1].to_vec(),
                Choice::Selected => paths[paths.len() - 1..].to_vec(),
            };
            taken.extend(self.arguments.extra_outputs.iter().filter_map(|name| outputs.get(name).cloned()));
            json!({ "paths": taken, "priority": element.priority })
        });
        Value::Array(chosen.collect())
    }
}

/// Where Nix and the program work: on this machine, or in a lab.
#[derive(Clone, Copy)]
pub enum World<'a> {
    Here(&'a Nix),
    Lab(&'a Lab),
}

/// What the program says to one case.
pub struct Said {
    /// The exit code: 0 if it builds, 3 for collisions, 1 for packages that can be in no environment.
    pub code: Option<i32>,
    /// With all collisions, as `build --json` writes them.
    pub document: Value,
    pub stderr: String,
    pub tree: Option<Tree>,
}

impl Said {
    /// What a plan says.
    pub fn by(plan: &Plan) -> Self {
        let code = match (plan.problems.is_empty(), plan.builds()) {
            (false, _) => 1,
            (true, true) => 0,
            (true, false) => 3,
        };
        let collision = |it: &Collision| json!({ "path": safe::json(&it.path), "blocks": it.blocks, "kind": it.kind.name(), "reason": it.reason() });
        let collisions: Vec<_> = plan.collisions.iter().map(collision).collect();
        let problems: Vec<_> = plan.problems.iter().map(ToString::to_string).collect();
        Self {
            code: Some(code),
            document: json!({ "collisions": collisions, "warnings": plan.warnings }),
            stderr: problems.join("\n"),
            tree: Some(Tree::of_plan(plan)),
        }
    }
}

/// What both say to one case.
pub enum Verdict {
    /// Built, as this tree. With it the program's document.
    Built(Tree, Value),
    /// Refused, for this reason and at this path, which is relative to the environment's root.
    Refused(String, Vec<u8>),
    /// Links lead in circles, so that there is no end to it, or on longer ways than perl goes.
    Endless,
    Disagreed(String),
}

impl World<'_> {
    /// Where the files of the cases are; as they are named inside.
    pub fn place(&self) -> String {
        match self {
            Self::Here(nix) => nix.path("build-env").to_str().unwrap().to_owned(),
            Self::Lab(_) => PLACE_IN_LAB.to_owned(),
        }
    }

    fn host(&self, inside: impl AsRef<Path>) -> PathBuf {
        match self {
            Self::Here(_) => inside.as_ref().to_owned(),
            Self::Lab(lab) => lab.host(inside),
        }
    }

    fn loom(&self, arguments: &[&str]) -> Command {
        match self {
            Self::Here(nix) => {
                let mut command = nix.command(env!("CARGO_BIN_EXE_nix-loom"));
                command.args(arguments);
                command
            }
            Self::Lab(lab) => lab.loom_command(arguments),
        }
    }

    /// Makes the packages, builds all environments in one run of Nix, and lets the program do the same.
    pub fn judge(&self, cases: &[Case]) -> Vec<Verdict> {
        self.write(cases);
        let built = self.build(cases.len());
        cases.iter().zip(built).enumerate().map(|(at, (case, built))| self.compare(at, case, built)).collect()
    }

    /// Makes the packages and describes the environments, in `cases.nix`.
    pub fn write(&self, cases: &[Case]) {
        let place = &self.place();
        let host = self.host(place);
        let _ = fs::remove_dir_all(&host);
        fs::create_dir(&host).unwrap();
        for (at, case) in cases.iter().enumerate() {
            let base = self.host(&case.forest.base);
            fs::create_dir_all(&base).unwrap();
            for (name, tree) in &case.forest.trees {
                tree.make(&base.join(name));
            }
            let extra: Vec<_> = case.arguments.extra_paths.iter().map(|name| case.forest.path(name)).collect();
            fs::write(host.join(format!("{at}.extra")), extra.join("\n")).unwrap();
        }
        let descriptions = cases.iter().enumerate().map(|(at, case)| case.description(at, place));
        fs::write(host.join("cases.json"), json!(descriptions.collect::<Vec<_>>()).to_string()).unwrap();
        let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/build-env");
        for entry in fs::read_dir(fixtures).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), host.join(entry.file_name())).unwrap();
        }
    }

    /// Builds the environments that were described, in one run of Nix.
    pub fn build(&self, number: usize) -> Vec<Option<PathBuf>> {
        let place = self.place();
        let nix_file = format!("{place}/cases.nix");
        let arguments = [&nix_file, "--argstr", "cases", &format!("{place}/cases.json")];
        let built = match self {
            Self::Here(nix) => nix.build_each(&arguments),
            Self::Lab(lab) => nix::build_each(|program| lab.command(program, &[]), &arguments),
        };
        assert_eq!(built.len(), number, "one derivation for each case");
        built
    }

    /// What the builder told of a case in the file of that name.
    fn read(&self, at: usize, what: &str) -> Option<Vec<u8>> {
        fs::read(self.host(format!("{}/{at}.{what}", self.place()))).ok()
    }

    fn compare(&self, at: usize, case: &Case, built: Option<PathBuf>) -> Verdict {
        let place = self.place();
        let Some(received) = self.read(at, "arguments") else {
            return Verdict::Disagreed("the builder did not start".into());
        };
        let attributes: Value = match case.arguments.form {
            Form::New => serde_json::from_slice(&received).unwrap(),
            Form::Old => structured(&received),
        };
        if attributes["chosenOutputs"] != case.chosen_outputs() {
            let (wanted, got) = (case.chosen_outputs(), &attributes["chosenOutputs"]);
            return Verdict::Disagreed(format!("of the packages {wanted}\nwas wanted, and chosen was\n{got}"));
        }
        let (file, out) = (format!("{place}/{at}.json"), format!("{place}/{at}.out"));
        fs::write(self.host(&file), attributes.to_string()).unwrap();
        let said = self.loom(&["build", "--structured-attrs", &file, "--out", &out, "--json"]).output().unwrap();
        let said = Said {
            code: said.status.code(),
            document: serde_json::from_slice(&said.stdout).unwrap_or_default(),
            stderr: String::from_utf8_lossy(&said.stderr).into_owned(),
            tree: self.host(&out).exists().then(|| Tree::read(&self.host(&out))),
        };
        self.hold(at, case, built, said)
    }

    /// Holds what was planned of a case against what its build gave.
    pub fn hold(&self, at: usize, case: &Case, built: Option<PathBuf>, said: Said) -> Verdict {
        let Said { code, document, stderr, tree } = said;
        if let Some(built) = built {
            let expected = Tree::read(&self.host(built));
            if code != Some(0) {
                return Verdict::Disagreed(format!("Nix builds it, the program does not: {document:#}\n{stderr}"));
            }
            let Some(made) = tree else { return Verdict::Disagreed("the program made nothing".into()) };
            if made == expected {
                return Verdict::Built(expected, document);
            }
            let text = |tree| case.forest.describe(tree).join("\n  ");
            let (nix, program) = (text(&expected), text(&made));
            return Verdict::Disagreed(format!("Nix makes\n  {nix}\nthe program makes\n  {program}"));
        }
        if self.read(at, "endless").is_some() {
            return Verdict::Endless;
        }
        let Some(refused) = self.read(at, "refused") else { return Verdict::Disagreed("the builder broke".into()) };
        let mut words = refused.split(|&byte| byte == 0).map(<[u8]>::to_vec);
        let (why, path) = (String::from_utf8(words.next().unwrap()).unwrap(), words.next().unwrap());
        let source = words.next().unwrap();
        let path = [case.arguments.extra_prefix.as_bytes(), &path].concat();
        let path = path.strip_prefix(b"/").unwrap_or(&path);
        let blocking = || document["collisions"].as_array().into_iter().flatten().filter(|c| c["blocks"] == true);
        let collides = || blocking().any(|collision| collision["path"] == safe::json(path));
        // A package that is a file or is missing is no collision, but an error that names it; collisions are told beside it.
        let is_named = || stderr.contains(&safe::bytes(&source));
        match (code, &*why) {
            (Some(1), "not-a-directory" | "single-file") if is_named() && (path.is_empty() || !collides()) => {
                let why = if why == "single-file" { why } else { "missing".into() };
                return Verdict::Refused(why, path.to_vec());
            }
            (Some(1 | 3), _) if collides() => return Verdict::Refused(why, path.to_vec()),
            _ => {}
        }
        let path = safe::bytes(path);
        Verdict::Disagreed(format!(
            "Nix refuses it ({why}) at {path}; the program says {code:?}: {document:#}\n{stderr}"
        ))
    }
}

fn os(path: &[u8]) -> &OsStr {
    OsStr::from_bytes(path)
}

fn exists(path: &Path) -> bool {
    path.try_exists().unwrap_or(false)
}

/// The environment variables of the old form as the attributes of the new one.
fn structured(variables: &[u8]) -> Value {
    let variables: BTreeMap<&str, &str> = variables
        .split(|&byte| byte == 0)
        .filter_map(|variable| std::str::from_utf8(variable).ok()?.split_once('='))
        .collect();
    let chosen: Value = serde_json::from_str(variables["pkgs"]).unwrap();
    let mut attributes = json!({
        "outputs": { "out": variables["out"] },
        "chosenOutputs": chosen,
        "pathsToLink": variables["pathsToLink"].split_whitespace().collect::<Vec<_>>(),
    });
    for name in [
        "extraPrefix",
        "ignoreCollisions",
        "checkCollisionContents",
        "ignoreSingleFileOutputs",
        "extraPathsFrom",
        "manifest",
    ] {
        attributes[name] = json!(variables[name]);
    }
    attributes
}

/// Whether a tree has an entry that is a link to a path that this accepts.
pub fn any_link(tree: &Tree, accepts: impl Fn(&[u8]) -> bool) -> bool {
    tree.0.values().any(|node| matches!(node, Node::Link(target) if accepts(target)))
}
