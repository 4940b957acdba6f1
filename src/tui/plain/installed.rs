//! The installed packages.

use super::super::app::App;
use super::super::order::InstalledOrder;
use super::super::{subject_words, text};
use super::lines::Lines;
use crate::profile::Element;

pub fn write(app: &App, lines: &mut Lines) {
    let elements = app.elements();
    if elements.is_empty() {
        lines.heading("Installed: nothing yet");
        return;
    }
    lines.heading(&format!("Installed: {}", text::plural(elements.len(), "package")));
    let order = app.orders.installed;
    lines.fact("order", if order == InstalledOrder::default() { "" } else { order.words() });
    for row in 0..elements.len() {
        if let Some(element) = app.installed(row) {
            one(app, row, element, lines);
        }
    }
}

fn one(app: &App, row: usize, element: &Element, lines: &mut Lines) {
    let name = &*element.name;
    lines.subject("package", name);
    lines.fact("version", &element.version);
    lines.fact("newer", app.newer_than(row).unwrap_or_default());
    lines.fact("outputs", &element.outputs.iter().map(|output| &*output.name).collect::<Vec<_>>().join(" "));
    lines.fact("priority", &element.priority.to_string());
    lines.fact("state", if element.active { "" } else { "off" });
    losses(app, name, lines);
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

/// Files that are not shown because another package's are, and where the plan fails because of it.
pub fn losses(app: &App, name: &str, lines: &mut Lines) {
    let Some(loss) = app.outlook.report.as_ref().and_then(|report| report.losses.of(name)) else { return };
    let shadowed = if loss.files > 0 { subject_words::shadowed(loss, usize::MAX) } else { String::new() };
    lines.fact("shadowed", &shadowed);
    let blocking: usize = loss.blocking.iter().map(|(_, number)| number).sum();
    let blocks = if blocking > 0 { format!("the plan, at {}", text::plural(blocking, "path")) } else { String::new() };
    lines.fact("blocks", &blocks);
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
