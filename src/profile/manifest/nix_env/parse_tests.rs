use proptest::prelude::*;
use serde_json::json;

use super::*;

fn values(text: &str) -> Value {
    list(text).unwrap().into_iter().map(|(_, value)| value).collect()
}

fn problem(text: &str) -> (usize, String) {
    let problem = list(text).unwrap_err();
    (problem.at, problem.what)
}

#[test]
fn plain_values_are_read_as_nix_reads_them() {
    for (text, expected) in [
        ("[ ]", json!([])),
        ("[ 1 -5 - 5 0 007 9223372036854775807 -9223372036854775808 ]", json!([1, -5, -5, 0, 7, i64::MAX, i64::MIN])),
        ("[ 1.5 -3.25 .5 2.0 1e+30 1e-10 1.25e+30 -0 ]", json!([1.5, -3.25, 0.5, 2.0, 1e30, 1e-10, 1.25e30, -0.0])),
        ("[ true false null ]", json!([true, false, null])),
        (
            r#"[ "a\"b\\c\nd\re\tf\qg" "$" "$x" "\${x}" "$${x}" "$\${x}" "a$" ]"#,
            json!(["a\"b\\c\nd\re\tfqg", "$", "$x", "${x}", "$${x}", "$${x}", "a$"]),
        ),
        ("[ \"a\r\nb\rc\" ]", json!(["a\nb\nc"])),
        ("[ \"\" ]", json!([""])),
        (
            "[ { } { a = 1; a' = 2; a-b = 3; \"x y\" = 4; \"\" = 5; or = 6; _ = 7; } ]",
            json!([{}, {"a": 1, "a'": 2, "a-b": 3, "x y": 4, "": 5, "or": 6, "_": 7}]),
        ),
        // As Nix 2.8 writes keywords.
        ("[ { inherit = 1; let = 2; if = 3; } ]", json!([{"inherit": 1, "let": 2, "if": 3}])),
        // As old versions write a name with a dot.
        ("[ { a.b = 1; a.c.\"d.e\" = 2; } ]", json!([{"a": {"b": 1, "c": {"d.e": 2}}}])),
        ("# one\n[ /* two */ 1 [ [ ] ] ] # three\n", json!([1, [[]]])),
    ] {
        assert_eq!(values(text), expected, "{text}");
    }
}

#[test]
fn all_else_is_named_with_its_place() {
    for (text, at, what) in [
        ("", 0, "the end of the file where a list should be"),
        ("{ }", 0, "`{` where a list should be"),
        ("[ f ]", 2, "the variable `f` where a plain value should be"),
        ("[ { a = f 1; } ]", 8, "the variable `f` where a plain value should be"),
        ("[ (f 1) ]", 2, "a call or expression in parentheses where a plain value should be"),
        ("[ rec { } ]", 2, "the keyword `rec` where a plain value should be"),
        ("with x; [ ]", 0, "the keyword `with` where a list should be"),
        ("[ \"a${b}\" ]", 4, "an interpolation `${` where the end of the string should be"),
        ("[ { ${a} = 1; } ]", 4, "an interpolation `${` where the name of an attribute or `}` should be"),
        ("[ { inherit a; } ]", 12, "the variable `a` where `=` should be"),
        ("[ ''a'' ]", 2, "a string in `''` where a plain value should be"),
        ("[ ./a ]", 2, "the path `./a` where a plain value should be"),
        ("[ <a> ]", 2, "the path `<a>` where a plain value should be"),
        ("[ http://a ]", 2, "`http://a` where a plain value should be"),
        ("[ { a = 1 + 2; } ]", 10, "`+` where `;` should be"),
        ("[ { a = 1; a = 2; } ]", 11, "the attribute `a` a second time"),
        ("[ { a.b = 1; a = 2; } ]", 13, "the attribute `a` a second time"),
        ("[ { a = 1; a.b = 2; } ]", 11, "the attribute `a.b` a second time"),
        ("[ 9223372036854775808 ]", 2, "`9223372036854775808` where a number should be"),
        ("[ 1.0e999 ]", 2, "`1.0e999` where a number should be"),
        ("[ 1", 3, "the end of the file where a blank or `]` should be"),
        ("[ 1 ", 4, "the end of the file where a plain value should be"),
        ("[ { a = 1 } ]", 10, "`}` where `;` should be"),
        ("[ \"a", 3, "`a` where the end of the string should be"),
        ("[ 1.1.1 ]", 5, "`.1` where a blank or `]` should be"),
        ("[ ] [ ]", 4, "`[` where the end should be"),
        ("[ \u{1b} ]", 2, "`\\x1b` where a plain value should be"),
    ] {
        assert_eq!(problem(text), (at, what.to_owned()), "{text}");
    }
}

#[test]
fn hostile_depth_is_an_error_and_no_overflow_of_the_stack() {
    let deep = |open: &str| format!("[ {}", open.repeat(1_000_000));
    let too_deep = format!("values more than {MAX_DEPTH} deep in each other");
    assert_eq!(problem(&deep("[ ")), (2 * MAX_DEPTH + 2, too_deep.clone()));
    assert_eq!(problem(&deep("{ a = ")).1, too_deep);
    assert_eq!(problem(&format!("[ {{ {}a = 1; }} ]", "a.".repeat(100_000))).1, "`.` where `=` should be");
    let just = format!("{}{}", "[ ".repeat(MAX_DEPTH), "] ".repeat(MAX_DEPTH));
    // As JSON it can be read again, with room for what stands around it.
    let text = values(&just).to_string();
    assert!(serde_json::from_str::<Value>(&format!("{}{text}{}", "[".repeat(20), "]".repeat(20))).is_ok());
}

#[test]
fn hostile_length_is_read_once() {
    // Each of these would take minutes, were what follows looked through for every token.
    for part in ["1.1", "-", "a.a", "1 ", "\"a\" ", "/*", "''", "a/", "$", "{a=", "~"] {
        let _ = list(&format!("[ {}", part.repeat(50_000)));
        let _ = list(&format!("[ \"{}", part.repeat(50_000)));
        let _ = list(&format!("[ {{ {} = 1; }} ]", part.repeat(50_000)));
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(
        parts in prop::collection::vec(prop_oneof![
            prop::sample::select(vec![
                "[", "]", "{", "}", " ", "=", ";", "\"", "\\", "$", "${", "''", ".", "-", "1", "e", "+", "a", "rec", "or",
                "/", "<", ">", "~/", ":", "#", "/*", "*/", "\n", "\r", "(", "..", "...", "->", "true", "0", "'", "|>", "ä",
            ]).prop_map(str::to_owned),
            any::<String>(),
        ], 0..40)
    ) {
        let text = parts.concat();
        for text in [format!("[ {text}"), text] {
            if let Err(problem) = list(&text) {
                prop_assert!(text.is_char_boundary(problem.at));
            }
        }
    }
}
