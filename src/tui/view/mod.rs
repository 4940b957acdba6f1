//! Drawing: what the state looks like. Views read the state and change nothing; only rows in sight are built.

mod available;
mod deletion;
mod details;
mod dialog;
mod drift;
mod environment;
mod explain;
mod export;
mod file_prompt;
mod files;
mod footer;
mod generations;
mod header;
mod help;
mod hits;
mod inspector;
mod installed;
mod installed_rows;
mod log;
mod outputs;
mod paint;
mod palette;
mod plan;
mod plan_panel;
mod progress;
mod sources;
mod upgrades;
mod which;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::app::{App, Phase, Screen};
use super::{layout, text};
pub use details::len as details_len;
pub use environment::detail_len as import_detail_len;
pub use environment::told as told_of_environment;
pub use files::detail_len as file_detail_len;
pub use hits::{Hit, Target, hits};
pub use inspector::detail_len;
pub use which::{not_looked_at, sentence as which_sentence};

/// Draws the whole screen.
pub fn view(app: &App, frame: &mut Frame<'_>) {
    draw(app, frame);
    app.theme().fill(frame.buffer_mut());
    app.settings.look.marks.apply(frame.buffer_mut());
}

fn draw(app: &App, frame: &mut Frame<'_>) {
    // What is drawn is what the state was laid out for; a frame of another size gets what fits into it.
    let whole = app.whole_area().intersection(frame.area());
    if layout::is_too_small(app.area()) {
        too_small(app, frame);
        return;
    }
    if whole != app.whole_area() {
        return;
    }
    let area = app.area();
    let parts = layout::frame(area);
    header::view(app, frame, parts.header);
    match (&app.phase, app.screen()) {
        (_, Some(Screen::Help)) => help::view(app, frame, parts.body),
        (Phase::Failed(error), _) => paint::sentences(app, frame, parts.body, "The profile could not be opened", error),
        (_, Some(Screen::Plan)) => plan::view(app, frame),
        (_, Some(Screen::Explanation)) => explain::view(app, frame, parts.body),
        (_, Some(Screen::Drift)) => drift::view(app, frame, parts.body),
        (_, Some(Screen::Collisions)) => inspector::view(app, frame),
        (_, Some(Screen::Generations)) => generations::view(app, frame),
        (_, Some(Screen::Details)) => details::view(app, frame, parts.body),
        (_, Some(Screen::Sources)) => sources::view(app, frame),
        (_, Some(Screen::Upgrades)) => upgrades::view(app, frame),
        (_, Some(Screen::Files)) => files::view(app, frame),
        (_, Some(Screen::Which)) => which::view(app, frame),
        (_, Some(Screen::Environment)) => environment::view(app, frame),
        (_, Some(Screen::Log)) => log::view(app, frame),
        (_, None) => {
            let panes = layout::panes(app);
            for (area, view) in [
                (panes.installed, installed::view as fn(&App, &mut Frame<'_>, _)),
                (panes.available, available::view),
                (panes.outputs, outputs::view),
            ] {
                if let Some(area) = area {
                    view(app, frame, area);
                }
            }
            plan_panel::view(app, frame, panes.plan);
        }
    }
    footer::view(app, frame, parts.footer);
    footer::error(app, frame, Rect { y: area.bottom(), height: whole.bottom() - area.bottom(), ..whole });
    dialog::view(app, frame);
}

fn too_small(app: &App, frame: &mut Frame<'_>) {
    let (columns, rows) = app.size;
    let (least_columns, least_rows) = layout::SMALLEST;
    let sentence = format!("nix-loom needs {least_columns}×{least_rows}; this terminal is {columns}×{rows}.");
    let area = frame.area();
    for (line, y) in text::wrap(&sentence, area.width.into()).into_iter().zip(area.top()..area.bottom()) {
        frame.buffer_mut().set_line(area.x, y, &Line::raw(line), area.width);
    }
}
