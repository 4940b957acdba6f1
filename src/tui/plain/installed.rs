//! The installed packages.

use super::super::app::App;
use super::super::text;
use super::lines::Lines;
use crate::profile::Element;

pub fn write(app: &App, lines: &mut Lines) {
    let elements = app.elements();
    if elements.is_empty() {
        lines.heading("Installed: nothing yet");
        return;
    }
    lines.heading(&format!("Installed: {}", text::plural(elements.len(), "package")));
    for (row, element) in elements.iter().enumerate() {
        one(app, row, element, lines);
    }
}

fn one(app: &App, row: usize, element: &Element, lines: &mut Lines) {
    let name = &*element.name;
    lines.subject("package", name);
    lines.fact("version", &element.version);
    lines.fact("newer", app.newer.get(row).and_then(Option::as_deref).unwrap_or_default());
    lines.fact("outputs", &element.outputs.iter().map(|output| &*output.name).collect::<Vec<_>>().join(" "));
    lines.fact("priority", &element.priority.to_string());
    lines.fact("state", if element.active { "" } else { "off" });
    lines.fact("source", &element.source);
    if element.attribute != element.name {
        lines.fact("attribute", &element.attribute);
    }
    lines.fact(
        "elsewhere",
        &app.elsewhere.of_element(element).map_or_else(String::new, |it| it.words(&element.version)),
    );
    lines.fact("staged", &staged(app, element));
}

/// What is staged for it.
fn staged(app: &App, element: &Element) -> String {
    let (name, staged) = (&*element.name, &app.staged);
    if staged.removes(name) {
        return "it goes".to_owned();
    }
    let again = staged.install(&element.attribute, &element.source).map(|_| "it is installed again".to_owned());
    let outputs = staged.outputs(name).map(|outputs| format!("outputs {}", outputs.join(" ")));
    let priority = staged.priority(name).map(|priority| format!("priority {priority}"));
    let active = staged.active(name).map(|active| if active { "on" } else { "off" }.to_owned());
    [again, outputs, priority, active].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
