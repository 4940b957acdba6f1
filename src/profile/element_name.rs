//! What an element is called that is installed from an attribute.

/// The name that an attribute gives its element: the last component, without quotes.
///
/// An attribute that Nix could not have (`tool-1.0`, of a folder of packages) is a name as a whole.
pub(super) fn element_name(attribute: &str) -> String {
    let mut is_quoted = false;
    let mut name = String::new();
    let mut letters = attribute.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => is_quoted = !is_quoted,
            '.' if !is_quoted => name.clear(),
            '\\' if is_quoted => name.extend(letters.next()),
            _ if !is_quoted && name.is_empty() && letter.is_ascii_digit() => return attribute.to_owned(),
            _ => name.push(letter),
        }
    }
    if name.is_empty() { attribute.to_owned() } else { name }
}
