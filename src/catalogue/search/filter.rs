//! Conditions on what is found.

use crate::catalogue::Part;
use crate::catalogue::fold::fold_all;
use crate::catalogue::index::{NameKind, obstacle};
use crate::catalogue::query::{Field, Filter, Query};

/// For each row of the part whether all filters let it through; `None` if there is no filter.
pub(super) fn passing(part: &Part, parts: &[Part], query: &Query) -> Option<Vec<bool>> {
    if query.filters().is_empty() {
        return None;
    }
    let mut passing = vec![true; part.index().len()];
    for filter in query.filters() {
        keep(&mut passing, part, parts, query, filter);
    }
    Some(passing)
}

fn keep(passing: &mut [bool], part: &Part, parts: &[Part], query: &Query, Filter { field, is_wanted }: &Filter) {
    let index = part.index();
    let mut keep = |has: &dyn Fn(usize) -> bool| {
        passing.iter_mut().enumerate().for_each(|(row, passes)| *passes &= has(row) == *is_wanted);
    };
    let has_bits = |bits| move |row: usize| index.obstacle_bits()[row] & bits != 0;
    match field {
        Field::Source(name) => {
            let is_meant = is_source(part, parts, name);
            keep(&|_| is_meant);
        }
        Field::Output(name) => {
            let having = index.with_output(name);
            keep(&|row| having[index.outputs().rows()[row] as usize]);
        }
        Field::License(name) => {
            let having = index.with_license(name);
            keep(&|row| having[index.licenses().rows()[row] as usize]);
        }
        Field::Program(name) => {
            let names = index.names();
            // Where it is the same as another name, it is not written twice.
            let has = |row: usize| {
                let program = names.of(row, NameKind::Program).text();
                program.starts_with(name.as_str())
                    || program.is_empty() && fold_all(index.program(row)).starts_with(name.as_str())
            };
            keep(&has);
        }
        Field::Installed => {
            let of_source =
                query.installed.iter().filter(|(_, source)| source.is_empty() || **source == **part.source());
            let rows: std::collections::HashSet<usize> =
                of_source.filter_map(|(attribute, _)| index.find(attribute)).collect();
            keep(&|row| rows.contains(&row));
        }
        Field::Broken => keep(&has_bits(obstacle::BROKEN | obstacle::FAILED)),
        Field::Unfree => keep(&has_bits(obstacle::UNFREE)),
        Field::Insecure => keep(&has_bits(obstacle::INSECURE)),
    }
}

/// Whether the part is of the source of that name, or where none has it, of one whose name begins so.
fn is_source(part: &Part, parts: &[Part], name: &str) -> bool {
    let is_exact = |part: &Part| fold_all(part.source()) == name;
    is_exact(part) || !parts.iter().any(is_exact) && fold_all(part.source()).starts_with(name)
}
