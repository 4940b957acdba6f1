//! A question in the middle of the screen: what will happen, and how to say yes or no.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use super::super::action::Command;
use super::super::app::App;
use super::super::context::Context;
use super::super::deletion::Choice;
use super::super::dialog::{Dialog, Question};
use super::super::input::Input;
use super::super::key::Key;
use super::super::words::Mark;
use super::super::work::Task;
use super::super::{layout, text};
use super::hits::{Hit, Words};
use super::plan_panel::mark_style;
use super::{deletion, drift, export, file_prompt, generations, paint, palette};
use crate::loom::{PinMove, ToBuild};
use crate::profile::{ManifestKind, Parent};
use crate::safe;
use crate::source::Pin;

const WIDTH: u16 = 64;
/// Columns after each word that can be clicked.
const GAP: usize = 3;
/// Rows for what differs between two generations.
const DIFFERENCE_ROWS: usize = 10;

/// A dialog as it is laid out.
struct Placed {
    name: &'static str,
    area: Rect,
    inner: Rect,
    lines: Vec<Line<'static>>,
    /// Lines at the top that a low screen has no room for: the keys, at the end, must be in sight.
    skipped: usize,
    /// The line that is typed, where something is.
    input_row: usize,
    context: Context,
}

impl Placed {
    /// The line of the keys.
    fn keys_row(&self) -> u16 {
        let row = u16::try_from(self.lines.len() - self.skipped).unwrap_or(u16::MAX);
        self.inner.y.saturating_add(row).saturating_sub(1)
    }
}

/// The palette is laid out by itself.
fn placed(app: &App, dialog: &Dialog) -> Option<Placed> {
    let columns = usize::from(WIDTH.min(app.size.0)).saturating_sub(4);
    let mut filled_in = None;
    let (name, mut lines, context) = match dialog {
        Dialog::Question(question) => question_lines(app, question, columns),
        Dialog::Priority { subject, input } => {
            let sentence = format!("Priority of {subject}. A lower number wins; 5 is usual.");
            ("Priority", input_lines(app, &sentence, input, columns), Context::Number)
        }
        Dialog::Palette(_) => return None,
        Dialog::Source(input) => {
            let sentence = "NAME=LOCATION, where LOCATION is a Nix file or folder, <nixpkgs>, a flake such as \
                            github:NixOS/nixpkgs, or a packages.json.";
            ("New source", input_lines(app, sentence, input, columns), Context::NewSource)
        }
        Dialog::Link { what, input } => {
            let what = match what {
                ToBuild::Changes(_) => "the profile as it would be".to_owned(),
                ToBuild::File(file) => text::fit_end(&safe::path(file), 40),
            };
            let sentence = format!("Builds {what}, and makes a link that leads to it. The profile stays as it is.");
            ("Build", input_lines(app, &sentence, input, columns), Context::Link)
        }
        Dialog::File(prompt) => {
            let rows = usize::from(layout::frame(app.area()).body.height).saturating_sub(4);
            ("Environment file", file_prompt::lines(app, prompt, columns, rows), Context::FilePrompt)
        }
        Dialog::Export(form) => {
            let (lines, at) = export::lines(app, form, columns);
            filled_in = Some(at);
            ("Environment file", lines, Context::Export)
        }
        Dialog::Deletion(choice) => {
            let rows = usize::from(layout::frame(app.area()).body.height).saturating_sub(4);
            ("Delete generations", deletion::lines(app, choice, columns, rows), Context::Deletion)
        }
    };
    let input_row = match dialog {
        Dialog::Deletion(_) => deletion::INPUT_LINE,
        Dialog::File(_) => file_prompt::INPUT_LINE,
        _ => filled_in.unwrap_or(lines.len() - 1),
    };
    lines.push(Line::default());
    lines.push(keys(app, context));
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let area = layout::dialog(app.area(), WIDTH, height);
    let inner = layout::padded(area);
    let skipped = lines.len().saturating_sub(inner.height.into());
    Some(Placed { name, area, inner, lines, skipped, input_row, context })
}

pub fn view(app: &App, frame: &mut Frame<'_>) {
    let Some(dialog) = &app.dialog else { return };
    if let Dialog::Palette(input) = dialog {
        palette::view(app, frame, input);
    }
    let Some(placed) = placed(app, dialog) else { return };
    frame.render_widget(Clear, placed.area);
    paint::pane(app, frame, placed.area, paint::title(app.theme(), placed.name, "", true), true);
    let inner = placed.inner;
    let input_row = placed.input_row.saturating_sub(placed.skipped);
    paint::lines(frame, inner, placed.lines.into_iter().skip(placed.skipped));
    let (input, before) = match dialog {
        Dialog::Priority { input, .. }
        | Dialog::Source(input)
        | Dialog::Link { input, .. }
        | Dialog::Deletion(Choice { input, .. }) => (input, 2),
        Dialog::File(prompt) => (&prompt.input, 2),
        Dialog::Export(form) => match form.input() {
            Some(input) => (input, export::BEFORE),
            None => return,
        },
        Dialog::Question(_) | Dialog::Palette(_) => return,
    };
    let room = usize::from(inner.width).saturating_sub(before);
    let x = inner.x + u16::try_from(before).unwrap_or(0) + u16::try_from(input.cursor_column().min(room)).unwrap_or(0);
    frame.set_cursor_position((x, inner.y + u16::try_from(input_row).unwrap_or(0)));
}

