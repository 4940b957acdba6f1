//! What the packages of a demo set say of each other, resolved.

use std::collections::HashMap;

use super::format::Record;
use crate::store::local::set::OutputId;

/// References between the packages of a set; both lists have an item for each package.
pub struct References {
    /// The package whose outputs it has: itself, but for those with `outputsOf`.
    pub owners: Vec<usize>,
    /// The outputs that it asks to have installed beside it.
    pub propagated: Vec<Vec<OutputId>>,
}

impl References {
    /// Says what is wrong if a name is there twice or leads nowhere.
    pub fn resolve(records: &[Record]) -> Result<Self, String> {
        let mut by_attribute = HashMap::new();
        for (index, record) in records.iter().enumerate() {
            if by_attribute.insert(record.attr.as_str(), index).is_some() {
                return Err(format!("{} is there twice", record.attr));
            }
        }
        let find = |attribute: &str| {
            by_attribute.get(attribute).copied().ok_or_else(|| format!("it names {attribute}, which is not there"))
        };
        let resolve = |(index, record): (usize, &Record)| {
            let owner = owner(index, records, &find)?;
            let propagated = record.propagated_user_env_pkgs.iter().map(|text| outputs(text, records, &find));
            Ok((owner, propagated.collect::<Result<Vec<_>, _>>()?.concat()))
        };
        let of_record = |(index, record): (usize, &Record)| {
            resolve((index, record)).map_err(|why: String| format!("{}: {why}", record.attr))
        };
        let (owners, propagated) = records.iter().enumerate().map(of_record).collect::<Result<_, _>>()?;
        Ok(Self { owners, propagated })
    }
}

fn owner(index: usize, records: &[Record], find: &impl Fn(&str) -> Result<usize, String>) -> Result<usize, String> {
    let Some(attribute) = &records[index].outputs_of else { return Ok(index) };
    let owner = find(attribute)?;
    if records[owner].outputs_of.is_some() || records[owner].outputs != records[index].outputs {
        return Err(format!("it says that its outputs are those of {attribute}, but they are not"));
    }
    Ok(owner)
}

/// The outputs that `attr` or `attr^output` means.
fn outputs(
    text: &str,
    records: &[Record],
    find: &impl Fn(&str) -> Result<usize, String>,
) -> Result<Vec<OutputId>, String> {
    let (attribute, output) =
        text.split_once('^').map_or((text, None), |(attribute, output)| (attribute, Some(output)));
    let package = find(attribute)?;
    let record = &records[package];
    let place = |name: &str| {
        let output = record.outputs.iter().position(|output| output == name);
        let output = output.ok_or_else(|| format!("it names {attribute}^{name}, which is not there"))?;
        Ok(OutputId { package, output })
    };
    match output {
        Some(name) => Ok(vec![place(name)?]),
        None => record.outputs_to_install.iter().map(|name| place(name)).collect(),
    }
}
