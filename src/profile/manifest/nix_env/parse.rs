//! Reads the Nix that `nix-env` writes: plain values, nothing to be evaluated.
//!
//! The tokens are those of the crate rnix. Its parser is not used: it refuses what `nix-env` writes and cannot read again
//! itself (a negative number in a list, `1e+30`, a keyword as a name), and its trees recurse as deep as the text does.

use rnix::{SyntaxKind as Kind, Token, tokenize};
use serde_json::{Map, Number, Value};

use crate::safe;

/// The deepest that values may lie in each other. A manifest of nixpkgs has some 6; the reader of JSON gives up at 128.
const MAX_DEPTH: usize = 100;

/// The most parts of a name with dots, each of which the tokenizer looks through to the end of the name.
const MAX_PATH: usize = 10;

/// How much of a word is shown in a message.
const SHOWN: usize = 40;

/// What is no plain value, and where.
#[derive(Debug)]
pub(super) struct Problem {
    /// In bytes from the start of the text.
    pub at: usize,
    pub what: String,
}

/// The entries of the list that `text` is, each with where it begins.
pub(super) fn list(text: &str) -> Result<Vec<(usize, Value)>, Problem> {
    let mut reader = Reader { tokens: tokenize(text), next: None, at: 0, is_apart: true, depth: 0 };
    reader.advance();
    let mut entries = Vec::new();
    reader.entries(|at, value| entries.push((at, value)))?;
    match reader.next {
        None => Ok(entries),
        Some(_) => Err(reader.expected("the end")),
    }
}

struct Reader<'a, I> {
    tokens: I,
    next: Option<Token<'a>>,
    /// Where `next` begins.
    at: usize,
    /// Whether a blank or a comment stands before `next`.
    is_apart: bool,
    depth: usize,
}

impl<'a, I: Iterator<Item = Token<'a>>> Reader<'a, I> {
    fn kind(&self) -> Option<Kind> {
        self.next.map(|(kind, _)| kind)
    }

    /// Goes to the next token that is neither blank nor comment; what was next is handed back.
    fn advance(&mut self) -> Option<Token<'a>> {
        let before = self.next;
        self.at += before.map_or(0, |(_, text)| text.len());
        self.is_apart = false;
        self.next = self.tokens.next();
        while let Some((Kind::TOKEN_WHITESPACE | Kind::TOKEN_COMMENT, text)) = self.next {
            self.at += text.len();
            self.is_apart = true;
            self.next = self.tokens.next();
        }
        before
    }

    fn expect(&mut self, kind: Kind, what: &str) -> Result<&'a str, Problem> {
        if self.kind() != Some(kind) {
            return Err(self.expected(what));
        }
        Ok(self.advance().map_or("", |(_, text)| text))
    }

    fn expected(&self, what: &str) -> Problem {
        self.problem(format!("{} where {what} should be", self.described()))
    }

    fn problem(&self, what: String) -> Problem {
        Problem { at: self.at, what }
    }

    fn value(&mut self) -> Result<Value, Problem> {
        match self.kind() {
            Some(Kind::TOKEN_L_BRACK) => {
                let mut values = Vec::new();
                self.entries(|_, value| values.push(value))?;
                Ok(values.into())
            }
            Some(Kind::TOKEN_L_BRACE) => self.attributes().map(Value::Object),
            Some(Kind::TOKEN_STRING_START) => self.string().map(Value::String),
            Some(Kind::TOKEN_INTEGER | Kind::TOKEN_FLOAT | Kind::TOKEN_SUB) => self.number().map(Value::Number),
            Some(Kind::TOKEN_IDENT) => match self.next {
                Some((_, "true")) => Ok(self.take(true.into())),
                Some((_, "false")) => Ok(self.take(false.into())),
                Some((_, "null")) => Ok(self.take(Value::Null)),
                _ => Err(self.expected("a plain value")),
            },
            _ => Err(self.expected("a plain value")),
        }
    }

    fn take(&mut self, value: Value) -> Value {
        self.advance();
        value
    }

    /// `[ … ]`; each entry is handed on with where it begins.
    fn entries(&mut self, mut entry: impl FnMut(usize, Value)) -> Result<(), Problem> {
        self.expect(Kind::TOKEN_L_BRACK, "a list")?;
        self.deeper(1)?;
        while self.kind() != Some(Kind::TOKEN_R_BRACK) {
            // Also keeps a hostile `1.1.1.1…` from being looked through again for each of its numbers.
            if !self.is_apart {
                return Err(self.expected("a blank or `]`"));
            }
            let at = self.at;
            entry(at, self.value()?);
        }
        self.advance();
        self.depth -= 1;
        Ok(())
    }

    /// `{ name = value; … }`
    fn attributes(&mut self) -> Result<Map<String, Value>, Problem> {
        self.advance();
        self.deeper(1)?;
        let mut attributes = Map::new();
        while self.kind() != Some(Kind::TOKEN_R_BRACE) {
            let at = self.at;
            let mut path = vec![self.name()?];
            // Versions before 2.0 wrote a name with a dot without quotes, which Nix has read as a path since.
            while self.kind() == Some(Kind::TOKEN_DOT) && path.len() < MAX_PATH {
                self.advance();
                path.push(self.name()?);
            }
            self.expect(Kind::TOKEN_ASSIGN, "`=`")?;
            self.deeper(path.len() - 1)?;
            let value = self.value()?;
            self.depth -= path.len() - 1;
            self.expect(Kind::TOKEN_SEMICOLON, "`;`")?;
            if !insert(&mut attributes, &path, value) {
                let name = shown(&path.join("."));
                return Err(Problem { at, what: format!("the attribute `{name}` a second time") });
            }
        }
        self.advance();
        self.depth -= 1;
        Ok(attributes)
    }

    fn name(&mut self) -> Result<String, Problem> {
        match self.next {
            Some((Kind::TOKEN_STRING_START, _)) => self.string(),
            // `or` is an ordinary name. Nix 2.8 writes the other keywords without quotes too and cannot read them again.
            Some((kind, text)) if kind == Kind::TOKEN_IDENT || is_keyword(kind) => {
                self.advance();
                Ok(text.to_owned())
            }
            _ => Err(self.expected("the name of an attribute or `}`")),
        }
    }

    /// `"…"`, its escapes resolved as Nix does it.
    fn string(&mut self) -> Result<String, Problem> {
        if self.next.is_some_and(|(_, text)| text != "\"") {
            return Err(self.expected("a plain value"));
        }
        // Within a string there are neither blanks nor comments to be skipped.
        self.advance();
        let mut string = String::new();
        while let Some((Kind::TOKEN_STRING_CONTENT, content)) = self.next {
            unescape(content, &mut string);
            self.advance();
        }
        self.expect(Kind::TOKEN_STRING_END, "the end of the string")?;
        Ok(string)
    }

    /// A number as C++ prints one; `1e+30` is several tokens.
    fn number(&mut self) -> Result<Number, Problem> {
        let at = self.at;
        let mut text = String::new();
        if self.kind() == Some(Kind::TOKEN_SUB) {
            text.push('-');
            self.advance();
        }
        let Some((Kind::TOKEN_INTEGER | Kind::TOKEN_FLOAT, digits)) = self.next else {
            return Err(self.expected("a number"));
        };
        text += digits;
        self.advance();
        for part in [Kind::TOKEN_IDENT, Kind::TOKEN_ADD, Kind::TOKEN_INTEGER] {
            if let Some((kind, more)) = self.next
                && kind == part
                && !self.is_apart
            {
                text += more;
                self.advance();
            }
        }
        let number = if text == "-0" || text.contains(['.', 'e', 'E']) {
            text.parse().ok().and_then(Number::from_f64)
        } else {
            text.parse::<i64>().ok().map(Number::from)
        };
        number.ok_or_else(|| Problem { at, what: format!("`{}` where a number should be", shown(&text)) })
    }

    fn deeper(&mut self, by: usize) -> Result<(), Problem> {
        self.depth += by;
        if self.depth > MAX_DEPTH {
            return Err(self.problem(format!("values more than {MAX_DEPTH} deep in each other")));
        }
        Ok(())
    }

    /// What is next, in words.
    fn described(&self) -> String {
        let Some((kind, text)) = self.next else { return "the end of the file".to_owned() };
        let text = shown(text);
        match kind {
            Kind::TOKEN_IDENT => format!("the variable `{text}`"),
            Kind::TOKEN_INTERPOL_START => "an interpolation `${`".to_owned(),
            Kind::TOKEN_L_PAREN => "a call or expression in parentheses".to_owned(),
            Kind::TOKEN_STRING_START if text != "\"" => "a string in `''`".to_owned(),
            kind if is_keyword(kind) => format!("the keyword `{text}`"),
            kind if is_path(kind) => format!("the path `{text}`"),
            _ => format!("`{text}`"),
        }
    }
}