/// What the dialog hides, if there is one.
pub fn area(app: &App) -> Option<Rect> {
    placed(app, app.dialog.as_ref()?).map(|placed| placed.area)
}

/// The words at its end that can be clicked, where they are drawn.
pub fn hits(app: &App) -> Vec<Hit> {
    let Some(placed) = app.dialog.as_ref().and_then(|dialog| placed(app, dialog)) else { return Vec::new() };
    let mut words = Words::at(Position::new(placed.inner.x, placed.keys_row()), placed.inner.right());
    for (key, word) in answers(app, placed.context) {
        words.key(key, text::width(&app.settings.look.key_name(key)) + 1 + text::width(word));
        words.skip(GAP);
    }
    words.hits
}

/// A sentence, and below it the line that is being typed.
fn input_lines(app: &App, sentence: &str, input: &Input, columns: usize) -> Vec<Line<'static>> {
    let mut lines: Vec<_> = text::wrap(sentence, columns).into_iter().map(Line::raw).collect();
    let typed = text::fit_end(input.text(), columns - 2);
    lines.extend([Line::default(), Line::from(vec![Span::styled("› ", app.theme().marker), Span::raw(typed)])]);
    lines
}

fn question_lines(app: &App, question: &Question, columns: usize) -> (&'static str, Vec<Line<'static>>, Context) {
    let wrapped = |sentence: &str| text::wrap(sentence, columns).into_iter().map(Line::raw).collect::<Vec<_>>();
    let staged = text::plural(app.staged.changes().len(), "staged change");
    let (name, lines) = match question {
        Question::ClearStaged => {
            let key = app.key_for(Context::Staging, Command::Undo);
            ("Drop all", wrapped(&format!("Drop {staged}? {key} brings them back.")))
        }
        Question::GoToGeneration(to) => ("Change generation", generation_lines(app, *to, columns)),
        Question::UndoGeneration { number, to } => ("Undo", undo_lines(app, *number, *to, columns)),
        Question::Convert(to) => {
            let (keeper, other) = match to {
                ManifestKind::NixEnv => ("nix-env", "nix profile"),
                ManifestKind::NixProfile | ManifestKind::Bare => ("nix profile", "nix-env"),
            };
            let convert = app.key_for(Context::Panes, Command::Convert);
            let back = app.key_for(Context::Panes, Command::RollBack);
            let sentence = format!(
                "Make a generation with the same packages that `{keeper}` keeps? `{other}` cannot change it then. Outputs, \
                 priorities and flags stay, and the way back is {convert} again, or {back}."
            );
            ("Convert", wrapped(&sentence))
        }
        Question::RemoveSource(name) => {
            let sentence = format!("Remove the source {name}? What is installed from it stays installed.");
            ("Remove source", wrapped(&sentence))
        }
        Question::Pin(found) => ("Pin source", pin_lines(found, columns)),
        Question::Unpin(name) => {
            let rows = app.sources.iter().flat_map(|view| &view.configured);
            let row = rows.into_iter().find(|row| row.name == *name);
            let pin = row.and_then(|row| row.pin.as_ref()).map(Pin::in_short).unwrap_or_default();
            let follows = row.map(|row| row.location.as_str()).unwrap_or_default();
            let sentence = format!(
                "Let {name} follow {follows} again? It is pinned to {pin} now; what is installed from it stays as it is."
            );
            ("Unpin source", wrapped(&sentence))
        }
        Question::WriteOver(form) => {
            let place = app.at_home(&form.wanted(app.settings.home.as_deref(), true).out);
            let back = app.key_for(Context::Question, Command::No);
            let sentence = format!(
                "{place} is there already. Write over it? What it holds now is lost then; {back} leads back to the form."
            );
            ("Write over", wrapped(&sentence))
        }
        Question::RewriteFile => ("Write anew", rewrite_lines(app, columns)),
        Question::Stop(task) => {
            let what = if *task == Task::Build { "The link" } else { "The profile" };
            let sentence = format!("Stop {}? {what} stays as it is; what was fetched stays in the store.", task.name());
            ("Stop", wrapped(&sentence))
        }
        Question::Quit => {
            let sentence = match app.works.on_profile().map(|work| work.task) {
                Some(Task::Apply) => "An apply is running. Quit and stop it? The profile stays as it is.".to_owned(),
                Some(task) => format!("The program is {}. Quit all the same?", task.name()),
                None if app.works.get(Task::Build).is_some() => {
                    "Something is being built. Quit and stop it? Its link stays as it was.".to_owned()
                }
                None => format!("Quit and drop {staged}? The profile stays as it is."),
            };
            ("Quit", wrapped(&sentence))
        }
    };
    (name, lines, Context::Question)
}

