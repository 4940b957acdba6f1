use std::fmt::Write as _;

use super::*;

/// The keys of a config file with this text, or what is said of it after the file's name.
fn configured(text: &str) -> Result<Bindings, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, text).unwrap();
    let config = Config::load(&path).map_err(|error| error.to_string());
    let told = config.and_then(|config| Bindings::configured(&config).map_err(|error| error.to_string()));
    told.map_err(|error| error.split_once(": ").unwrap().1.to_owned())
}

#[test]
fn no_key_of_the_table_means_two_things_in_one_context() {
    let table = Changed { bindings: Bindings::default(), spots: HashMap::new() };
    assert_eq!(table.check().map_err(|wrong| wrong.problem), Ok(()));
}

#[test]
fn letters_and_digits_type_where_text_is_typed() {
    let bindings = Bindings::default();
    let mut typing = 0;
    for &context in Context::ALL {
        for letter in (' '..='~').filter(|&letter| context.types(letter)) {
            assert_eq!(bindings.command(context, Key::letter(letter)), None, "{letter} in {context:?}");
            typing += 1;
        }
    }
    assert!(typing > 3 * 95, "text is typed somewhere");
}

#[test]
fn ctrl_c_quits_from_everywhere() {
    for &context in Context::ALL {
        assert_eq!(Bindings::default().command(context, Key::ctrl('c')), Some(Command::QuitNow), "{context:?}");
    }
}

#[test]
fn names_in_the_config_file_are_those_of_the_table_and_no_two_are_alike() {
    assert_eq!(name_of(&Command::ShowPlan), "show-plan");
    assert_eq!(name_of(&Context::NewSource), "new-source");
    let mut names: Vec<_> = Command::ALL.iter().map(name_of).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Command::ALL.len());
}

#[test]
fn a_file_without_keys_changes_nothing() {
    assert_eq!(configured(""), Ok(Bindings::default()));
    assert_eq!(configured("[keys.panes]\n"), Ok(Bindings::default()));
}

#[test]
fn a_key_that_is_set_moves_and_the_others_stay() {
    let bindings =
        configured("[keys.panes]\nshow-plan = [\"ctrl-e\", \"f2\"]\nreload = \"f5\"\nconvert = []\n").unwrap();
    let command = |key| bindings.command(Context::Outputs, key);
    let f = |number| Key::code(crossterm::event::KeyCode::F(number));
    assert_eq!(command(Key::ctrl('e')), Some(Command::ShowPlan));
    assert_eq!(command(f(2)), Some(Command::ShowPlan));
    assert_eq!(command(Key::code(crossterm::event::KeyCode::Enter)), None);
    assert_eq!((command(f(5)), command(Key::letter('r'))), (Some(Command::Reload), None));
    assert_eq!((bindings.key(Context::Panes, Command::Convert), command(Key::letter('C'))), (None, None));
    assert_eq!(bindings.key(Context::Installed, Command::ShowPlan), Some(Key::ctrl('e')));
    // What another place calls so is another thing.
    assert_eq!(bindings.command(Context::Generations, Key::letter('r')), Some(Command::Reload));
    let rows = bindings.rows().iter().zip(BINDINGS);
    assert_eq!(rows.filter(|(row, was)| row != was).count(), 3);
}

#[test]
fn two_commands_can_change_keys_with_each_other() {
    let bindings = configured("[keys.staging]\nundo = \"U\"\nredo = [\"u\", \"u\"]\n").unwrap();
    assert_eq!(bindings.command(Context::Panes, Key::letter('u')), Some(Command::Redo));
    assert_eq!(bindings.command(Context::Panes, Key::letter('U')), Some(Command::Undo));
    assert_eq!(bindings.command(Context::Panes, Key::ctrl('r')), None);
}

