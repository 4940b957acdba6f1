//! The queries that were kept, and the walk through them in the search box.

use crate::remembered::{MOST_QUERIES, clean};

/// What was searched for, in this run and before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The newest first, each once.
    queries: Vec<String>,
    /// How many of them are new since they were taken to be saved.
    new: usize,
    walk: Option<Walk>,
}

/// Where one is in them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Walk {
    at: usize,
    /// What stood in the box before.
    typed: String,
}

/// A step of the walk, and what then stands in the box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    walk: Option<Walk>,
    pub text: String,
}

impl History {
    /// With queries of earlier runs, the newest first.
    pub fn new(queries: Vec<String>) -> Self {
        Self { queries, ..Self::default() }
    }

    /// The newest first.
    pub fn queries(&self) -> &[String] {
        &self.queries
    }

    /// Keeps a query as the newest; `false` if it is that already, or is not worth it.
    pub fn keep(&mut self, query: &str) -> bool {
        self.walk = None;
        let Some(query) = clean(query).filter(|query| self.queries.first() != Some(query)) else { return false };
        if let Some(at) = self.queries.iter().position(|kept| *kept == query) {
            self.queries.remove(at);
            self.new -= usize::from(at < self.new);
        }
        self.queries.insert(0, query);
        self.queries.truncate(MOST_QUERIES);
        self.new = (self.new + 1).min(self.queries.len());
        true
    }

    /// What was kept since this was asked last, the newest first.
    pub fn take_new(&mut self) -> Vec<String> {
        let new = std::mem::take(&mut self.new);
        self.queries[..new].to_vec()
    }

    /// The step to the next older query; `text` is what stands in the box. `None` if there is none.
    pub fn older(&self, text: &str) -> Option<Step> {
        let (from, typed) = match self.walk_at(text) {
            Some(walk) => (walk.at + 1, &*walk.typed),
            None => (0, text),
        };
        // What stands there already would be no step.
        let at = (from..self.queries.len()).find(|&at| self.queries[at] != text)?;
        Some(Step { text: self.queries[at].clone(), walk: Some(Walk { at, typed: typed.to_owned() }) })
    }

    /// The step back to the next newer query, or in the end to what was typed.
    pub fn newer(&self, text: &str) -> Option<Step> {
        let walk = self.walk_at(text)?;
        let at = (0..walk.at).rev().find(|&at| self.queries[at] != walk.typed);
        Some(match at {
            Some(at) => Step { text: self.queries[at].clone(), walk: Some(Walk { at, typed: walk.typed.clone() }) },
            None => Step { text: walk.typed.clone(), walk: None },
        })
    }

    /// Takes a step; gives what then stands in the box.
    pub fn go(&mut self, step: Step) -> String {
        self.walk = step.walk;
        step.text
    }

    /// The walk, unless something else was typed since.
    fn walk_at(&self, text: &str) -> Option<&Walk> {
        self.walk.as_ref().filter(|walk| self.queries.get(walk.at).is_some_and(|query| query == text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn history(queries: &[&str]) -> History {
        History::new(queries.iter().map(ToString::to_string).collect())
    }

    fn older(history: &mut History, text: &str) -> Option<String> {
        history.older(text).map(|step| history.go(step))
    }

    fn newer(history: &mut History, text: &str) -> Option<String> {
        history.newer(text).map(|step| history.go(step))
    }

    #[test]
    fn the_walk_leads_to_the_oldest_and_back_to_what_was_typed() {
        let mut history = history(&["b", "a"]);
        assert_eq!(newer(&mut history, "typed"), None);
        assert_eq!(older(&mut history, "typed").as_deref(), Some("b"));
        assert_eq!(older(&mut history, "b").as_deref(), Some("a"));
        assert_eq!(older(&mut history, "a"), None);
        assert_eq!(newer(&mut history, "a").as_deref(), Some("b"));
        assert_eq!(newer(&mut history, "b").as_deref(), Some("typed"));
        assert_eq!(newer(&mut history, "typed"), None);
    }

    #[test]
    fn an_edit_starts_a_new_walk_from_what_stands_there_then() {
        let mut history = history(&["b", "a"]);
        assert_eq!(older(&mut history, "").as_deref(), Some("b"));
        assert_eq!(older(&mut history, "bc").as_deref(), Some("b"));
        assert_eq!(newer(&mut history, "b").as_deref(), Some("bc"));
    }

    #[test]
    fn what_stands_there_already_is_no_step() {
        let mut history = history(&["b", "a"]);
        assert_eq!(older(&mut history, "b").as_deref(), Some("a"));
        assert_eq!(newer(&mut history, "a").as_deref(), Some("b"));
        assert_eq!(newer(&mut history, "b"), None, "that was what was typed");
    }

    #[test]
    fn a_query_is_kept_once_and_told_to_be_saved_once() {
        let mut history = history(&["a"]);
        assert!(!history.keep(" a "), "it is the newest already");
        assert!(history.keep("b") && history.keep("c") && history.keep("b"));
        assert!(!history.keep("  ") && !history.keep("x\ny"));
        assert_eq!(history.queries(), ["b", "c", "a"]);
        assert_eq!(history.take_new(), ["b", "c"]);
        assert_eq!(history.take_new(), Vec::<String>::new());
        assert!(history.keep("a"));
        assert_eq!(history.take_new(), ["a"]);
    }

    proptest! {
        #[test]
        fn a_walk_ends_and_loses_nothing(
            kept in prop::collection::vec("[ab]{1,2}", 0..8),
            typed in "[ab]{0,2}",
            steps in 0_usize..12,
        ) {
            let mut history = History::default();
            for query in &kept {
                history.keep(query);
            }
            let mut seen = history.queries().to_vec();
            seen.dedup();
            prop_assert_eq!(&seen, history.queries());
            let mut text = typed.clone();
            let mut taken = 0;
            while let Some(next) = older(&mut history, &text).filter(|_| taken < steps) {
                prop_assert_ne!(&next, &text);
                text = next;
                taken += 1;
            }
            for _ in 0..=history.queries().len() {
                if let Some(next) = newer(&mut history, &text) {
                    text = next;
                }
            }
            prop_assert!(text == typed || steps < history.queries().len());
        }
    }
}
