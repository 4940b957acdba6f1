use super::*;

const EVERYTHING: Surroundings = Surroundings { has_no_color: false, has_truecolor: true, is_utf8: true };

fn here(variables: &[(&str, &str)]) -> Surroundings {
    Surroundings::of(&|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into()))
}

/// The look with a config file of this text, or what is said of it after the file's name.
fn look(text: &str, flags: Flags, here: Surroundings) -> Result<Look, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, text).unwrap();
    let config = Config::load(&path).unwrap();
    let told = Look::configured(&config, flags, here).map_err(|error| error.to_string());
    told.map_err(|error| error.split_once(": ").unwrap().1.to_owned())
}

fn theme(text: &str, flag: Option<ThemeName>, here: Surroundings) -> Option<ThemeName> {
    look(text, Flags { theme: flag, ..Flags::default() }, here).unwrap().theme.named()
}

#[test]
fn with_nothing_said_it_looks_as_it_always_did() {
    assert_eq!(look("", Flags::default(), EVERYTHING), Ok(Look::default()));
}

#[test]
fn the_command_line_goes_before_no_color_and_that_before_the_file() {
    const PAPER: &str = "[screen]\ntheme = \"paper\"\n";
    let colourless = Surroundings { has_no_color: true, ..EVERYTHING };
    assert_eq!(theme(PAPER, None, EVERYTHING), Some(ThemeName::Paper));
    assert_eq!(theme(PAPER, Some(ThemeName::Dusk), EVERYTHING), Some(ThemeName::Dusk));
    assert_eq!(theme(PAPER, None, colourless), Some(ThemeName::Monochrome));
    assert_eq!(theme(PAPER, Some(ThemeName::Dusk), colourless), Some(ThemeName::Dusk));
    assert_eq!(theme("", None, colourless), Some(ThemeName::Monochrome));
    let flags = Flags { is_ascii: true, no_mouse: true, theme: None };
    let look = look("[screen]\nmarks = \"unicode\"\nmouse = true\n", flags, EVERYTHING).unwrap();
    assert_eq!((look.marks, look.has_mouse), (Marks::Ascii, false));
}

#[test]
fn under_no_color_no_key_leads_to_a_colour() {
    let colourless = Surroundings { has_no_color: true, ..EVERYTHING };
    let look = Look::without_config(Flags::default(), colourless);
    assert_eq!((look.themes.as_slice(), look.next_theme(), look.notice), (&[ThemeName::Monochrome][..], None, None));
}

#[test]
fn where_a_theme_cannot_be_shown_it_is_the_terminals_and_that_is_said() {
    let poor = Surroundings { has_truecolor: false, ..EVERYTHING };
    let look = look("[screen]\ntheme = \"dusk\"\n", Flags::default(), poor).unwrap();
    assert_eq!(look.theme, Theme::terminal());
    assert!(look.notice.unwrap().contains("The theme dusk needs 24 bits of colour"));
    assert_eq!(look.themes, [ThemeName::Terminal, ThemeName::Monochrome]);
}

#[test]
fn themes_are_gone_through_in_a_circle() {
    let mut look = Look::default();
    let mut names = Vec::new();
    for _ in 0..5 {
        let next = look.next_theme().unwrap();
        names.push(next.name());
        look.theme = next.theme();
    }
    assert_eq!(names, ["dusk", "paper", "monochrome", "terminal", "dusk"]);
}

#[test]
fn every_setting_of_the_screen_is_followed() {
    let text = "[screen]\ntheme = \"monochrome\"\nmarks = \"ascii\"\nmouse = false\nmotion = \"reduced\"\n";
    let look = look(text, Flags::default(), EVERYTHING).unwrap();
    assert_eq!(look.theme.named(), Some(ThemeName::Monochrome));
    assert_eq!((look.marks, look.has_mouse, look.motion), (Marks::Ascii, false, Motion::Reduced));
}

