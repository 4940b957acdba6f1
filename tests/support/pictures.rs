//! Pictures of the screen as snapshots. One file for a view at a size holds how it came about, its text, which is the same in
//! every theme, and its styles in all of them: a letter stands for what a cell looks like in each.
//!
//! A test program that makes pictures has this beside `driver` (support/screen.rs).

use std::fmt::Write as _;

use nix_loom::tui::app::{App, Phase, Screen as Shown};
use nix_loom::tui::context::Context;
use nix_loom::tui::dialog::{Dialog, Question};
use nix_loom::tui::theme::Theme;
use nix_loom::tui::work::Task;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

use super::driver::{Screen, text};

/// Columns and rows of every picture.
pub const SIZES: [(u16, u16); 4] = [(160, 50), (120, 40), (80, 24), (50, 15)];

/// A name, and what makes the theme.
type Named = (&'static str, fn() -> Theme);

/// The themes that every picture is made in; the text comes from the first.
pub const THEMES: &[Named] =
    &[("terminal", Theme::terminal), ("dusk", Theme::dusk), ("paper", Theme::paper), ("monochrome", Theme::monochrome)];

/// Makes the pictures of a view at all four sizes; `how` says how it came about, `over` makes the screen for a size.
pub fn pictures(name: &str, how: &str, over: impl Fn(u16, u16) -> Screen) {
    for (columns, rows) in SIZES {
        let mut screen = over(columns, rows);
        let picture = format!(
            "{how}\nsize: {columns}×{rows}\nshows: {}\n\n{}",
            shown(&screen.app).join(", "),
            picture(&mut screen)
        );
        insta::with_settings!({
            omit_expression => true,
            prepend_module_to_snapshot => false,
            snapshot_path => "../snapshots",
        }, {
            insta::assert_snapshot!(format!("{name}-{columns}x{rows}"), picture);
        });
    }
}

/// Text, cursor and styles.
fn picture(screen: &mut Screen) -> String {
    let drawn: Vec<_> = THEMES.iter().map(|(_, theme)| (theme(), in_theme(screen, &theme()))).collect();
    let (_, (first, cursor)) = &drawn[0];
    for ((name, _), (_, (buffer, other))) in THEMES.iter().zip(&drawn) {
        assert_eq!(text(first), text(buffer), "the theme {name} tells something else than {}", THEMES[0].0);
        assert_eq!(cursor, other, "the cursor in the theme {name}");
    }
    let mut picture = text(first);
    if let Some(cursor) = cursor {
        let _ = writeln!(picture, "cursor {},{}", cursor.x, cursor.y);
    }
    let buffers: Vec<_> = drawn.iter().map(|(theme, (buffer, _))| (theme, buffer)).collect();
    picture.push_str(&styles(&buffers));
    picture
}

fn in_theme(screen: &mut Screen, theme: &Theme) -> (Buffer, Option<ratatui::layout::Position>) {
    let before = std::mem::replace(&mut screen.app.settings.look.theme, *theme);
    let drawn = screen.draw();
    screen.app.settings.look.theme = before;
    drawn
}

/// One letter for each cell that looks like anything but plain text in some theme, and what the letters mean in each.
fn styles(drawn: &[(&Theme, &Buffer)]) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let whole = |style: Style| Style { underline_color: None, sub_modifier: Modifier::empty(), ..style };
    let reset = Style::new().fg(Color::Reset).bg(Color::Reset);
    let plain: Vec<Style> = drawn.iter().map(|(theme, _)| whole(reset.patch(theme.text))).collect();
    let area = drawn[0].1.area;
    let mut legend: Vec<Vec<Style>> = Vec::new();
    let mut grid = String::new();
    for y in area.top()..area.bottom() {
        let mut line = String::new();
        for x in area.left()..area.right() {
            let looks: Vec<Style> = drawn.iter().map(|(_, buffer)| whole(buffer[(x, y)].style())).collect();
            if looks == plain {
                line.push(' ');
                continue;
            }
            let at = legend.iter().position(|known| *known == looks).unwrap_or_else(|| {
                legend.push(looks);
                legend.len() - 1
            });
            line.push(char::from(*LETTERS.get(at).expect("few styles")));
        }
        let _ = writeln!(grid, "{}", line.trim_end());
    }
    let names: Vec<_> = THEMES.iter().map(|(name, _)| *name).collect();
    let _ = writeln!(grid, "  = {}", names.join(" | "));
    for (letter, looks) in LETTERS.iter().zip(&legend) {
        let looks: Vec<_> = looks.iter().map(|style| described(*style)).collect();
        let _ = writeln!(grid, "{} = {}", char::from(*letter), looks.join(" | "));
    }
    grid
}

/// `Cyan on Black BOLD`, what is as ever left out.
fn described(style: Style) -> String {
    let mut parts = Vec::new();
    match (style.fg.unwrap_or(Color::Reset), style.bg.unwrap_or(Color::Reset)) {
        (Color::Reset, Color::Reset) => {}
        (text, Color::Reset) => parts.push(text.to_string()),
        (text, back) => parts.push(format!("{text} on {back}")),
    }
    parts.extend(style.add_modifier.iter_names().map(|(name, _)| name.to_owned()));
    if parts.is_empty() { "plain".into() } else { parts.join(" ") }
}

