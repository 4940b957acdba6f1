//! A change as somebody wrote it, and what it means for what is installed.

use std::str::FromStr;

use super::notation::{REMOVE, Scanner, spelled, unquoted};
use super::{Change, ChangeParseError, Element, ProfileError};

const FORM: &str = "ATTR[@SOURCE][^OUTPUT,…][:priority=NUMBER], NAME:source=SOURCE, NAME:active=false or -NAME";
const REMOVE_FORM: &str = "-NAME or remove:NAME";
const SETTING_FORM: &str = ":priority=NUMBER, :active=true, :active=false, :source=SOURCE or :attribute=ATTR";

/// Whether a source (any, for `None`) has an attribute.
pub type Offers<'a> = dyn Fn(&str, Option<&str>) -> bool + 'a;

/// What was written; whether it is an installation or an edit is decided by [`resolve`](Self::resolve).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeRequest {
    /// An attribute or the name of an element, quotes and all.
    pub target: String,
    pub source: Option<String>,
    pub outputs: Option<Vec<String>>,
    pub priority: Option<i64>,
    pub active: Option<bool>,
    /// The source from which an installed element is to be taken.
    pub to_source: Option<String>,
    /// The attribute that an installed element is to become, quotes and all.
    pub to_attribute: Option<String>,
    pub remove: bool,
}

impl FromStr for ChangeRequest {
    type Err = ChangeParseError;

    fn from_str(text: &str) -> Result<Self, ChangeParseError> {
        let mut scanner = Scanner::new(text);
        if scanner.skip("-") || scanner.skip(REMOVE) {
            let target = scanner.word(&['@', '^', ':'], "the name of what to remove", REMOVE_FORM)?;
            if scanner.at < text.len() {
                let problem = "a removal is a name and nothing else (a name with @, ^ or : wants quotes)".to_owned();
                return Err(scanner.error_at(scanner.at, problem, REMOVE_FORM));
            }
            return Ok(Self { target: target.to_owned(), remove: true, ..Self::default() });
        }
        let target = scanner.word(&['@', '^', ':'], "the attribute or name", FORM)?;
        let mut request = Self { target: target.to_owned(), ..Self::default() };
        loop {
            let start = scanner.at;
            match scanner.next() {
                None if request.source.is_some() && request.is_move() => {
                    let problem = "@SOURCE names what is installed anew, and :source= or :attribute= what an installed \
                                   package is taken from: only one of them can be meant";
                    return Err(scanner.error_at(0, problem.to_owned(), FORM));
                }
                None => return Ok(request),
                Some('@') => {
                    let source = scanner.word(&['@', '^', ':'], "the source's name", FORM)?;
                    set(&mut request.source, unquoted(source).into_owned(), "the source", start, &scanner)?;
                }
                Some('^') => {
                    let outputs = read_outputs(&mut scanner)?;
                    set(&mut request.outputs, outputs, "the outputs", start, &scanner)?;
                }
                Some(_) => read_setting(&mut request, start, &mut scanner)?,
            }
        }
    }
}

fn read_outputs(scanner: &mut Scanner) -> Result<Vec<String>, ChangeParseError> {
    let mut outputs = Vec::new();
    loop {
        let output = scanner.word(&[',', '@', '^', ':'], "the name of an output", FORM)?;
        outputs.push(unquoted(output).into_owned());
        if !scanner.skip(",") {
            return Ok(outputs);
        }
    }
}

fn read_setting(request: &mut ChangeRequest, start: usize, scanner: &mut Scanner) -> Result<(), ChangeParseError> {
    let at = scanner.at;
    let setting = scanner.word(&['@', '^', ':'], "the setting", SETTING_FORM)?;
    let Some((key, value)) = setting.split_once('=') else {
        return Err(scanner.error_at(at, format!("{setting:?} lacks its value"), SETTING_FORM));
    };
    let value_at = at + key.len() + 1;
    match key {
        "priority" => {
            // Nix keeps priorities in a C int; more would be written and never read again.
            let Ok(priority) = value.parse::<i32>() else {
                return Err(scanner.error_at(
                    value_at,
                    format!("{value:?} is no whole number of 32 bits"),
                    SETTING_FORM,
                ));
            };
            set(&mut request.priority, priority.into(), "the priority", start, scanner)
        }
        "active" => {
            let Ok(active) = value.parse() else {
                return Err(scanner.error_at(value_at, format!("{value:?} is neither true nor false"), SETTING_FORM));
            };
            set(&mut request.active, active, "active", start, scanner)
        }
        "source" | "attribute" if value.is_empty() => {
            Err(scanner.error_at(value_at, format!("the {key} is missing"), SETTING_FORM))
        }
        "source" => set(&mut request.to_source, unquoted(value).into_owned(), "source=", start, scanner),
        "attribute" => set(&mut request.to_attribute, value.to_owned(), "attribute=", start, scanner),
        _ => Err(scanner.error_at(at, format!("there is no setting {key:?}"), SETTING_FORM)),
    }
}