#[test]
fn what_is_no_setting_is_told_with_line_column_and_what_can_be() {
    for (text, expected) in [
        (
            "[screen]\ncolour = \"x\"\n",
            "line 2, column 1: [screen] has no setting \"colour\"; it has theme, marks, mouse and motion",
        ),
        (
            "[screen]\n\ntheme = \"nord\"\n",
            "line 3, column 9: no theme is called \"nord\"; there are terminal, dusk, paper, monochrome",
        ),
        ("[screen]\ntheme = 1\n", "line 2, column 9: theme is the name of a theme in quotes, and this is integer"),
        (
            "[screen]\nmarks = \"emoji\"\n",
            "line 2, column 9: marks is \"auto\", \"unicode\" or \"ascii\", and this is \"emoji\"",
        ),
        ("[screen]\nmouse = \"no\"\n", "line 2, column 9: mouse is true or false, and this is \"no\""),
        (
            "screen.motion = [\"full\"]\n",
            "line 1, column 17: motion is \"full\" or \"reduced\", and this is a list of texts",
        ),
    ] {
        let error = look(text, Flags::default(), EVERYTHING).unwrap_err();
        assert!(error.starts_with(expected), "{text}\n{error}");
        assert!(error.ends_with("; repair the file, or name another with --config"), "{error}");
    }
}

#[test]
fn marks_are_ascii_where_the_locale_is_not_utf_8() {
    for (variables, is_utf8) in [
        (&[][..], false),
        (&[("LANG", "de_DE.UTF-8")], true),
        (&[("LANG", "C")], false),
        (&[("LANG", "POSIX")], false),
        (&[("LANG", "C.UTF-8")], true),
        (&[("LANG", "en_GB.utf8@euro")], true),
        (&[("LANG", "de_DE")], false),
        (&[("LANG", "ja_JP.eucJP")], false),
        (&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")], false),
        (&[("LC_ALL", ""), ("LC_CTYPE", "C.UTF-8"), ("LANG", "C")], true),
        (&[("LC_CTYPE", "C"), ("LANG", "C.UTF-8")], false),
    ] {
        assert_eq!(here(variables).is_utf8, is_utf8, "{variables:?}");
        let marks = Look::without_config(Flags::default(), here(variables)).marks;
        assert_eq!(marks, if is_utf8 { Marks::Unicode } else { Marks::Ascii });
    }
    let plain = Surroundings { is_utf8: false, ..EVERYTHING };
    let marks = |text| look(text, Flags::default(), plain).unwrap().marks;
    assert_eq!(marks("[screen]\nmarks = \"unicode\"\n"), Marks::Unicode);
    assert_eq!(marks("[screen]\nmarks = \"auto\"\n"), Marks::Ascii);
}

#[test]
fn truecolor_is_what_the_terminal_says_or_is_known_for() {
    for (variables, expected) in [
        (&[("TERM", "xterm-256color")][..], false),
        (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")], true),
        (&[("TERM", "xterm-256color"), ("COLORTERM", "24bit")], true),
        (&[("TERM", "xterm-256color"), ("COLORTERM", "yes")], false),
        (&[("TERM", "xterm-kitty")], true),
        (&[("TERM", "foot-extra")], true),
        (&[("TERM", "football")], false),
        (&[("TERM", "xterm-direct")], true),
        (&[("TERM", "linux")], false),
        (&[("TERM", "dumb"), ("COLORTERM", "truecolor")], false),
    ] {
        assert_eq!(here(variables).has_truecolor, expected, "{variables:?}");
    }
}

#[test]
fn only_a_no_color_that_says_something_counts() {
    assert!(here(&[("NO_COLOR", "1")]).has_no_color);
    assert!(!here(&[("NO_COLOR", "")]).has_no_color && !here(&[]).has_no_color);
}

#[test]
fn with_reduced_motion_work_goes_on_in_tenths() {
    let told = |done, total| {
        let step = Motion::Reduced.calmed(Step { what: String::new(), done, total });
        (step.done, step.total)
    };
    let mut seen: Vec<u64> = (0..=937).map(|done| told(done, 937).0 * 100 / 937).collect();
    seen.dedup();
    assert_eq!(seen, [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
    assert_eq!((told(5, 0), told(u64::MAX, u64::MAX)), ((0, 0), (u64::MAX, u64::MAX)));
    let step = Step { what: String::new(), done: 3, total: 7 };
    assert_eq!(Motion::Full.calmed(step.clone()), step);
}
