//! The first line: what is looked after, and what is going on.

use std::path::Path;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::app::{App, Phase};
use super::super::{drift, text, words};
use crate::safe;

pub fn view(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let theme = app.theme();
    let right = right(app);
    let right_width = text::width(&right);
    let room = usize::from(area.width).saturating_sub(right_width + 2);
    let mut spans = vec![Span::styled(" nix-loom ", theme.title_focused), Span::raw(" ")];
    let mut used = 11;
    // Whether the profile agrees with its file is told on the narrowest screen too.
    let file = drift::in_short(app).map(|file| file.map(|form| format!(" · {form}")));
    let kept = file.as_ref().map_or(0, |[_, shortest]| text::width(shortest));
    let mut is_full = false;
    for (at, part) in left(app).iter().enumerate() {
        if at == 3
            && let Some(form) = file.iter().flatten().find(|form| used + text::width(form) <= room)
        {
            used += text::width(form);
            spans.push(Span::styled(form.clone(), theme.dim));
        }
        let Some(part) = part else { continue };
        let room = if at < 3 { room.saturating_sub(kept) } else { room };
        let part = if at == 0 { text::fit_end(part, room.saturating_sub(used).min(44)) } else { format!(" · {part}") };
        // The least important stand last: the first that does not fit ends the line.
        is_full |= used + text::width(&part) > room;
        if !is_full {
            used += text::width(&part);
            spans.push(Span::styled(part, if at == 0 { theme.text } else { theme.dim }));
        }
    }
    frame.buffer_mut().set_line(area.x, area.y, &Line::from(spans), area.width);
    let width = u16::try_from(right_width).unwrap_or(area.width).min(area.width);
    let x = area.right() - width;
    frame.buffer_mut().set_stringn(x, area.y, right, width.into(), theme.title);
}

/// What is told from left to right, the least important last; whether the file agrees stands before the fourth.
fn left(app: &App) -> [Option<String>; 6] {
    let Some(about) = &app.about else {
        let told = match app.phase {
            Phase::Failed(_) => "not opened",
            Phase::Opening | Phase::Open => "opening…",
        };
        return [Some(told.to_owned()), None, None, None, None, None];
    };
    let profile = app.at_home(&about.profile);
    let generation = match app.current.snapshot.generation {
        Some(number) => format!("generation {number}"),
        None => "no generation yet".into(),
    };
    let kind = app.current.snapshot.kind.filter(|_| about.is_nix).map(|kind| kind.to_string());
    let packages = text::plural(app.elements().len(), "package");
    let is_elsewhere = about.is_nix && about.store_directory != Path::new("/nix/store");
    let elsewhere = is_elsewhere.then(|| format!("store in {}", safe::path(&about.store_directory)));
    [Some(profile), kind, Some(generation), Some(packages), Some(safe::text(&about.store)), elsewhere]
}

fn right(app: &App) -> String {
    let mut parts = Vec::new();
    if let Some(work) = app.works.foremost() {
        let number = app.works.all().len();
        if number > 1 {
            parts.push(text::plural(number, "work"));
        }
        parts.push(words::work_in_short(work));
    }
    if !app.staged.is_empty() {
        parts.push(format!("{} staged", text::count_of(app.staged.changes().len())));
    }
    if parts.is_empty() { String::new() } else { format!("{} ", parts.join(" · ")) }
}