fn set<T>(field: &mut Option<T>, value: T, what: &str, at: usize, scanner: &Scanner) -> Result<(), ChangeParseError> {
    match field.replace(value) {
        None => Ok(()),
        Some(_) => Err(scanner.error_at(at, format!("{what} is given twice"), FORM)),
    }
}

impl ChangeRequest {
    /// The changes that it means for `elements`: edits where the target is installed, else an installation.
    ///
    /// `offers` is asked because a quoted name may be an attribute that is
    /// spelled with quotes, or one that only the notation needed quotes for. A bare target that is installed, or one
    /// with a source, is installed (again).
    pub fn resolve(&self, elements: &[Element], offers: &Offers) -> Result<Vec<Change>, ProfileError> {
        if self.remove {
            let name = self.installed(elements)?.ok_or_else(|| self.not_installed())?.name.clone();
            return Ok(vec![Change::Remove { name }]);
        }
        if self.is_move() {
            return self.moved(elements, offers);
        }
        if self.source.is_some() {
            return self.install(self.attribute(offers), self.source.clone(), elements);
        }
        match self.installed(elements)? {
            None => self.install(self.attribute(offers), None, elements),
            Some(element) if self.outputs.is_none() && self.priority.is_none() && self.active.is_none() => {
                if element.attribute.is_empty() {
                    return Err(ProfileError::NoSource { name: element.name.clone() });
                }
                self.install(element.attribute.clone(), Some(element.source.clone()), elements)
            }
            Some(element) => Ok(self.edits(&element.name)),
        }
    }

    fn install(
        &self,
        attribute: String,
        source: Option<String>,
        elements: &[Element],
    ) -> Result<Vec<Change>, ProfileError> {
        let installed = elements.iter().find(|element| is_from(element, &attribute, source.as_deref()));
        let active = match (self.active, installed) {
            (None, _) => None,
            (Some(active), Some(element)) => Some(Change::Active { name: element.name.clone(), active }),
            (Some(_), None) => return Err(ProfileError::ActiveWithoutElement { name: self.target.clone() }),
        };
        let install = Change::Install { attribute, source, outputs: self.outputs.clone(), priority: self.priority };
        Ok(std::iter::once(install).chain(active).collect())
    }

    fn is_move(&self) -> bool {
        self.to_source.is_some() || self.to_attribute.is_some()
    }

    /// Takes an installed element from elsewhere.
    fn moved(&self, elements: &[Element], offers: &Offers) -> Result<Vec<Change>, ProfileError> {
        let element = self.installed(elements)?.ok_or_else(|| self.not_installed())?;
        let own = Some(&element.source).filter(|source| !source.is_empty());
        let source = self.to_source.as_ref().or(own);
        let source = source.ok_or_else(|| ProfileError::NoSource { name: element.name.clone() })?.clone();
        let attribute = self.to_attribute.as_ref().map(|written| meant(written, Some(&source), offers));
        let outputs = self.outputs.clone();
        let moved = Change::Source { name: element.name.clone(), attribute, source, outputs };
        let rest = Self { outputs: None, ..self.clone() }.edits(&element.name);
        Ok(std::iter::once(moved).chain(rest).collect())
    }

    fn edits(&self, name: &str) -> Vec<Change> {
        let outputs = self.outputs.clone().map(|outputs| Change::Outputs { name: name.to_owned(), outputs });
        let priority = self.priority.map(|priority| Change::Priority { name: name.to_owned(), priority });
        let active = self.active.map(|active| Change::Active { name: name.to_owned(), active });
        outputs.into_iter().chain(priority).chain(active).collect()
    }

