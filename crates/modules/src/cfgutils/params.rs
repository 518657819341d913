//! Parameters.

use engine::Setup;
use engine::module::{InitError, Param};

use super::Cfgutils;
use super::chance::Chance;
use super::config_hash::ConfigHash;
use super::flags::GlobalFlags;
use super::locks::{LockSet, MAX_BITS};

/// All parameters.
pub(super) static TABLE: &[Param] = &[
    Param::text(
        "hash_file",
        None,
        "File that is hashed at start, for cfgutils.check_config_hash.",
    ),
    Param::int(
        "initial_gflags",
        0,
        "Mask of the global flags that are set at start.",
    ),
    Param::int(
        "initial_probability",
        10,
        "Percentage with which rand_event() is true at start.",
    ),
    Param::int(
        "lock_set_size",
        0,
        "Number of locks as a power of two, at most 14; 0: none, and lock() fails.",
    ),
];

/// Reads the parameters.
pub(super) fn init(setup: &mut Setup<'_>) -> Result<Cfgutils, InitError> {
    let percent = setup.params.int("initial_probability");
    let chance = Chance::new(percent).map_err(|_| {
        InitError::of_param("initial_probability", format!("{percent} is no percentage"))
    })?;
    let locks = match setup.params.int("lock_set_size") {
        0 => None,
        // Kamailio takes what is out of range for the largest.
        bits => Some(LockSet::new(u32::try_from(bits).unwrap_or(MAX_BITS))),
    };
    Ok(Cfgutils {
        chance,
        // The mask is the low 32 bits, whatever their sign.
        flags: GlobalFlags::new(setup.params.int("initial_gflags") as u32),
        hash: ConfigHash::from(setup.params.text("hash_file")),
        locks,
    })
}
