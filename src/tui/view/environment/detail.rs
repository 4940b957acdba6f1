//! What is told of the file as a whole, and of the selected package; or why nothing can be told.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::super::super::action::Command;
use super::super::super::app::App;
use super::super::super::context::Context;
use super::super::super::{layout, text};
use super::super::inspector::Told;
use super::super::paint;
use super::super::plan_panel::mark_style;
use super::told as words_of;
use crate::loom::{Imported, ImportedPackage};
use crate::safe;

/// More rows of what became other are counted.
const MOST_ROWS: usize = 200;

/// How many lines there are to scroll through.
pub fn len(app: &App) -> usize {
    let Some(area) = layout::environment(app).detail.filter(|_| !layout::is_too_small(app.area())) else {
        return 0;
    };
    told(app, layout::padded(area).width.into()).len()
}

pub fn view(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let theme = app.theme();
    let inner = layout::padded(area);
    let told = told(app, inner.width.into());
    let room = usize::from(area.width).saturating_sub(6);
    let is_alone = layout::environment(app).list.is_none();
    let title = paint::title(theme, &text::fit(&told.title, room), "", is_alone);
    paint::pane(app, frame, area, title, is_alone && app.dialog.is_none());
    let list = app.environment.detail;
    let lines = list.visible().map(|line| told.lines.get(line).cloned().unwrap_or_default());
    paint::lines(frame, inner, lines);
    paint::scroll_bar(app, frame, layout::inside(area), &list);
    let scroll = app.bound_key(Context::Environment, Command::ScrollDetailDown);
    if let Some(key) = scroll.filter(|_| list.visible().end < told.len()) {
        paint::foot(frame, area, &format!("{key} scrolls"), theme.dim);
    }
}

fn told(app: &App, columns: usize) -> Told<'static> {
    let mut told = Told::default();
    if let Some(error) = &app.environment.error {
        failure(app, error, &mut told, columns);
    } else if let Some(imported) = app.environment.imported() {
        file(app, imported, &mut told, columns);
        if let Some(package) = app.selected_import() {
            self::package(app, imported, package, &mut told, columns);
        }
    }
    told
}

/// Why it cannot be read, in Nix' words, and the way out.
fn failure(app: &App, error: &str, told: &mut Told<'_>, columns: usize) {
    let theme = app.theme();
    let key = |command| app.key_for(Context::Environment, command);
    let (again, other) = (key(Command::RereadEnvironment), key(Command::OpenEnvironment));
    let stopped = app.environment.was_stopped;
    let title = if stopped { "Stopped" } else { "The file cannot be read" };
    title.clone_into(&mut told.title);
    let place = app.environment.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if stopped || place.is_empty() || !error.contains(&place) {
        told.say(&app.at_home(&app.environment.file), columns, theme.title);
        told.lines.push(Line::default());
    }
    if stopped {
        told.say("It was stopped before it was read.", columns, theme.text);
    } else {
        for line in error.lines() {
            told.say(&safe::text(line), columns, theme.blocked);
        }
    }
    told.lines.push(Line::default());
    told.say(
        &format!("{again} reads it again, {other} asks for another file. Nothing was changed."),
        columns,
        theme.text,
    );
}

fn file(app: &App, imported: &Imported, told: &mut Told<'_>, columns: usize) {
    let theme = app.theme();
    "What it is".clone_into(&mut told.title);
    told.say(&app.at_home(&imported.file), columns, theme.title);
    told.say(&words_of::kind(imported), columns, theme.text);
    let own = words_of::own(app, &words_of::shows_collisions(app));
    if !own.is_empty() {
        told.heading(app, "By itself", &format!("rules {}", words_of::rules(imported)));
        for (sentence, is_bad) in own {
            told.say(&sentence, columns, if is_bad { theme.blocked } else { theme.text });
        }
    }
    told.heading(app, "In the profile", "rules nix");
    let (sentence, is_bad) = words_of::in_profile(app);
    told.say(&sentence, columns, if is_bad { theme.blocked } else { theme.text });
    if let Some(change) = &imported.since {
        told.heading(app, "Since it was installed", "");
        let (sentence, rows) = words_of::since(change);
        told.say(&sentence, columns, theme.text);
        for (mark, row) in rows.iter().take(MOST_ROWS) {
            let line = text::fit(&format!("{} {row}", mark.sign()), columns);
            told.lines.push(Line::styled(line, mark_style(app, *mark)));
        }
        if rows.len() > MOST_ROWS {
            told.say(&format!("and {} more", text::count_of(rows.len() - MOST_ROWS)), columns, theme.dim);
        }
    }
    if !imported.notes.is_empty() {
        told.heading(app, "Notes", "");
        for note in &imported.notes {
            told.say(&format!("{}.", text::capital(note.trim_end_matches('.'))), columns, theme.warning);
        }
    }
}

fn package(app: &App, imported: &Imported, package: &ImportedPackage, told: &mut Told<'_>, columns: usize) {
    let theme = app.theme();
    told.heading(app, &text::fit(&package.name, columns), &text::fit(&package.version, columns));
    let from = words_of::from(imported, package);
    let attribute = format!("{} of {from} · priority {}", package.attribute, package.priority);
    told.say(&attribute, columns, theme.text);
    for output in &package.outputs {
        told.say(&format!("{} {}", output.name, safe::path(&output.path)), columns, theme.dim);
    }
}