    /// The installed element that is meant: the one of that name, else the only one of that attribute.
    fn installed<'a>(&self, elements: &'a [Element]) -> Result<Option<&'a Element>, ProfileError> {
        let said = unquoted(&self.target);
        let named = |name: &str| elements.iter().find(|element| element.name == name);
        if let Some(element) = named(&self.target).or_else(|| named(&said)) {
            return Ok(Some(element));
        }
        let of_attribute: Vec<_> = elements.iter().filter(|element| self.means(&element.attribute)).collect();
        match of_attribute[..] {
            [] => Ok(None),
            [element] => Ok(Some(element)),
            _ => Err(ProfileError::Ambiguous {
                attribute: self.target.clone(),
                names: of_attribute.iter().map(|element| spelled(&element.name).into_owned()).collect(),
            }),
        }
    }

    /// Whether the target is this attribute or name.
    pub(super) fn means(&self, name: &str) -> bool {
        !name.is_empty() && (name == self.target || name == unquoted(&self.target))
    }

    /// The attribute that the target means: as it is written if that is on offer, else what its quotes say.
    pub fn attribute(&self, offers: &Offers) -> String {
        meant(&self.target, self.source.as_deref(), offers)
    }

    fn not_installed(&self) -> ProfileError {
        ProfileError::NotInstalled { name: self.target.clone() }
    }
}

/// The attribute that a word means: as it is written if that is on offer, else what its quotes say.
fn meant(written: &str, source: Option<&str>, offers: &Offers) -> String {
    let said = unquoted(written);
    let is_offered_as_written = said == written || offers(written, source);
    if is_offered_as_written { written.to_owned() } else { said.into_owned() }
}

/// Whether an installation of `attribute` from `source` (any, for `None`) would replace `element`.
pub(super) fn is_from(element: &Element, attribute: &str, source: Option<&str>) -> bool {
    element.attribute == attribute && source.is_none_or(|source| source == element.source)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> ChangeRequest {
        text.parse().unwrap()
    }

    fn error(text: &str) -> String {
        text.parse::<ChangeRequest>().unwrap_err().to_string()
    }

    #[test]
    fn every_form_of_the_notation_is_read() {
        let target = |target: &str| ChangeRequest { target: target.to_owned(), ..ChangeRequest::default() };
        let outputs = Some(vec!["out".to_owned(), "dev".to_owned()]);
        assert_eq!(read("hello"), target("hello"));
        assert_eq!(read("hello^out,dev"), ChangeRequest { outputs: outputs.clone(), ..target("hello") });
        assert_eq!(read("-hello"), ChangeRequest { remove: true, ..target("hello") });
        assert_eq!(read("remove:hello"), read("-hello"));
        assert_eq!(read("hello:active=false"), ChangeRequest { active: Some(false), ..target("hello") });
        let elsewhere = ChangeRequest { to_source: Some("a:b@c".into()), ..target("hello") };
        assert_eq!(read("hello:source=\"a:b@c\""), elsewhere);
        let other = ChangeRequest { to_attribute: Some("a.\"b:c\"".into()), outputs: outputs.clone(), ..elsewhere };
        assert_eq!(read("hello^out,dev:attribute=a.\"b:c\":source=\"a:b@c\""), other);
        let all =
            ChangeRequest { source: Some("my tools".into()), outputs, priority: Some(-4), ..target("a.\"b.c:d\"") };
        assert_eq!(read("a.\"b.c:d\"@my tools^out,dev:priority=-4"), all);
        assert_eq!(read("a.\"b.c:d\":priority=-4^out,dev@\"my tools\""), all);
    }

    #[test]
    fn what_is_no_change_is_told_with_its_place_and_the_right_form() {
        assert_eq!(
            error("hello:prio=4"),
            "hello:prio=4 at character 7: there is no setting \"prio\"; the form is :priority=NUMBER, :active=true, :active=false, :source=SOURCE or :attribute=ATTR"
        );
        for (text, at, problem) in [
            ("", 0, "the attribute or name is missing"),
            ("-", 1, "the name of what to remove is missing"),
            ("-a^dev", 2, "a removal is a name and nothing else"),
            ("@demo", 0, "the attribute or name is missing"),
            ("a@", 2, "the source's name is missing"),
            ("a^out,", 6, "the name of an output is missing"),
            ("a^x^y", 3, "the outputs is given twice"),
            ("a:priority", 2, "\"priority\" lacks its value"),
            ("a:priority=", 11, "\"\" is no whole number"),
            ("a:priority=4.5", 11, "\"4.5\" is no whole number"),
            ("a:priority=99999999999", 11, "is no whole number of 32 bits"),
            ("a:active=no", 9, "\"no\" is neither true nor false"),
            ("a:source=", 9, "the source is missing"),
            ("a:source=b:source=c", 10, "source= is given twice"),
            ("a@b:source=c", 0, "only one of them can be meant"),
            ("a.\"b", 2, "this quote is never closed"),
        ] {
            let error = text.parse::<ChangeRequest>().unwrap_err();
            assert_eq!(error.at, at, "{text}: {error}");
            assert!(error.problem.contains(problem), "{text}: {error}");
        }
    }
}
