//! Every action by name, as the command palette lists them: what it does, its keys, and why it would do nothing now.

use super::super::app::App;
use super::lines::Lines;

pub fn write(app: &App, lines: &mut Lines) {
    lines.say("Actions");
    for row in app.all_commands() {
        lines.subject("action", &row.name);
        lines.fact("does", row.help);
        lines.fact("where", row.place.title());
        lines.fact("keys", &row.keys.iter().map(|key| key.in_words()).collect::<Vec<_>>().join(", "));
        lines.fact("not now", &app.palette_hindrance(&row).map_or_else(String::new, |why| why.sentence));
    }
}
