use std::os::unix::fs::symlink;

use super::*;

fn state_of(variable: &Variables) -> Option<String> {
    let nix = Installation::find(&|name| (name == "NIX_STORE_DIR").then(|| "/".into())).unwrap();
    settings(&nix, variable)
}

#[test]
fn every_change_of_the_settings_is_another_state() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    let mut seen = Vec::new();
    let mut is_new = |named: &str| {
        let variable = |name: &str| match name {
            "HOME" => Some(home.into()),
            "NIXPKGS_CONFIG" => Some(home.join(named).into()),
            "NIX_PATH" => Some(format!("nixpkgs-overlays={}", home.join("over").display()).into()),
            _ => None,
        };
        let state = state_of(&variable).unwrap();
        assert_eq!(state_of(&variable).unwrap(), state);
        let is_new = !seen.contains(&state);
        seen.push(state);
        is_new
    };
    assert!(is_new("named.nix") && !is_new("named.nix") && is_new("other.nix"));
    fs::create_dir_all(home.join(".config/nixpkgs/overlays")).unwrap();
    assert!(is_new("other.nix"));
    fs::write(home.join(".config/nixpkgs/config.nix"), "{ }").unwrap();
    assert!(is_new("other.nix"));
    fs::write(home.join(".config/nixpkgs/overlays/a.nix"), "a: b: { }").unwrap();
    assert!(is_new("other.nix"));
    fs::write(home.join("other.nix"), "{ }").unwrap();
    assert!(is_new("other.nix") && !is_new("other.nix"));
    fs::write(home.join("other.nix"), "{  }").unwrap();
    assert!(is_new("other.nix"));
    fs::create_dir(home.join("over")).unwrap();
    assert!(is_new("other.nix"));
    fs::write(home.join("over/b.nix"), "a: b: { }").unwrap();
    assert!(is_new("other.nix"));
    fs::write(home.join("unrelated"), "").unwrap();
    assert!(!is_new("other.nix"));
    // A link that leads to another file of the same length and time, as in the store.
    let link = home.join(".config/nixpkgs/more.nix");
    for target in ["a", "b"] {
        fs::write(home.join(target), "{ }").unwrap();
        fs::File::options().write(true).open(home.join(target)).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
        let _ = fs::remove_file(&link);
        symlink(home.join(target), &link).unwrap();
        assert!(is_new("other.nix"), "{target}");
    }
}

#[test]
fn folders_without_end_have_no_state() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join(".config/nixpkgs");
    fs::create_dir_all(&home).unwrap();
    symlink(".", home.join("again")).unwrap();
    let variable = |name: &str| (name == "HOME").then(|| folder.path().into());
    // Linux follows 40 links and then says that there is nothing.
    let _ = state_of(&variable);
    for n in 0..MAX_FILES {
        fs::write(home.join(n.to_string()), "").unwrap();
    }
    assert_eq!(state_of(&variable), None);
}