#[test]
fn what_no_key_can_be_is_told_with_line_column_and_the_way_out() {
    for (text, expected) in [
        ("[keys.pane]\n", "line 1, column 7: keys have no place called \"pane\"; there are panes, installed, "),
        (
            "\n[keys.panes]\nshow-paln = \"x\"\n",
            "line 3, column 1: [keys.panes] has no command \"show-paln\"; there are show-plan, focus-outputs, search",
        ),
        (
            "[keys.plan]\nconvert = \"x\"\n",
            "line 2, column 1: [keys.plan] has no command \"convert\"; it is in [keys.panes]",
        ),
        (
            "[keys.panes]\nshow-plan = \"entr\"\n",
            "line 2, column 13: \"entr\" is no key; keys are written as a, G, space",
        ),
        (
            "[keys.panes]\nshow-plan = [\n  \"enter\",\n  \"ctrl-m\"]\n",
            "line 4, column 3: \"ctrl-m\" is no key of its own: for terminals it is enter",
        ),
        (
            "[keys.panes]\nshow-plan = 7\n",
            "line 2, column 13: keys are written as \"enter\" or [\"enter\", \"ctrl-e\"], and this is integer",
        ),
        ("[keys.panes]\nshow-plan = [7]\n", "line 2, column 13: keys are written as"),
        ("[keys.panes]\nshow-plan = true\n", "and this is boolean"),
        ("keys = 1\n", "line 1, column 1: keys are set for one place each, as in [keys.panes]"),
        ("[keys]\nshow-plan = \"x\"\n", "line 2, column 1: keys are set for one place each"),
        ("[[keys.panes]]\nshow-plan = \"x\"\n", "line 1, column 8: keys are set for one place each"),
        // Clashes: with what is so from the start, with another setting, along the chain and in a screen beside.
        (
            "[keys.panes]\nshow-plan = \"r\"\n",
            "line 2, column 13: r cannot be show-plan in [keys.panes]: it is reload in [keys.panes], which is so from the \
             start; choose another key, or set reload too",
        ),
        (
            "[keys.panes]\nreload = [\"f5\", \"f6\"]\nshow-plan = \"f6\"\n",
            "line 3, column 13: F6 cannot be show-plan in [keys.panes]: it is reload in [keys.panes], which line 2 sets; \
             choose another key for one of them",
        ),
        ("[keys.lists]\nhelp = \"J\"\n", "line 2, column 8: J cannot be help in [keys.lists]: it is "),
        ("[keys.everywhere]\nredraw = \"enter\"\n", "enter cannot be redraw in [keys.everywhere]"),
        // Typing, and the ways out.
        (
            "[keys.search]\ndelete-word = \"x\"\n",
            "line 2, column 15: x cannot be delete-word in [keys.search]: it is text in [keys.search]; take a key with ctrl- or alt-",
        ),
        ("[keys.everywhere]\nredraw = \"space\"\n", "Space cannot be redraw in [keys.everywhere]: "),
        (
            "[keys.everywhere]\nsuspend = \"~\"\n",
            "line 2, column 11: ~ cannot be suspend in [keys.everywhere]: it is text in [keys.search]",
        ),
        ("[keys.number]\ndown = \"7\"\n", "7 cannot be down in [keys.number]: it is text in [keys.number]"),
        (
            "[keys.panes]\nshow-plan = \"ctrl-c\"\n",
            "Ctrl-c cannot be show-plan in [keys.panes]: it is quit-now in [keys.everywhere]",
        ),
        (
            "[keys.everywhere]\nquit-now = \"ctrl-q\"\n",
            "line 2, column 12: ctrl-c always quits; name it beside the others",
        ),
        ("[keys.everywhere]\nback = []\n", "line 2, column 8: this leads back out of every question and screen"),
    ] {
        let error = configured(text).unwrap_err();
        assert!(error.to_lowercase().contains(&expected.to_lowercase()), "{text}\n{error}");
        assert!(error.ends_with("; repair the file, or name another with --config"), "{error}");
    }
}

#[test]
fn everything_in_the_table_can_be_set_to_what_it_is() {
    let mut text = String::new();
    for &context in Context::ALL {
        writeln!(text, "[keys.{}]", name_of(&context)).unwrap();
        for row in BINDINGS.iter().filter(|row| row.context == context) {
            let keys: Vec<_> = row.keys.iter().map(|key| format!("{:?}", key.to_string())).collect();
            writeln!(text, "{} = [{}]", name_of(&row.command), keys.join(", ")).unwrap();
        }
    }
    assert_eq!(configured(&text), Ok(Bindings::default()));
}
