//! What would settle collisions, as changes that can be given to `apply` as they are.

use std::io::{self, Write};

use super::text::{Table, count};
use crate::engine::Suggestion;
use crate::loom::change_of;
use crate::profile::{Change, Element};
use crate::safe;

/// The change in the notation of the command line.
///
/// `after` are the elements that collide; what is not among `installed` is called by its attribute, so that the change
/// completes its installation. `None` if it is about something that no element is.
pub(super) fn notation(suggestion: &Suggestion, after: &[Element], installed: &[Element]) -> Option<String> {
    let change = change_of(&suggestion.settlement, after)?;
    let is_installed = |name: &str| installed.iter().any(|element| element.name == name);
    let new = after.iter().find(|element| change.element() == Some(&element.name) && !is_installed(&element.name));
    let Some(new) = new else { return Some(change.to_string()) };
    let attribute = new.attribute.clone();
    // Whatever source it is installed from: this only completes that.
    let source = None;
    let change = match change {
        Change::Remove { .. } => Change::Remove { name: attribute },
        Change::Outputs { outputs, .. } => {
            Change::Install { attribute, source, outputs: Some(outputs), priority: None }
        }
        Change::Priority { priority, .. } => {
            Change::Install { attribute, source, outputs: None, priority: Some(priority) }
        }
        other => other,
    };
    Some(change.to_string())
}

/// Prints the suggestions, the changes quoted for a shell.
pub(super) fn print(
    suggestions: &[Suggestion],
    after: &[Element],
    installed: &[Element],
    to: &mut dyn Write,
) -> io::Result<()> {
    if suggestions.is_empty() {
        return Ok(());
    }
    writeln!(to, "Any of these, given to apply too, would settle it:")?;
    let mut table = Table::new(&[]);
    for suggestion in suggestions {
        let Some(change) = notation(suggestion, after, installed) else { continue };
        let settles = if suggestion.builds {
            "settles all".to_owned()
        } else {
            format!("settles {}", count(suggestion.settles, "collision", "collisions"))
        };
        table.row([safe::text(&shell_quoted(&change)), settles, safe::text(&suggestion.why)]);
    }
    table.write(to, 2, None)
}

/// `text` as one word for a shell.
fn shell_quoted(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./:=@^,+".contains(letter);
    if text.chars().all(is_plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Settlement;
    use crate::profile::ElementOutput;

    fn element(name: &str, attribute: &str) -> Element {
        let output = |name: &str| ElementOutput { name: name.to_owned(), path: "/x".into() };
        Element {
            name: name.to_owned(),
            attribute: attribute.to_owned(),
            source: "demo".to_owned(),
            outputs: vec![output("out"), output("dev"), output("man")],
            ..Element::default()
        }
    }

    fn suggest(settlement: Settlement) -> String {
        let suggestion = Suggestion { settlement, settles: 1, builds: true, why: String::new() };
        let installed = [element("zlib", "zlib")];
        let after = [element("zlib", "zlib"), element("requests", "python312Packages.requests")];
        notation(&suggestion, &after, &installed).unwrap()
    }

    #[test]
    fn what_is_installed_is_called_by_its_name_and_what_is_new_by_its_attribute() {
        let priority = |package: &str| suggest(Settlement::Priority { package: package.into(), priority: 4 });
        assert_eq!(priority("zlib"), "zlib:priority=4");
        assert_eq!(priority("requests"), "python312Packages.requests:priority=4");
        let drop = |package: &str| suggest(Settlement::DropOutput { package: package.into(), output: "dev".into() });
        assert_eq!(drop("zlib"), "zlib^out,man");
        assert_eq!(drop("requests"), "python312Packages.requests^out,man");
        let remove = |package: &str| suggest(Settlement::Remove { package: package.into() });
        assert_eq!(remove("zlib"), "-zlib");
        assert_eq!(remove("requests"), "-python312Packages.requests");
    }

    #[test]
    fn a_change_that_a_shell_would_read_otherwise_is_quoted() {
        assert_eq!(shell_quoted("zlib:priority=-4"), "zlib:priority=-4");
        assert_eq!(shell_quoted("a.\"b c\"^dev"), "'a.\"b c\"^dev'");
        assert_eq!(shell_quoted("it's"), "'it'\\''s'");
    }
}
