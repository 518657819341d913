//! What a `htable` parameter says of a table.

use bytes::Bytes;
use sip::chars::trim;

use crate::attributes::{self, NoAttribute};

/// A table as configured.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Definition {
    /// Its name.
    pub name: Bytes,
    /// Two to the power of this is the number of slots that dumps show.
    pub bits: u32,
    /// Seconds that an item lives; 0 for ever.
    pub autoexpire: u64,
    /// What a missing item reads as, instead of null.
    pub initial: Option<i64>,
    /// Whether changing an item's value starts its life anew.
    pub update_expire: bool,
    /// Database table to load from.
    pub db_table: Bytes,
    /// Whether the items are written back to the database at the end.
    pub db_mode: i64,
    /// Whether changes go to other servers.
    pub replicate: i64,
}

/// Why a definition is refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DefinitionError {
    /// No `=>`, or nothing before it.
    #[error("a table is defined as name=>attribute=value;…")]
    NoName,
    /// An attribute without a name or value.
    #[error(transparent)]
    NoAttribute(#[from] NoAttribute),
    /// No such attribute.
    #[error("a table has no attribute `{0}`")]
    Unknown(String),
    /// A value that must be a number is none.
    #[error("`{0}` takes a number that is not negative")]
    NoNumber(&'static str),
}

impl Definition {
    /// Reads `name=>size=8;autoexpire=300;…`.
    ///
    /// # Errors
    /// What Kamailio refuses too.
    pub fn parse(text: &[u8]) -> Result<Self, DefinitionError> {
        let arrow = memchr::memmem::find(text, b"=>").ok_or(DefinitionError::NoName)?;
        let name = trim(&text[..arrow]);
        if name.is_empty() {
            return Err(DefinitionError::NoName);
        }
        let mut definition = Self {
            name: Bytes::copy_from_slice(name),
            bits: DEFAULT_BITS,
            autoexpire: 0,
            initial: None,
            update_expire: true,
            db_table: Bytes::new(),
            db_mode: 0,
            replicate: 0,
        };
        for attribute in attributes::pairs(&text[arrow + 2..]) {
            let (name, value) = attribute?;
            definition.attribute(name, value)?;
        }
        Ok(definition)
    }

    fn attribute(&mut self, name: &[u8], value: &[u8]) -> Result<(), DefinitionError> {
        match name {
            b"size" => self.bits = bits(number("size", value)?),
            b"autoexpire" => self.autoexpire = u64::from(number("autoexpire", value)?),
            b"initval" => self.initial = Some(i64::from(number("initval", value)?)),
            b"updateexpire" => self.update_expire = number("updateexpire", value)? != 0,
            b"dbtable" => self.db_table = Bytes::copy_from_slice(value),
            b"dbmode" => self.db_mode = i64::from(number("dbmode", value)?),
            b"dmqreplicate" => self.replicate = i64::from(number("dmqreplicate", value)?),
            // Names of database columns, of use only with dbtable.
            b"cols" => {}
            _ => {
                let name = String::from_utf8_lossy(name).into_owned();
                return Err(DefinitionError::Unknown(name));
            }
        }
        Ok(())
    }

    /// How many slots dumps show.
    #[must_use]
    pub fn slots(&self) -> u32 {
        1 << self.bits
    }

    /// The slot that Kamailio would keep a key in, and the key's hash, which ignores case though
    /// keys do not.
    #[must_use]
    pub fn place(&self, key: &[u8]) -> (u32, u32) {
        let hash = engine::hash::core_hash(&key.to_ascii_lowercase());
        (hash & (self.slots() - 1), hash)
    }
}

const DEFAULT_BITS: u32 = 4;

/// Kamailio's limits: what is too small becomes 3, what is too large 14.
fn bits(size: u32) -> u32 {
    match size {
        0..2 => 3,
        2..=31 => size.min(30),
        _ => 14,
    }
}

fn number(name: &'static str, value: &[u8]) -> Result<u32, DefinitionError> {
    sip::chars::decimal(value).ok_or(DefinitionError::NoNumber(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes() {
        let d = Definition::parse(b"ipban=>size=8;autoexpire=300;").unwrap();
        assert_eq!(
            (&d.name[..], d.slots(), d.autoexpire),
            (&b"ipban"[..], 256, 300)
        );
        let d = Definition::parse(b"a=> size=1 ; initval=5;updateexpire=0").unwrap();
        assert_eq!((d.slots(), d.initial, d.update_expire), (8, Some(5), false));
        assert_eq!(Definition::parse(b"a=>size=40").unwrap().slots(), 16_384);
        assert_eq!(Definition::parse(b"a=>").unwrap().slots(), 16);
    }

    /// What the installed Kamailio refuses.
    #[test]
    fn mistakes() {
        for text in [
            "d",
            "d=>size=x;",
            "d=>size=5;;",
            "d=>size=5;foo=bar",
            "d=>size=5;autoexpire=-3",
            "d=>size=5;initval=ab",
            "d=>SIZE=5",
            "=>size=5",
        ] {
            assert!(Definition::parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn places_are_kamailios() {
        let d = Definition::parse(b"a=>size=4").unwrap();
        assert_eq!(d.place(b"n4").0, 1);
        assert_eq!(d.place(b"bob::k").0, 14);
        assert_eq!(d.place(b" sp ").0, 7);
        assert_eq!(d.place(b"AB").0, 14);
    }
}
