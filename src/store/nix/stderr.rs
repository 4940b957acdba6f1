//! What a daemon tells before it answers (the "stderr" messages of Nix' `daemon.cc`): what it is doing, and at last
//! either that the answer follows or what went wrong.

use super::activity::{Activities, Field};
use super::wire::Reader;
use super::{DaemonError, NixError};

const NEXT: u64 = 0x6f6c_6d67;
const READ: u64 = 0x6461_7461;
const WRITE: u64 = 0x6461_7416;
const LAST: u64 = 0x616c_7473;
const ERROR: u64 = 0x6378_7470;
const START_ACTIVITY: u64 = 0x5354_5254;
const STOP_ACTIVITY: u64 = 0x5354_4f50;
const RESULT: u64 = 0x5253_4c54;

const NUMBER_FIELD: u64 = 0;
const TEXT_FIELD: u64 = 1;

/// Nix sends four at most.
const MOST_FIELDS: u64 = 64;

/// How many traces of an error are kept.
const MOST_TRACES: u64 = 20;

/// Reads messages until the answer follows. Each takes its turn and is gone; what `activities` keeps is limited.
pub(super) fn until_answer(reader: &mut Reader, activities: &mut Activities) -> Result<(), NixError> {
    loop {
        match reader.number()? {
            LAST => return Ok(()),
            NEXT => activities.tell(&reader.text()?),
            // For operations that are not used here.
            WRITE => drop(reader.text()?),
            READ => return Err(reader.protocol("it asks for data of an operation that was not asked for")),
            START_ACTIVITY => {
                let id = reader.number()?;
                let level = reader.number()?;
                let kind = reader.number()?;
                let text = reader.text()?;
                let fields = fields(reader)?;
                let _parent = reader.number()?;
                activities.announce(level, &text);
                activities.start(id, kind, &fields);
            }
            STOP_ACTIVITY => activities.stop(reader.number()?),
            RESULT => {
                let id = reader.number()?;
                let kind = reader.number()?;
                activities.result(id, kind, &fields(reader)?);
            }
            ERROR => return Err(error(reader, activities)?.into()),
            unknown => return Err(reader.protocol(format!("it sends the unknown message {unknown:#x}"))),
        }
    }
}

fn fields(reader: &mut Reader) -> Result<Vec<Field>, NixError> {
    let count = reader.number()?;
    if count > MOST_FIELDS {
        return Err(reader.protocol(format!("it announces {count} fields")));
    }
    let field = |_| match reader.number()? {
        NUMBER_FIELD => Ok(Field::Number(reader.number()?)),
        TEXT_FIELD => Ok(Field::Text(reader.text()?)),
        unknown => Err(reader.protocol(format!("it sends a field of the unknown type {unknown}"))),
    };
    (0..count).map(field).collect()
}

/// An error in the form of version 1.26 and later.
fn error(reader: &mut Reader, activities: &mut Activities) -> Result<DaemonError, NixError> {
    let _type = reader.text()?;
    let _level = reader.number()?;
    let _name = reader.text()?;
    let message = reader.message()?;
    no_position(reader)?;
    let mut traces = Vec::new();
    for at in 0..reader.number()? {
        no_position(reader)?;
        let trace = reader.message()?;
        if at < MOST_TRACES {
            traces.push(trace);
        }
    }
    let (told, log) = activities.last_words();
    Ok(DaemonError { message, traces, told, log })
}

/// No version of Nix sends positions.
fn no_position(reader: &mut Reader) -> Result<(), NixError> {
    match reader.number()? {
        0 => Ok(()),
        _ => Err(reader.protocol("it sends a position in a file, which the protocol has no form for")),
    }
}
