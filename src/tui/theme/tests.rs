use ratatui::style::{Color, Modifier, Style};

use super::*;

/// The relative luminance of a colour, by WCAG 2.2.
fn luminance(colour: Color) -> f64 {
    let Color::Rgb(red, green, blue) = colour else { panic!("{colour} is none of 24 bits") };
    let [red, green, blue] = [red, green, blue].map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// The contrast of two colours, by WCAG 2.2: from 1 to 21.
fn contrast(one: Color, other: Color) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

type Roles = Vec<(&'static str, Style)>;

/// The roles of text and those of lines. A new role does not compile until it is here.
fn roles(theme: &Theme) -> (Roles, Roles) {
    let Theme {
        text,
        dim,
        title,
        title_focused,
        border,
        border_focused,
        selected: _,
        selected_elsewhere: _,
        marker,
        key,
        matched,
        added,
        removed,
        changed,
        blocked,
        warning,
        progress,
    } = *theme;
    let text = vec![
        ("text", text),
        ("dim", dim),
        ("title", title),
        ("title_focused", title_focused),
        ("marker", marker),
        ("key", key),
        ("matched", matched),
        ("added", added),
        ("removed", removed),
        ("changed", changed),
        ("blocked", blocked),
        ("warning", warning),
        ("progress", progress),
    ];
    (text, vec![("border", border), ("border_focused", border_focused)])
}

#[test]
fn the_contrast_of_black_and_white_is_twenty_one() {
    let contrast = contrast(Color::Rgb(0, 0, 0), Color::Rgb(255, 255, 255));
    assert!((contrast - 21.0).abs() < 1e-9, "{contrast}");
}

#[test]
fn every_role_of_the_truecolor_themes_can_be_read_on_its_ground_and_on_the_selected_row() {
    let themes = ThemeName::ALL.iter().filter(|name| name.needs_truecolor());
    assert_eq!(themes.clone().count(), 2);
    for name in themes {
        let theme = name.theme();
        let grounds = [theme.text, theme.selected, theme.selected_elsewhere].map(|style| style.bg.unwrap());
        let (text, lines) = roles(&theme);
        for ground in grounds {
            for (role, style) in &text {
                let contrast = contrast(style.fg.unwrap(), ground);
                assert!(contrast >= 4.5, "{role} of {} on {ground}: {contrast:.2}", name.name());
            }
        }
        for (role, style) in lines {
            let contrast = contrast(style.fg.unwrap(), grounds[0]);
            assert!(contrast >= 3.0, "{role} of {}: {contrast:.2}", name.name());
        }
        // Letters of a colour of their own are not dimmed or reversed on top of that.
        let styles = text.iter().map(|(_, style)| *style).chain([theme.selected, theme.selected_elsewhere]);
        assert!(styles.into_iter().all(|style| !style.add_modifier.intersects(Modifier::DIM | Modifier::REVERSED)));
    }
}

#[test]
fn of_the_truecolor_themes_one_is_dark_and_one_is_light() {
    let ground = |theme: Theme| luminance(theme.text.bg.unwrap());
    assert!(ground(Theme::dusk()) < 0.05 && ground(Theme::paper()) > 0.8);
}

#[test]
fn a_selected_row_differs_by_more_than_colour_in_every_theme() {
    for name in ThemeName::ALL {
        let theme = name.theme();
        for style in [theme.selected, theme.selected_elsewhere] {
            assert!(!style.add_modifier.is_empty(), "{}", name.name());
        }
    }
}

#[test]
fn the_monochrome_theme_has_no_colour_and_the_terminals_has_its_own_alone() {
    let all = |theme: &Theme| {
        let (mut text, lines) = roles(theme);
        text.extend(lines);
        text.extend([("selected", theme.selected), ("selected_elsewhere", theme.selected_elsewhere)]);
        text.into_iter().flat_map(|(_, style)| [style.fg, style.bg]).flatten().collect::<Vec<_>>()
    };
    assert_eq!(all(&Theme::monochrome()), []);
    let own = all(&Theme::terminal());
    assert!(!own.is_empty() && own.iter().all(|colour| !matches!(colour, Color::Rgb(..) | Color::Indexed(_))));
}

#[test]
fn every_theme_has_a_name_by_which_it_is_found() {
    for name in ThemeName::ALL {
        assert_eq!(name.name().parse(), Ok(*name));
    }
    assert_eq!(
        "solarized".parse::<ThemeName>(),
        Err("no theme is called \"solarized\"; there are terminal, dusk, paper, monochrome".to_owned())
    );
}