/// What of the program is in sight, as `views` names it.
fn shown(app: &App) -> Vec<&'static str> {
    let mut shown = vec![views::phase(&app.phase), views::context(&app.context())];
    shown.extend(app.screen().as_ref().map(views::screen));
    if let Some(dialog) = &app.dialog {
        shown.push(views::dialog(dialog));
        if let Dialog::Question(question) = dialog {
            shown.push(views::question(question));
        }
    }
    shown.extend(app.works.all().iter().map(|work| views::task(&work.task)));
    shown
}

/// Names for everything that can be shown. Whoever adds something has to name it here, and then to make its picture:
/// `screen_pictures` fails for a name that no picture shows.
pub mod views {
    use super::{Context, Dialog, Phase, Question, Shown, Task};

    macro_rules! names {
        ($function:ident, $all:ident, $what:ty: $($pattern:pat => $name:literal),+ $(,)?) => {
            pub fn $function(what: &$what) -> &'static str {
                match what { $($pattern => $name),+ }
            }
            const $all: &[&str] = &[$($name),+];
        };
    }

    names!(phase, PHASES, Phase:
        Phase::Opening => "opening",
        Phase::Failed(_) => "failed",
        Phase::Open => "open",
    );
    names!(screen, SCREENS, Shown:
        Shown::Plan => "the plan",
        Shown::Explanation => "the plan in Nix' words",
        Shown::Collisions => "the collisions",
        Shown::Generations => "the generations",
        Shown::Details => "the details",
        Shown::Sources => "the sources",
        Shown::Upgrades => "the upgrades",
        Shown::Files => "the files",
        Shown::Which => "who has a file",
        Shown::Environment => "an environment file",
        Shown::Drift => "the profile and its file",
        Shown::Log => "the log",
        Shown::Help => "the help",
    );
    names!(dialog, DIALOGS, Dialog:
        Dialog::Question(_) => "a question",
        Dialog::Priority { .. } => "a priority is asked for",
        Dialog::Source(_) => "a source is asked for",
        Dialog::Link { .. } => "a place for a link is asked for",
        Dialog::Deletion(_) => "generations to delete are asked for",
        Dialog::File(_) => "a file is asked for",
        Dialog::Export(_) => "how a file is written is asked for",
        Dialog::Palette(_) => "the commands",
    );
    names!(question, QUESTIONS, Question:
        Question::ClearStaged => "drop all?",
        Question::GoToGeneration(_) => "go to a generation?",
        Question::UndoGeneration { .. } => "undo a generation?",
        Question::Convert(_) => "convert?",
        Question::RemoveSource(_) => "remove a source?",
        Question::Pin(_) => "pin a source?",
        Question::Unpin(_) => "unpin a source?",
        Question::WriteOver(_) => "write over a file?",
        Question::RewriteFile => "write a file anew?",
        Question::Stop(_) => "stop work?",
        Question::Quit => "quit?",
    );
    names!(task, TASKS, Task:
        Task::Apply => "an apply runs",
        Task::Build => "a build runs",
        Task::Fetch => "a fetch runs",
        Task::FindPin => "a revision is looked for",
        Task::Import(_) => "a file is read",
        Task::Export => "a file is written",
        Task::Status(_) => "a file is asked",
        Task::RollBack | Task::Delete | Task::Convert => "short work runs",
        Task::Load => "sources are read",
        Task::Upgrades => "sources are asked for upgrades",
        Task::Look(_) | Task::Preview(_) | Task::Explain(_) | Task::Compare(_) | Task::CompareFiles(_)
            | Task::Files(_) | Task::Which(_) => "something is worked out",
    );
    names!(context, CONTEXTS, Context:
        // These are parts of others.
        Context::Everywhere | Context::Lists | Context::Panes | Context::Staging => "",
        Context::Installed => "keys of Installed",
        Context::Available => "keys of Available",
        Context::Outputs => "keys of Outputs",
        Context::Search => "keys of the search",
        Context::Plan => "keys of the plan",
        Context::Explanation => "keys of the plan in Nix' words",
        Context::Collisions => "keys of the collisions",
        Context::Filter => "keys of the filter",
        Context::Generations => "keys of the generations",
        Context::Details => "keys of the details",
        Context::Sources => "keys of the sources",
        Context::Upgrades => "keys of the upgrades",
        Context::Files => "keys of the files",
        Context::FileFilter => "keys of the filter of files",
        Context::Which => "keys of who has a file",
        Context::Environment => "keys of an environment file",
        Context::Drift => "keys of the profile and its file",
        Context::Log => "keys of the log",
        Context::Help => "keys of the help",
        Context::Palette => "keys of the commands",
        Context::Question => "keys of a question",
        Context::Number => "keys of a number",
        Context::NewSource => "keys of a new source",
        Context::Link => "keys of a place for a link",
        Context::Deletion => "keys of a deletion",
        Context::FilePrompt => "keys of a file to open",
        Context::Export => "keys of a file to write",
        Context::Failed => "keys of a failure",
    );

    /// Every name of the above.
    pub fn all() -> impl Iterator<Item = &'static str> {
        let all = [PHASES, SCREENS, DIALOGS, QUESTIONS, TASKS, CONTEXTS];
        all.into_iter().flatten().copied().filter(|name| !name.is_empty())
    }
}
