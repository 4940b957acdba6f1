//! All keys, as they are for the user.

use super::super::bindings::Bindings;
use super::super::context::Context;
use super::super::keymap::keys_in_words;
use super::lines::Lines;
use crate::catalogue::QUERY_HELP;

pub fn write(bindings: &Bindings, lines: &mut Lines) {
    lines.say("Keys");
    for &context in Context::ALL {
        lines.heading(context.title());
        for binding in bindings.rows().iter().filter(|binding| binding.context == context) {
            lines.fact(&keys_in_words(binding), binding.help);
        }
        if context == Context::Search {
            lines.heading("What the search box takes, beside words");
            for (word, help) in QUERY_HELP {
                lines.fact(word, help);
            }
        }
    }
}
