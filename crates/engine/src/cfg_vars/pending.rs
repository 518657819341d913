//! Changes that wait for a commit, and instances of groups (`group[id]`) with values of their own.

use super::{CfgError, CfgValue, CfgVars, View};

/// A group, or one instance of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Place<'a> {
    /// The group.
    pub group: &'a str,
    /// The instance; `None`: the group's own values.
    pub instance: Option<u32>,
}

impl<'a> Place<'a> {
    /// Reads `group` or `group[id]`: a bracket at the end makes the difference.
    ///
    /// # Errors
    /// What ends in a bracket is not a name and a number in brackets.
    pub fn parse(text: &'a str) -> Result<Self, CfgError> {
        let Some(inner) = text.strip_suffix(']') else {
            return Ok(Self {
                group: text,
                instance: None,
            });
        };
        let (group, id) = inner.split_once('[').ok_or(CfgError::NoInstance)?;
        if group.is_empty() {
            return Err(CfgError::NoInstance);
        }
        let id = id.parse().map_err(|_| CfgError::NoInstance)?;
        Ok(Self {
            group,
            instance: Some(id),
        })
    }
}

/// A change that waits.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    /// Its group.
    pub group: String,
    /// The instance of the group.
    pub instance: Option<u32>,
    /// The variable.
    pub name: String,
    /// The value now.
    pub old: CfgValue,
    /// The value to come.
    pub new: CfgValue,
}

/// An instance of a group: the values that differ from the group's.
struct Instance {
    group: String,
    id: u32,
    values: Vec<(String, CfgValue)>,
}

/// A change as it was asked for.
#[derive(Clone)]
struct Waiting {
    group: String,
    instance: Option<u32>,
    name: String,
    /// `None`: an instance shall have the group's value again.
    value: Option<CfgValue>,
}

/// So many instances there may be, and so many changes may wait.
const MOST: usize = 10_000;

#[derive(Default)]
pub(super) struct Pending {
    changes: Vec<Waiting>,
    instances: Vec<Instance>,
}

impl Pending {
    /// Groups stay in the order of their first change, instances of one are sorted.
    fn add(&mut self, change: Waiting) -> Result<(), CfgError> {
        if self.changes.len() >= MOST {
            return Err(CfgError::TooMany);
        }
        let is_before =
            |known: &Waiting| known.group == change.group && known.instance <= change.instance;
        let is_behind = |known: &Waiting| known.group == change.group;
        let at = match self.changes.iter().rposition(is_before) {
            Some(before) => before + 1,
            None => {
                let behind = self.changes.iter().position(is_behind);
                behind.unwrap_or(self.changes.len())
            }
        };
        self.changes.insert(at, change);
        Ok(())
    }

    fn instance(&mut self, group: &str, id: u32) -> Result<&mut Instance, CfgError> {
        self.instances
            .iter_mut()
            .find(|i| i.group == group && i.id == id)
            .ok_or(CfgError::NoInstance)
    }
}

impl CfgVars {
    /// Whether a group has an instance.
    #[must_use]
    pub fn has_instance(&self, group: &str, id: u32) -> bool {
        self.pending.lock().instance(group, id).is_ok()
    }

    /// The value of a variable at a place.
    ///
    /// # Errors
    /// There is no such variable or instance.
    pub fn value_at(&self, place: Place<'_>, name: &str) -> Result<CfgValue, CfgError> {
        let var = self.find(place.group, name).ok_or(CfgError::Unknown)?;
        let Some(id) = place.instance else {
            return Ok(var.value());
        };
        let mut pending = self.pending.lock();
        let own = &pending.instance(place.group, id)?.values;
        let own = own.iter().find(|(n, _)| n == name);
        Ok(own.map_or_else(|| var.value(), |(_, v)| v.clone()))
    }

