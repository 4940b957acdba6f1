use super::*;
use crate::engine::{Disk, Files as _, Listings};

fn bundled() -> DemoSet {
    DemoSet::bundled(Path::new("/s")).unwrap()
}

fn parse(packages: &[String]) -> Result<DemoSet, SetError> {
    let json = format!(r#"{{"format":1,"name":"demo","packages":[{}]}}"#, packages.join(","));
    DemoSet::parse(json.as_bytes(), Path::new("/s"))
}

/// A package with one output and one file; `more` are further keys.
fn package(attribute: &str, entry: &str, more: &str) -> String {
    format!(
        r#"{{"attr":"{attribute}","pname":"{attribute}","version":"1","description":"","homepage":"","license":[],
        "outputs":["out"],"outputsToInstall":["out"],"files":{{"out":[{entry}]}}{more}}}"#
    )
}

fn path(set: &DemoSet, attribute: &str, output: &str) -> PathBuf {
    let package = set.packages.iter().find(|package| package.attribute == attribute).unwrap();
    package.output(output).unwrap().path.clone().unwrap()
}

fn outputs(set: &DemoSet) -> impl Iterator<Item = OutputId> {
    let ids = |(package, of_package): (usize, &Package)| {
        (0..of_package.outputs.len()).map(move |output| OutputId { package, output })
    };
    set.packages.iter().enumerate().flat_map(ids)
}

fn read(set: &DemoSet, attribute: &str, output: &str, file: &str) -> String {
    let package = set.packages.iter().position(|package| package.attribute == attribute).unwrap();
    let at = set.packages[package].outputs.iter().position(|known| known.name == output).unwrap();
    let mut listings = Listings::new(Disk);
    listings.insert(b"/o", set.listing(OutputId { package, output: at }).unwrap());
    String::from_utf8(listings.read(format!("/o/{file}").as_bytes()).unwrap()).unwrap()
}

#[test]
fn the_bundled_set_has_what_its_file_says() {
    let set = bundled();
    assert_eq!(set.packages.len(), 190);
    let git = set.packages.iter().find(|package| package.attribute == "coreutils").unwrap();
    assert_eq!((git.priority, git.name.as_str(), &*git.source), (10, "coreutils", "demo"));
    let curl = set.packages.iter().find(|package| package.attribute == "curl").unwrap();
    assert!(!curl.default_outputs.contains(&"out".to_owned()));
    assert_eq!(curl.main_program.as_deref(), Some("curl"));
}

#[test]
fn a_path_names_the_output_unless_it_is_out() {
    let set = bundled();
    let name = |output| path(&set, "zlib", output).file_name().unwrap().to_str().unwrap()[32..].to_owned();
    assert_eq!([name("out"), name("dev")], ["-zlib-1.3.2", "-zlib-1.3.2-dev"]);
}

#[test]
fn no_two_outputs_share_a_path_but_those_that_are_said_to() {
    let set = bundled();
    let mut seen = std::collections::HashMap::new();
    for id in outputs(&set) {
        let package = &set.packages[id.package];
        let owner = set.references.owners[id.package];
        let path = package.outputs[id.output].path.clone().unwrap();
        assert_eq!(*seen.entry(path).or_insert((owner, id.output)), (owner, id.output), "{}", package.attribute);
    }
    assert_eq!(path(&set, "dnsutils", "out"), path(&set, "bind", "out"));
    assert_eq!(path(&set, "netcat", "dev"), path(&set, "libressl", "dev"));
}

