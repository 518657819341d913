//! What is accounted, as configured.

use engine::Setup;
use engine::log::{Facility, Level};
use engine::module::InitError;
use engine::variable::Readable;

use super::time::TimeMode;

/// A named value that goes into the records.
pub(super) struct Extra {
    pub(super) name: String,
    pub(super) value: Readable,
}

/// A named value of each leg of a call.
pub(super) struct LegInfo {
    pub(super) name: String,
    /// The value for the newest leg, the one before it, ….
    pub(super) values: Vec<Readable>,
}

/// Legs of a call that a record can show.
const MAX_LEGS: usize = 16;

/// Settings of the module.
pub(super) struct Settings {
    pub(super) log_flag: u32,
    pub(super) log_missed_flag: u32,
    pub(super) failed_transaction_flag: u32,
    pub(super) prepare_flag: u32,
    pub(super) prepare_always: bool,
    pub(super) early_media: bool,
    pub(super) report_ack: bool,
    pub(super) report_cancels: bool,
    pub(super) detect_direction: bool,
    pub(super) reason_from_hf: bool,
    pub(super) failed_filter: Vec<u16>,
    pub(super) log_level: Level,
    pub(super) log_facility: Facility,
    pub(super) log_extra: Vec<Extra>,
    pub(super) legs: Vec<LegInfo>,
    pub(super) time: TimeMode,
}

impl Settings {
    pub(super) fn read(setup: &mut Setup<'_>) -> Result<Self, InitError> {
        refuse_what_is_missing(setup)?;
        let is_set = |name| setup.params.int(name) != 0;
        let flag = |name| flag(setup.params.int(name), name);
        let log_level = Level::from_number(setup.params.int("log_level"));
        Ok(Self {
            log_flag: flag("log_flag")?,
            log_missed_flag: flag("log_missed_flag")?,
            failed_transaction_flag: flag("failed_transaction_flag")?,
            prepare_flag: flag("acc_prepare_flag")?,
            prepare_always: is_set("acc_prepare_always"),
            early_media: is_set("early_media"),
            report_ack: is_set("report_ack"),
            report_cancels: is_set("report_cancels"),
            detect_direction: is_set("detect_direction"),
            reason_from_hf: is_set("reason_from_hf"),
            failed_filter: failed_filter(setup)?,
            log_level,
            log_facility: facility(setup)?,
            time: TimeMode::read(setup)?,
            log_extra: extras(setup, "log_extra")?,
            legs: legs(setup)?,
        })
    }
}

/// Databases and dialogs are not there yet: who asks for them must know.
fn refuse_what_is_missing(setup: &Setup<'_>) -> Result<(), InitError> {
    if setup
        .params
        .text("db_url")
        .is_some_and(|url| !url.is_empty())
    {
        return Err(InitError::of_param(
            "db_url",
            "accounting to a database is not supported yet",
        ));
    }
    if setup.params.int("cdr_enable") != 0 {
        return Err(InitError::of_param(
            "cdr_enable",
            "call records need the dialog module, which is not supported yet",
        ));
    }
    Ok(())
}

/// The mask of a flag number; 0 when there is none.
fn flag(number: i64, name: &'static str) -> Result<u32, InitError> {
    match number {
        -1 => Ok(0),
        0..32 => Ok(1 << number),
        _ => Err(InitError::of_param(name, "flags are numbered 0 to 31")),
    }
}

fn facility(setup: &Setup<'_>) -> Result<Facility, InitError> {
    let Some(name) = setup.params.text("log_facility") else {
        return Ok(Facility::DAEMON);
    };
    Facility::from_name(&String::from_utf8_lossy(&name))
        .ok_or_else(|| InitError::of_param("log_facility", "there is no such syslog facility"))
}

fn failed_filter(setup: &Setup<'_>) -> Result<Vec<u16>, InitError> {
    let text = setup.params.text("failed_filter").unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    text.split(',')
        .map(str::trim)
        .filter(|code| !code.is_empty())
        .map(|code| {
            code.parse()
                .ok()
                .filter(|code| (300..=999).contains(code))
                .ok_or_else(|| {
                    InitError::of_param("failed_filter", format!("`{code}` is no failure code"))
                })
        })
        .collect()
}

/// Splits `name=$variable;name=$variable` into pairs.
fn pairs(text: &str) -> Result<Vec<(&str, &str)>, String> {
    let mut pairs = Vec::new();
    for piece in split_outside_brackets(text) {
        let piece = piece.trim();
        if piece.is_empty() {
            continue;
        }
        let (name, variable) = piece
            .split_once('=')
            .ok_or_else(|| format!("`{piece}` is not of the form name=$variable"))?;
        pairs.push((name.trim(), variable.trim()));
    }
    Ok(pairs)
}

fn split_outside_brackets(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut depth = 0i32;
    let mut start = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' | b'{' => depth += 1,
            b')' | b'}' => depth -= 1,
            b';' if depth == 0 => {
                pieces.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(&text[start..]);
    pieces
}

fn param_text(setup: &Setup<'_>, name: &str) -> String {
    let text = setup.params.text(name).unwrap_or_default();
    String::from_utf8_lossy(&text).into_owned()
}

fn extras(setup: &mut Setup<'_>, param: &'static str) -> Result<Vec<Extra>, InitError> {
    let text = param_text(setup, param);
    let refused = |e| InitError::of_param(param, e);
    let mut extras = Vec::new();
    for (name, variable) in pairs(&text).map_err(refused)? {
        extras.push(Extra {
            name: name.to_owned(),
            value: setup.names.variable(variable).map_err(refused)?,
        });
    }
    Ok(extras)
}

fn legs(setup: &mut Setup<'_>) -> Result<Vec<LegInfo>, InitError> {
    let text = param_text(setup, "multi_leg_info");
    let refused = |e| InitError::of_param("multi_leg_info", e);
    let mut legs = Vec::new();
    for (name, variable) in pairs(&text).map_err(refused)? {
        let Some(avp) = variable.strip_prefix('$').filter(|v| v.starts_with("avp(")) else {
            return Err(refused(format!("`{variable}` is no $avp(name)")));
        };
        let values = (0..MAX_LEGS)
            .map(|index| setup.names.variable(&format!("$({avp}[{index}])")))
            .collect::<Result<_, _>>()
            .map_err(refused)?;
        legs.push(LegInfo {
            name: name.to_owned(),
            values,
        });
    }
    Ok(legs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extra_values_are_split_outside_of_variables() {
        let text = " ua=$hdr(User-Agent); p=$(hdr(X){param.value,a;b}) ;";
        assert_eq!(
            pairs(text),
            Ok(vec![
                ("ua", "$hdr(User-Agent)"),
                ("p", "$(hdr(X){param.value,a;b})")
            ])
        );
        assert!(pairs("ua").is_err());
    }

    #[test]
    fn flags_are_masks() {
        assert_eq!(flag(-1, "log_flag"), Ok(0));
        assert_eq!(flag(31, "log_flag"), Ok(1 << 31));
        assert!(flag(32, "log_flag").is_err());
    }
}