    /// Changes a variable at a place; a value of the wrong type is converted.
    ///
    /// # Errors
    /// There is no such variable or instance, or it cannot have the value.
    pub fn set_at(&self, place: Place<'_>, name: &str, value: CfgValue) -> Result<(), CfgError> {
        let var = self.find(place.group, name).ok_or(CfgError::Unknown)?;
        let value = var.convert(value)?;
        var.check(&value)?;
        match place.instance {
            None => self.change(&var, &value),
            Some(id) => {
                let mut pending = self.pending.lock();
                let values = &mut pending.instance(place.group, id)?.values;
                let own = values.iter().position(|(n, _)| n == name);
                let old = own.map_or_else(|| var.value(), |at| values.remove(at).1);
                values.push((name.to_owned(), value));
                drop(pending);
                self.note_change(place, name, old);
            }
        }
        Ok(())
    }

    /// Notes a change for the next commit.
    ///
    /// # Errors
    /// There is no such variable or instance, or it cannot have the value.
    pub fn set_delayed(
        &self,
        place: Place<'_>,
        name: &str,
        value: CfgValue,
    ) -> Result<(), CfgError> {
        let var = self.find(place.group, name).ok_or(CfgError::Unknown)?;
        let value = var.convert(value)?;
        var.check(&value)?;
        let mut pending = self.pending.lock();
        if let Some(id) = place.instance {
            pending.instance(place.group, id)?;
        }
        pending.add(Waiting {
            group: place.group.to_owned(),
            instance: place.instance,
            name: name.to_owned(),
            value: Some(value),
        })
    }

    /// Makes the changes that wait.
    pub fn commit(&self) {
        let changes = std::mem::take(&mut self.pending.lock().changes);
        for change in changes {
            let place = Place {
                group: &change.group,
                instance: change.instance,
            };
            // Checked when it was noted; an instance that is gone needs no value.
            let _ = match (change.value, change.instance) {
                (Some(value), _) => self.set_at(place, &change.name, value),
                (None, Some(id)) => self.unset(&change.group, id, &change.name),
                (None, None) => Ok(()),
            };
        }
    }

    /// Forgets the changes that wait.
    pub fn rollback(&self) {
        self.pending.lock().changes.clear();
    }

    /// Notes for the next commit that an instance shall have the group's value again.
    ///
    /// # Errors
    /// There is no such variable or instance.
    pub fn unset_delayed(&self, group: &str, id: u32, name: &str) -> Result<(), CfgError> {
        self.find(group, name).ok_or(CfgError::Unknown)?;
        let mut pending = self.pending.lock();
        pending.instance(group, id)?;
        pending.add(Waiting {
            group: group.to_owned(),
            instance: Some(id),
            name: name.to_owned(),
            value: None,
        })
    }

    /// The changes that wait.
    #[must_use]
    pub fn waiting(&self) -> Vec<Change> {
        let changes = self.pending.lock().changes.clone();
        let change = |waiting: Waiting| {
            let place = Place {
                group: &waiting.group,
                instance: waiting.instance,
            };
            let own = |instance| {
                self.value_at(Place { instance, ..place }, &waiting.name)
                    .ok()
            };
            let old = own(waiting.instance)?;
            let new = waiting.value.or_else(|| own(None))?;
            Some(Change {
                old,
                new,
                instance: waiting.instance,
                name: waiting.name,
                group: waiting.group.clone(),
            })
        };
        changes.into_iter().filter_map(change).collect()
    }

    /// Makes an instance of a group; false when there is no such group or too many instances.
    pub fn add_instance(&self, group: &str, id: u32) -> bool {
        if !self.all().iter().any(|v| v.group == group) {
            return false;
        }
        let mut pending = self.pending.lock();
        if pending.instance(group, id).is_ok() {
            return true;
        }
        let room = pending.instances.len() < MOST;
        if room {
            pending.instances.push(Instance {
                group: group.to_owned(),
                id,
                values: Vec::new(),
            });
        }
        room
    }

