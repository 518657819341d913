//! How long a contact is to live.

use engine::Context;
use sip::HeaderKind;
use sip::chars::{decimal, trim};
use sip::header::Contact;

use super::error::Refusal;
use super::settings::Registrar;
use super::xavp;

/// The lifetime of a contact in seconds; 0 removes it. Asked for by `$xavp(cfg=>expires)`, the
/// contact's own `expires`, the Expires header, or by default; then brought within the limits.
///
/// What is no number counts as the default.
pub(super) fn lifetime(
    registrar: &Registrar,
    cx: &Context,
    contact: &Contact,
    exact: bool,
) -> Result<u32, Refusal> {
    let live = &registrar.live;
    let by_script = xavp::get_int(cx, registrar.xavp_cfg.as_ref(), b"expires")
        .and_then(|n| u32::try_from(n).ok());
    let (wanted, range) = match (by_script, asked(cx, contact)) {
        (Some(seconds), _) => (i64::from(seconds), 0),
        (None, Some(seconds)) => (i64::from(seconds), live.expires_range.get()),
        (None, None) => (live.default_expires.get(), live.default_expires_range.get()),
    };
    if wanted <= 0 {
        return Ok(0);
    }
    let wanted = if exact {
        wanted
    } else {
        spread(wanted, range, cx.core.services.random.next())
    };
    let (min, max) = (live.min_expires.get(), live.max_expires.get());
    if min > 0 && wanted < min {
        if registrar.refuse_brief {
            return Err(Refusal::TooBrief);
        }
        return Ok(seconds(min));
    }
    Ok(seconds(if max > 0 { wanted.min(max) } else { wanted }))
}

/// What the request asks for, if it can be read.
fn asked(cx: &Context, contact: &Contact) -> Option<u32> {
    let msg = &cx.msg;
    let own = contact.addr.params.value(msg.raw(), b"expires");
    match own.filter(|text| !text.is_empty()) {
        Some(text) => decimal(trim(text)),
        None => msg.value(HeaderKind::Expires).and_then(decimal),
    }
}

/// A lifetime shortened by up to `range` percent.
fn spread(wanted: i64, range: i64, random: u64) -> i64 {
    let room = wanted.saturating_mul(range.clamp(0, 100)) / 100;
    let cut = random % (room.unsigned_abs() + 1);
    wanted - i64::try_from(cut).unwrap_or(0)
}

fn seconds(value: i64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreading_stays_in_range() {
        for random in [0, 1, 17, u64::MAX] {
            let value = spread(1000, 30, random);
            assert!((700..=1000).contains(&value));
            assert_eq!(spread(1000, 0, random), 1000);
        }
    }
}