#[test]
fn the_same_set_gives_the_same_paths_and_a_change_gives_other_ones_where_it_counts() {
    let first = r#"["bin/a",900,"x","c1"]"#;
    let set = |a: &str, b: &str| parse(&[package("a", a, ""), package("b", b, "")]).unwrap();
    let before = set(first, r#"["b",900,"","c2"]"#);
    let again = set(first, r#"["b",900,"","c2"]"#);
    let changed = set(first, r#"["b",901,"","c2"]"#);
    assert_eq!(before.packages, again.packages);
    assert_eq!(path(&before, "a", "out"), path(&changed, "a", "out"));
    assert_ne!(path(&before, "b", "out"), path(&changed, "b", "out"));
    // The content of b becomes a program because another package says so: its bytes change, so its path does.
    let program = set(r#"["bin/a",900,"x","c2"]"#, r#"["b",900,"","c2"]"#);
    assert_ne!(path(&before, "b", "out"), path(&program, "b", "out"));
}

#[test]
fn propagated_packages_are_named_by_their_paths_and_count_for_the_hash() {
    let set = bundled();
    let expected = |outputs: &[(&str, &str)]| {
        let path = |&(attribute, output): &(&str, &str)| path(&set, attribute, output).into_os_string().into_string();
        outputs.iter().map(|output| path(output).unwrap()).collect::<Vec<_>>().join(" ")
    };
    let mut outputs = vec![];
    let unwrapped = set.packages.iter().find(|package| package.attribute == "binutils-unwrapped").unwrap();
    outputs.extend(unwrapped.outputs.iter().filter(|output| unwrapped.default_outputs.contains(&output.name)));
    let mut wanted: Vec<_> = outputs.iter().map(|output| ("binutils-unwrapped", output.name.as_str())).collect();
    wanted.push(("glibc", "bin"));
    assert_eq!(read(&set, "binutils", "out", PROPAGATED), expected(&wanted));

    let of = |size: u64| {
        let entry = format!(r#"["{PROPAGATED}",9,"","c1"]"#);
        let b = package(
            "b",
            &format!(r#"["b",{size},"","c2"],["{PROPAGATED}",9,"","c3"]"#),
            r#","propagatedUserEnvPkgs":["a"]"#,
        );
        parse(&[package("a", &entry, r#","propagatedUserEnvPkgs":["b"]"#), b]).unwrap()
    };
    assert_ne!(path(&of(50), "a", "out"), path(&of(51), "a", "out"), "a names b, which changed");
    assert_eq!(read(&of(50), "a", "out", PROPAGATED), path(&of(50), "b", "out").to_str().unwrap());
}

#[test]
fn every_package_that_propagates_has_the_file_that_says_so() {
    let set = bundled();
    for (index, record) in
        set.records.iter().enumerate().filter(|(_, record)| !record.propagated_user_env_pkgs.is_empty())
    {
        let has_file = |output: usize| {
            let id = OutputId { package: index, output };
            set.entries(id).iter().any(|entry| entry.path() == PROPAGATED)
        };
        assert!((0..record.outputs.len()).any(has_file), "{}", record.attr);
    }
}

#[test]
fn in_a_store_whose_path_has_a_blank_nothing_is_propagated_rather_than_something_wrong() {
    let set = DemoSet::bundled(Path::new("/Application Support/s")).unwrap();
    assert_eq!(read(&set, "emacs-nox", "out", PROPAGATED), "");
}

#[test]
fn a_set_whose_references_lead_nowhere_is_refused_by_name() {
    for (more, why) in [
        (r#","outputsOf":"b""#, "a: it names b"),
        (r#","propagatedUserEnvPkgs":["b"]"#, "a: it names b"),
        (r#","propagatedUserEnvPkgs":["a^dev"]"#, "a: it names a^dev"),
        (r#","outputsOf":"a""#, "are not"),
    ] {
        let error = parse(&[package("a", "", more)]).err().unwrap().to_string();
        assert!(error.contains(why), "{error}");
    }
    let error = parse(&[package("a", "", ""), package("a", "", "")]).err().unwrap().to_string();
    assert!(error.contains("a is there twice"), "{error}");
    let error = parse(&[package("a$(reboot)", "", "")]).err().unwrap().to_string();
    assert!(error.contains("store path"), "{error}");
}

#[test]
fn a_file_that_is_also_a_directory_is_refused_when_its_listing_is_made() {
    let set = parse(&[package("a", r#"["x",1,"","c1"],["x/y",1,"","c2"]"#, "")]).unwrap();
    let error = set.listing(OutputId { package: 0, output: 0 }).err().unwrap().to_string();
    assert!(error.starts_with("a.out: "), "{error}");
}