    /// Removes an instance; false when there is none.
    pub fn remove_instance(&self, group: &str, id: u32) -> bool {
        let mut pending = self.pending.lock();
        let before = pending.instances.len();
        pending
            .instances
            .retain(|i| !(i.group == group && i.id == id));
        pending
            .changes
            .retain(|known| !(known.group == group && known.instance == Some(id)));
        pending.instances.len() < before
    }

    /// Lets an instance have the group's value again.
    ///
    /// # Errors
    /// There is no such variable or instance.
    pub fn unset(&self, group: &str, id: u32, name: &str) -> Result<(), CfgError> {
        self.find(group, name).ok_or(CfgError::Unknown)?;
        let place = Place {
            group,
            instance: Some(id),
        };
        let old = self.value_at(place, name)?;
        let mut pending = self.pending.lock();
        let values = &mut pending.instance(group, id)?.values;
        values.retain(|(n, _)| n != name);
        drop(pending);
        self.note_change(place, name, old);
        Ok(())
    }

    /// Gives all variables of a group the values that they had at load.
    ///
    /// # Errors
    /// There is no such group.
    pub fn reset(&self, group: &str) -> Result<(), CfgError> {
        let vars = self.all();
        let mut found = false;
        for var in vars.iter().filter(|v| v.group == group) {
            found = true;
            if var.view != View::Fixed {
                self.change(var, &var.initial());
            }
        }
        found.then_some(()).ok_or(CfgError::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vars() -> CfgVars {
        let vars = CfgVars::default();
        vars.int("pstn", "gw_port", 5061, None, "port of it");
        vars.text("pstn", "gw_ip", "".into(), "");
        vars
    }

    #[test]
    fn changes_wait_for_the_commit() {
        let vars = vars();
        let place = Place::parse("pstn").unwrap();
        vars.set_delayed(place, "gw_port", CfgValue::Text("7".into()))
            .unwrap();
        assert_eq!(vars.waiting().len(), 1);
        assert_eq!(vars.value("pstn", "gw_port"), Some(CfgValue::Int(5061)));
        vars.commit();
        assert_eq!(vars.value("pstn", "gw_port"), Some(CfgValue::Int(7)));
        assert_eq!(vars.waiting(), []);
        vars.set_delayed(place, "gw_port", CfgValue::Int(8))
            .unwrap();
        vars.rollback();
        vars.commit();
        assert_eq!(vars.value("pstn", "gw_port"), Some(CfgValue::Int(7)));
        vars.reset("pstn").unwrap();
        assert_eq!(vars.value("pstn", "gw_port"), Some(CfgValue::Int(5061)));
        assert_eq!(
            vars.set_at(place, "gw_port", CfgValue::Text("x".into())),
            Err(CfgError::Type)
        );
    }

    #[test]
    fn instances_have_their_own_values() {
        let vars = vars();
        let third = Place::parse("pstn[3]").unwrap();
        for wrong in ["pstn[x]", "pstn]", "[1]", "pstn[]"] {
            assert_eq!(Place::parse(wrong), Err(CfgError::NoInstance), "{wrong}");
        }
        assert_eq!(
            Place::parse("pstn[1").map(|place| place.group),
            Ok("pstn[1")
        );
        assert!(vars.value_at(third, "gw_port").is_err());
        assert!(vars.add_instance("pstn", 3) && !vars.add_instance("none", 1));
        vars.set_at(third, "gw_port", CfgValue::Int(77)).unwrap();
        assert_eq!(vars.value_at(third, "gw_port"), Ok(CfgValue::Int(77)));
        assert_eq!(vars.value("pstn", "gw_port"), Some(CfgValue::Int(5061)));
        vars.unset("pstn", 3, "gw_port").unwrap();
        assert_eq!(vars.value_at(third, "gw_port"), Ok(CfgValue::Int(5061)));
        assert!(vars.remove_instance("pstn", 3) && !vars.remove_instance("pstn", 3));
    }
}