fn is_keyword(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::TOKEN_ASSERT
            | Kind::TOKEN_ELSE
            | Kind::TOKEN_IF
            | Kind::TOKEN_IN
            | Kind::TOKEN_INHERIT
            | Kind::TOKEN_LET
            | Kind::TOKEN_OR
            | Kind::TOKEN_REC
            | Kind::TOKEN_THEN
            | Kind::TOKEN_WITH
    )
}

fn is_path(kind: Kind) -> bool {
    matches!(kind, Kind::TOKEN_PATH_ABS | Kind::TOKEN_PATH_REL | Kind::TOKEN_PATH_HOME | Kind::TOKEN_PATH_SEARCH)
}

/// Puts `value` at `path`; `false` if something is there already.
fn insert(attributes: &mut Map<String, Value>, path: &[String], value: Value) -> bool {
    let Some((first, rest)) = path.split_first() else { return false };
    if rest.is_empty() {
        return attributes.insert(first.clone(), value).is_none();
    }
    match attributes.entry(first).or_insert_with(|| Map::new().into()) {
        Value::Object(inner) => insert(inner, rest, value),
        _ => false,
    }
}

/// `\n`, `\r` and `\t` are what they are in C, and any other letter after a backslash is itself; a line ends in `\n`.
fn unescape(content: &str, to: &mut String) {
    let mut letters = content.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => to.extend(letters.next().map(|letter| match letter {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                other => other,
            })),
            '\r' => {
                letters.next_if_eq(&'\n');
                to.push('\n');
            }
            _ => to.push(letter),
        }
    }
}

/// The start of a word from the file, harmless for a terminal.
fn shown(text: &str) -> String {
    let start: String = text.chars().take(SHOWN).collect();
    let more = if start.len() < text.len() { "…" } else { "" };
    format!("{}{more}", safe::text(&start))
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
