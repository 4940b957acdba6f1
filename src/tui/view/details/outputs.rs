//! The outputs in words: what each usually holds, and what a tick would do.

use super::super::super::subject::Subject;
use super::super::super::subject_words::effect;
use super::super::super::{output_words, text};
use super::super::outputs::presence;
use super::facts::Facts;

/// What is to be said of the selected output.
pub fn selected(facts: &mut Facts<'_>, subject: &Subject<'_>) {
    let app = facts.app;
    let rows = app.output_rows();
    let Some(row) = app.lists.outputs.selected().and_then(|row| rows.get(row)) else { return };
    let meaning = output_words::meaning(&row.name);
    let meaning = meaning.map_or_else(String::new, |meaning| format!("{}: {meaning}.", text::fit(&row.name, 20)));
    let said = [meaning, effect(app, subject, row)];
    let said: Vec<String> = said.into_iter().filter(|sentence| !sentence.is_empty()).collect();
    let style = if row.is_in_trouble() { app.theme().warning } else { app.theme().text };
    facts.paragraph(&said.join(" "), style);
}

/// Every output: the facts of its row, and what is to be said of it.
pub fn all(facts: &mut Facts<'_>, subject: &Subject<'_>) {
    let app = facts.app;
    let rows = app.output_rows();
    if rows.is_empty() {
        return;
    }
    facts.heading("Outputs");
    for row in &rows {
        let tick = if row.is_ticked { "[x]" } else { "[ ]" };
        let mut known = vec![presence(row).to_owned()];
        known.extend(row.is_default.then(|| "default".to_owned()));
        known.extend(row.info.and_then(|info| info.size).map(text::size));
        let files = row.info.and_then(|info| info.files);
        known.extend(files.map(|files| text::plural(usize::try_from(files).unwrap_or(usize::MAX), "file")));
        known.retain(|part| !part.is_empty());
        let style = if row.is_ticked { app.theme().title } else { app.theme().text };
        facts.line(&format!("{tick} {}  {}", text::fit(&row.name, 30), known.join(" · ")), style);
        let meaning = output_words::meaning(&row.name).map_or_else(String::new, |meaning| format!("{meaning}. "));
        let style = if row.is_in_trouble() { app.theme().warning } else { app.theme().dim };
        facts.indented(&format!("{meaning}{}", effect(app, subject, row)), style);
    }
}
