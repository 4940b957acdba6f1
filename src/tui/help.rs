//! The `?` screen: every key as it is bound now, narrowed by words.

use super::app::App;
use super::bindings::{HelpLine, name_of};
use super::input::Input;

/// What the mouse does.
pub const MOUSE_HELP: &[(&str, &str)] = &[
    ("click", "select a row, go to a pane, do what a word in the last line or in a question says"),
    ("double click", "do what the row is for: stage, tick, unfold, go there"),
    ("wheel", "scroll what is under the pointer; a scroll bar can be clicked and dragged"),
    ("Shift", "while it is held, most terminals select text as they do elsewhere; --no-mouse leaves them the mouse"),
];

/// What of the help is shown.
#[derive(Clone, Debug, Default)]
pub struct Help {
    /// All its words must be in a line.
    pub filter: Input,
    pub is_typing: bool,
}

impl Help {
    /// Whether the line of the filter is in sight.
    pub fn has_filter(&self) -> bool {
        self.is_typing || !self.filter.is_empty()
    }
}

impl App {
    /// The lines of the `?` screen that have all words of its filter, each below the heading of its group.
    pub fn help_lines(&self) -> Vec<HelpLine<'_>> {
        let mut lines = self.bindings().help();
        lines.extend([HelpLine::Blank, HelpLine::Title("Mouse")]);
        lines.extend(MOUSE_HELP.iter().map(|(word, help)| HelpLine::Word(word, help)));
        let words: Vec<String> = self.help.filter.text().split_whitespace().map(str::to_lowercase).collect();
        if words.is_empty() {
            return lines;
        }
        let mut kept: Vec<HelpLine<'_>> = Vec::new();
        let mut heading = None;
        let mut title = String::new();
        for line in lines {
            let content = match line {
                HelpLine::Heading(context) => {
                    context.title().clone_into(&mut title);
                    heading = Some(line);
                    continue;
                }
                HelpLine::Title(name) => {
                    name.clone_into(&mut title);
                    heading = Some(line);
                    continue;
                }
                HelpLine::Keys(binding) => {
                    format!("{} {} {}", self.settings.look.key_names(binding), binding.help, name_of(&binding.command))
                }
                HelpLine::Word(word, help) => format!("{word} {help}"),
                HelpLine::Blank => continue,
            };
            let content = format!("{title} {content}").to_lowercase();
            if words.iter().all(|word| content.contains(word)) {
                if let Some(heading) = heading.take() {
                    if !kept.is_empty() {
                        kept.push(HelpLine::Blank);
                    }
                    kept.push(heading);
                }
                kept.push(line);
            }
        }
        kept
    }
}