/// From which revision to which, and what is to be known of it.
fn pin_lines(found: &PinMove, columns: usize) -> Vec<Line<'static>> {
    let PinMove { source, follows, from, to, notes } = found;
    let to = to.in_short();
    let sentence = match from {
        Some(from) => {
            format!("Move the pin of {source} from {} to {to}? That is what {follows} has now.", from.in_short())
        }
        None => format!("Pin {source} to {to}? That is what {follows} has now, which it then no longer follows."),
    };
    let installed = "What is installed from it stays as it is.".to_owned();
    let sentences = std::iter::once(&sentence).chain(notes).chain([&installed]);
    sentences.flat_map(|sentence| text::wrap(sentence, columns)).map(Line::raw).collect()
}

fn generation_lines(app: &App, to: u64, columns: usize) -> Vec<Line<'static>> {
    let current = app.current.snapshot.generation.unwrap_or(0);
    let verb = if to < current { "Roll back" } else { "Go" };
    let sentence = format!("{verb} from generation {current} to {to}? Generation {current} is kept.");
    going_lines(app, &sentence, Some(to), columns)
}

/// What becomes of the file in sight, the first lines of it.
fn rewrite_lines(app: &App, columns: usize) -> Vec<Line<'static>> {
    let Some(file) = app.drift.file() else { return Vec::new() };
    let place = app.at_home(&file.file);
    let sentence =
        format!("Write {place} anew from the profile? Lines that nobody but you wrote into it are lost then.");
    let mut lines: Vec<_> = text::wrap(&sentence, columns).into_iter().map(Line::raw).collect();
    let (rows, more) = super::super::drift::shortly(file, columns);
    lines.push(Line::default());
    lines.extend(rows.into_iter().map(|row| drift::line(app, row)));
    if more > 0 {
        lines.push(Line::styled(format!("and {} more, as below", text::plural(more, "line")), app.theme().dim));
    }
    lines
}

fn undo_lines(app: &App, number: u64, to: Option<u64>, columns: usize) -> Vec<Line<'static>> {
    let sentence = match (to, app.parent_of(number)) {
        (None, _) => format!(
            "Undo generation {number}, the first? Before it there was nothing: a new generation is made without its {}. \
             {} then brings them back.",
            text::plural(app.elements().len(), "package"),
            app.key_for(Context::Generations, Command::UndoGeneration)
        ),
        (Some(to), Parent::Probably(_)) => format!(
            "Undo generation {number}? From which it was made is not recorded: probably from {to}, the newest below. That \
             becomes the current one; {number} is kept."
        ),
        (Some(to), _) => {
            format!("Undo generation {number}? It was made from {to}, which becomes the current one; {number} is kept.")
        }
    };
    going_lines(app, &sentence, to, columns)
}

/// A sentence, and what going to that generation would change.
fn going_lines(app: &App, sentence: &str, to: Option<u64>, columns: usize) -> Vec<Line<'static>> {
    let mut lines: Vec<_> = text::wrap(sentence, columns).into_iter().map(Line::raw).collect();
    let comparison = to.and_then(|to| app.timeline.comparison(app.current.snapshot.generation, to));
    if let Some(comparison) = comparison {
        lines.push(Line::default());
        lines.extend(generations::comparison_lines(app, comparison, columns, DIFFERENCE_ROWS));
    }
    if to.is_none() {
        let names: Vec<&str> = app.elements().iter().map(|element| element.name.as_str()).collect();
        let gone = format!("{} {}", Mark::Removed.sign(), text::list(&names, 12));
        let style = mark_style(app, Mark::Removed);
        lines.push(Line::default());
        lines.extend(text::wrap(&gone, columns).into_iter().map(|line| Line::styled(line, style)));
    }
    if !app.staged.is_empty() {
        lines.push(Line::default());
        lines.push(Line::styled("What is staged stays staged.", app.theme().dim));
    }
    lines
}

/// The keys with a word for each, and the way back.
fn answers(app: &App, context: Context) -> Vec<(Key, &'static str)> {
    let bindings = app.bindings().of(context).filter(|row| !row.hint.is_empty());
    let mut answers: Vec<_> = bindings.filter_map(|row| Some((*row.keys.first()?, row.hint))).collect();
    answers.extend(app.bindings().key(context, Command::Back).map(|key| (key, "back")));
    answers
}

fn keys(app: &App, context: Context) -> Line<'static> {
    let mut spans = Vec::new();
    for (key, word) in answers(app, context) {
        spans.push(Span::styled(app.settings.look.key_name(key), app.theme().key));
        spans.push(Span::raw(format!(" {word}{}", " ".repeat(GAP))));
    }
    Line::from(spans)
}
