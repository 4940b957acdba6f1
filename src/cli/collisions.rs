//! Collisions for people: one a line, those that block first.

use std::io::{self, Write};

use super::text::{Table, count};
use crate::engine::{Collision, Plan};
use crate::loom::Origin;
use crate::safe;

/// Prints every collision with kind, path, contenders, winner and reason; `origins` may be empty.
pub(super) fn print(plan: &Plan, origins: &[Origin], to: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new(&[]);
    for blocks in [true, false] {
        for (at, collision) in plan.collisions.iter().enumerate().filter(|(_, collision)| collision.blocks == blocks) {
            table.row(row(collision, origins.get(at)));
        }
    }
    table.write(to, 0, None)
}

fn row(collision: &Collision, origin: Option<&Origin>) -> [String; 6] {
    let contenders = collision.contenders.iter().map(|contender| {
        let output =
            if &*contender.output == "out" { String::new() } else { format!(".{}", safe::text(&contender.output)) };
        format!("{}{output} ({})", safe::text(&contender.package), contender.priority)
    });
    let uncovered = match origin {
        Some(Origin::Uncovered { by }) => format!("; uncovered, for {} goes", safe::text(by)),
        _ => String::new(),
    };
    let winner = collision.winner.map(|at| &collision.contenders[at].package);
    [
        if collision.blocks { "blocks" } else { "" }.to_owned(),
        collision.kind.name().to_owned(),
        safe::bytes(&collision.path),
        contenders.collect::<Vec<_>>().join(", "),
        winner.map_or_else(|| "no winner".to_owned(), |winner| format!("{} wins", safe::text(winner))),
        safe::text(&collision.reason()) + &uncovered,
    ]
}

/// How many there are, in a few words: `2 collisions block, 14 do not`.
pub(super) fn summary(plan: &Plan) -> String {
    let all = plan.collisions.len();
    match plan.blocking().count() {
        0 if all == 0 => "no collisions".to_owned(),
        0 => format!("{}, none of which blocks", count(all, "collision", "collisions")),
        blocking if blocking == all => count(blocking, "collision blocks", "collisions block"),
        blocking => format!("{}, {} not", count(blocking, "collision blocks", "collisions block"), all - blocking),
    }
}
