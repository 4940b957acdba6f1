use super::*;

fn environment(directory: &Path, name: &str, files: &[(&str, &str)]) -> std::path::PathBuf {
    let path = directory.join(name);
    fs::create_dir(&path).unwrap();
    for (file, content) in files {
        fs::write(path.join(file), content).unwrap();
    }
    path
}

const JSON: (&str, &str) = ("manifest.json", r#"{"elements":{},"version":3}"#);
const NIX: (&str, &str) = ("manifest.nix", r#"[ { name = "a-1"; outPath = "/s/a"; } ]"#);

#[test]
fn the_kind_of_a_profile_is_told_by_its_manifest_as_nix_tells_it() {
    let directory = tempfile::tempdir().unwrap();
    let kind = |name: &str, files: &[(&str, &str)]| {
        read(&environment(directory.path(), name, files)).map(|contents| (contents.kind, contents.elements.len()))
    };
    assert_eq!(kind("json", &[JSON]).unwrap(), (ManifestKind::NixProfile, 0));
    assert_eq!(kind("nix", &[NIX]).unwrap(), (ManifestKind::NixEnv, 1));
    assert_eq!(kind("both", &[JSON, NIX]).unwrap(), (ManifestKind::NixProfile, 0));
    assert!(matches!(kind("none", &[]), Err(ProfileError::NoManifest { .. })));
    let linked = environment(directory.path(), "linked", &[]);
    std::os::unix::fs::symlink("../nix/manifest.nix", linked.join("manifest.nix")).unwrap();
    assert_eq!(read(&linked).unwrap().kind, ManifestKind::NixEnv);
    fs::remove_file(directory.path().join("nix/manifest.nix")).unwrap();
    assert!(matches!(read(&linked), Err(ProfileError::Io { .. })), "a manifest that is gone is not a missing one");
}

#[test]
fn a_store_path_without_a_manifest_is_a_package_but_an_environment_that_lost_it_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let hash = "c74xkqfhqz9h3d7rffn02cih0fdwb1ff";
    let hello = environment(directory.path(), &format!("{hash}-hello-2.12-dev"), &[]);
    let Contents { kind, elements } = read(&hello).unwrap();
    assert_eq!(kind, ManifestKind::Bare);
    assert_eq!((&*elements[0].name, &*elements[0].version, elements.len()), ("hello", "2.12", 1));
    assert_eq!(elements[0].outputs, [ElementOutput { name: "dev".to_owned(), path: hello }]);
    assert_eq!((elements[0].priority, elements[0].active), (5, true));
    for name in [&format!("{hash}-profile"), &format!("{hash}-user-environment"), "c74x-hello", &hash.replace('c', "e")]
    {
        let lost = environment(directory.path(), name, &[]);
        assert!(matches!(read(&lost), Err(ProfileError::NoManifest { .. })), "{name}");
    }
}

#[test]
fn a_manifest_that_is_no_file_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["manifest.json", "manifest.nix"] {
        let path = environment(directory.path(), &format!("env-{name}"), &[]);
        fs::create_dir(path.join(name)).unwrap();
        assert!(matches!(read(&path), Err(ProfileError::Io { .. })));
    }
}
