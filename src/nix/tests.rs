use std::collections::HashMap;
use std::os::unix::net::UnixListener;

use super::*;

fn find(variables: &[(&str, &Path)]) -> Option<Installation> {
    let variables: HashMap<&str, &Path> = variables.iter().copied().collect();
    Installation::find(&|name| variables.get(name).map(|value| value.as_os_str().to_owned()))
}

fn user(id: u32, passwd: &str, variables: &[(&str, &str)]) -> User {
    let variables: HashMap<&str, &str> = variables.iter().copied().collect();
    User::new(id, passwd, &|name| variables.get(name).map(OsString::from))
}

fn config(text: &str) -> Config {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("nix.conf"), text).unwrap();
    fs::write(dir.path().join("more.conf"), "extra-experimental-features = flakes\n!include nix.conf\n").unwrap();
    Config::read(&user(0, "", &[]), dir.path(), &|name| (name == "XDG_CONFIG_DIRS").then(|| "/nowhere".into()))
}

#[test]
fn a_machine_without_store_and_programs_has_no_nix() {
    let nowhere = Path::new("/nowhere/at/all");
    assert!(find(&[("NIX_STORE_DIR", nowhere), ("NIX_STATE_DIR", nowhere), ("PATH", nowhere)]).is_none());
}

#[test]
fn the_way_to_the_store_is_the_one_that_nix_would_take() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let of = |remote: &str| {
        find(&[("NIX_STORE_DIR", dir.path()), ("NIX_STATE_DIR", &state), ("NIX_REMOTE", Path::new(remote))])
            .unwrap()
            .access
    };
    let socket = state.join("daemon-socket/socket");
    assert_eq!(of(""), Access::Direct, "neither a state directory nor a socket");
    fs::create_dir_all(socket.parent().unwrap()).unwrap();
    let _listener = UnixListener::bind(&socket).unwrap();
    assert_eq!(of("daemon"), Access::Daemon { socket: socket.clone() });
    assert_eq!(of("local"), Access::Direct);
    assert_eq!(of("unix:///run/other"), Access::Daemon { socket: "/run/other".into() });
    assert_eq!(of("ssh://host"), Access::Unsupported { remote: "ssh://host".into() });
    assert_eq!(of(""), Access::Direct, "the state directory is ours");
    fs::set_permissions(&state, fs::Permissions::from_mode(0o555)).unwrap();
    if !rustix::process::geteuid().is_root() {
        assert_eq!(of(""), Access::Daemon { socket });
    }
    fs::set_permissions(&state, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_home_that_belongs_to_another_is_not_ours() {
    let passwd = "root:x:0:0:root:/root:/bin/sh\nada:x:4711:4711::/home/ada:/bin/sh\nbroken line\n";
    let here = tempfile::tempdir().unwrap();
    let home = here.path().to_str().unwrap();
    let me = rustix::process::geteuid().as_raw();
    let another = if me == 4711 { 0 } else { 4711 };
    assert_eq!(user(me, "", &[("HOME", home)]).home.unwrap(), here.path());
    assert_eq!(user(4711, passwd, &[("HOME", "/nowhere")]).home.unwrap(), Path::new("/nowhere"));
    let of_another = user(another, passwd, &[("HOME", home)]);
    assert!(of_another.home.unwrap().starts_with(if another == 0 { "/root" } else { "/home/ada" }));
    let ada = user(4711, passwd, &[]);
    assert_eq!((ada.name.as_str(), ada.is_root), ("ada", false));
    assert_eq!(ada.state_home.unwrap(), Path::new("/home/ada/.local/state"));
    assert_eq!(user(9, passwd, &[("USER", "bob")]).name, "bob");
}

#[test]
fn the_last_word_of_the_configuration_counts() {
    let plain = config("experimental-features = a nix-command # flakes\nuse-xdg-base-directories = true\n");
    assert!(plain.has_nix_command() && !plain.has_flakes() && plain.use_xdg_base_directories);
    let extra = config("experimental-features = nix-command\nextra-experimental-features = flakes\n");
    assert!(extra.has_nix_command() && extra.has_flakes());
    let places = config("nix-path = a=/a /b\nextra-nix-path = c=/c\nflake-registry =\n");
    assert_eq!(
        (places.nix_path, places.flake_registry),
        (vec!["a=/a".into(), "/b".into(), "c=/c".into()], Some(String::new()))
    );
    let again = config("experimental-features = nix-command\nexperimental-features =\n");
    assert_eq!(again, Config::default());
}

#[test]
fn the_caches_are_those_that_nix_would_ask() {
    let of = |text: &str| config(text).substituters(Path::new("/nix/store"));
    let usual = "https://cache.nixos.org/";
    assert_eq!(of(""), [usual]);
    assert!(config("").substituters(Path::new("/other/store")).is_empty(), "it has paths of the usual store only");
    assert_eq!(of("extra-substituters = file:///a https://b"), [usual, "file:///a", "https://b"]);
    assert_eq!(of("substituters = https://b https://c?priority=3 https://b\n"), ["https://b", "https://c?priority=3"]);
    assert_eq!(
        of("extra-binary-caches = file:///a\nbinary-caches = https://b\n"),
        ["https://b"],
        "the last word counts"
    );
    assert_eq!(of("substituters = https://b\nextra-substituters = file:///a\n"), ["https://b", "file:///a"]);
    assert_eq!(of("trusted-substituters = https://b\n"), [usual], "may be used, and is not");
    assert!(of("substituters =\n").is_empty() && of("substitute = false\n").is_empty());
    assert_eq!(of("substitute = false\nsubstitute = true\n"), [usual]);
}

#[test]
fn files_that_include_each_other_in_a_circle_come_to_an_end() {
    assert!(config("include more.conf\n").has_flakes());
}
