//! What would settle collisions, as changes that can be given to `apply` as they are.

use std::io::{self, Write};

use super::text::{Table, count};
use crate::engine::{Difference, Suggestion};
use crate::loom::changes_of;
use crate::profile::{Change, Element};
use crate::safe;

/// The changes in the notation of the command line.
///
/// `after` are the elements that collide; what is not among `installed` is called by its attribute, so that the change
/// completes its installation. `None` if one is about something that no element is, or has no notation: what is not
/// installed yet cannot be made inactive.
pub(super) fn notation(suggestion: &Suggestion, after: &[Element], installed: &[Element]) -> Option<Vec<String>> {
    let changes = changes_of(suggestion, after);
    let notations: Option<Vec<_>> = changes.into_iter().map(|change| spelled(change, after, installed)).collect();
    notations.filter(|notations| !notations.is_empty())
}

fn spelled(change: Change, after: &[Element], installed: &[Element]) -> Option<String> {
    let is_installed = |name: &str| installed.iter().any(|element| element.name == name);
    let new = after.iter().find(|element| change.element() == Some(&element.name) && !is_installed(&element.name));
    let Some(new) = new else { return Some(change.to_string()) };
    let attribute = new.attribute.clone();
    // Whatever source it is installed from: this only completes that.
    let source = None;
    let change = match change {
        // A file that is to be imported is left out by not importing it.
        Change::Remove { .. } if new.source.starts_with('/') => return None,
        Change::Remove { .. } => Change::Remove { name: attribute },
        Change::Outputs { outputs, .. } => {
            Change::Install { attribute, source, outputs: Some(outputs), priority: None }
        }
        Change::Priority { priority, .. } => {
            Change::Install { attribute, source, outputs: None, priority: Some(priority) }
        }
        Change::Active { .. } | Change::Source { .. } => return None,
        Change::Install { .. } => change,
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
        let Some(changes) = notation(suggestion, after, installed) else { continue };
        let quoted: Vec<_> = changes.iter().map(|change| safe::shell(change)).collect();
        let settles = if suggestion.builds {
            "settles all".to_owned()
        } else {
            format!("settles {}", count(suggestion.settles(), "collision", "collisions"))
        };
        table.row([quoted.join(" "), settles, altered(&suggestion.alters), safe::text(&suggestion.why)]);
    }
    table.write(to, 2, None)
}

/// How many files other than the settled ones it alters.
fn altered(alters: &Difference) -> String {
    let numbers = [("+", &alters.added), ("-", &alters.removed), ("~", &alters.changed)];
    let numbers = numbers.into_iter().filter(|(_, paths)| !paths.is_empty());
    let numbers: Vec<_> = numbers.map(|(sign, paths)| format!("{sign}{}", paths.len())).collect();
    if numbers.is_empty() { "no other file".to_owned() } else { format!("other files {}", numbers.join(" ")) }
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

    fn suggestion(settlements: Vec<Settlement>) -> Suggestion {
        let alters = Difference::default();
        Suggestion { settlements, settled: vec![0], builds: true, alters, why: String::new() }
    }

    fn changes(settlements: Vec<Settlement>) -> Option<Vec<String>> {
        let installed = [element("zlib", "zlib")];
        let after = [element("zlib", "zlib"), element("requests", "python312Packages.requests")];
        notation(&suggestion(settlements), &after, &installed)
    }

    fn change(settlement: Settlement) -> String {
        changes(vec![settlement]).unwrap().remove(0)
    }

    #[test]
    fn what_is_installed_is_called_by_its_name_and_what_is_new_by_its_attribute() {
        let priority = |package: &str| change(Settlement::Priority { package: package.into(), priority: 4 });
        assert_eq!(priority("zlib"), "zlib:priority=4");
        assert_eq!(priority("requests"), "python312Packages.requests:priority=4");
        let drop = |package: &str| change(Settlement::DropOutput { package: package.into(), output: "dev".into() });
        assert_eq!(drop("zlib"), "zlib^out,man");
        assert_eq!(drop("requests"), "python312Packages.requests^out,man");
        let take = |package: &str| {
            let (instead_of, output) = ("out".into(), "bin".into());
            change(Settlement::TakeOutput { package: package.into(), instead_of, output })
        };
        assert_eq!(take("zlib"), "zlib^bin,dev,man");
        assert_eq!(take("requests"), "python312Packages.requests^bin,dev,man");
        let remove = |package: &str| change(Settlement::Remove { package: package.into() });
        assert_eq!(remove("zlib"), "-zlib");
        assert_eq!(remove("requests"), "-python312Packages.requests");
        assert_eq!(change(Settlement::Deactivate { package: "zlib".into() }), "zlib:active=false");
    }

    #[test]
    fn several_changes_are_as_many_arguments_but_those_of_one_package_s_outputs_are_one() {
        let drop = |output: &str| Settlement::DropOutput { package: "zlib".into(), output: output.into() };
        let priority = Settlement::Priority { package: "requests".into(), priority: 6 };
        let all = changes(vec![drop("dev"), priority, drop("man")]);
        assert_eq!(all.unwrap(), ["zlib^out", "python312Packages.requests:priority=6"]);
    }

    #[test]
    fn what_has_no_notation_is_not_given() {
        assert_eq!(changes(vec![Settlement::Deactivate { package: "requests".into() }]), None);
        assert_eq!(changes(vec![Settlement::Remove { package: "gone".into() }]), None);
    }

    #[test]
    fn a_change_that_a_shell_would_read_otherwise_is_quoted() {
        assert_eq!(safe::shell("zlib:priority=-4"), "zlib:priority=-4");
        assert_eq!(safe::shell("a.\"b c\"^dev"), "'a.\"b c\"^dev'");
        assert_eq!(safe::shell("it's"), "'it'\\''s'");
    }
}
