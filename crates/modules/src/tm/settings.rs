//! What a script sets for one transaction (`t_on_failure`, `t_set_fr`, …): kept with the message
//! until there is a transaction, then with that.

use engine::Context;
use script::host::RouteId;
use transaction::{Rules, Timing};

use crate::tm::message::TmMessage;
use crate::tm::state::{Tm, now};

/// The settings; `None` leaves the module's parameter in force.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// `t_on_branch`.
    pub(crate) on_branch: Option<RouteId>,
    /// `t_on_failure`.
    pub(crate) on_failure: Option<RouteId>,
    /// `t_on_reply`.
    pub(crate) on_reply: Option<RouteId>,
    /// `t_on_branch_failure`.
    pub(crate) on_branch_failure: Option<RouteId>,
    /// `t_set_fr`, milliseconds.
    pub(crate) fr: Option<u32>,
    /// `t_set_fr`, milliseconds.
    pub(crate) fr_inv: Option<u32>,
    /// `t_set_retr`, milliseconds.
    pub(crate) retr_t1: Option<u32>,
    /// `t_set_retr`, milliseconds.
    pub(crate) retr_t2: Option<u32>,
    /// `t_set_max_lifetime`, milliseconds.
    pub(crate) inv_lifetime: Option<u32>,
    /// `t_set_max_lifetime`, milliseconds.
    pub(crate) noninv_lifetime: Option<u32>,
    /// `t_set_disable_6xx`.
    pub(crate) disable_6xx: Option<bool>,
    /// `t_set_auto_inv_100`.
    pub(crate) auto_inv_100: Option<bool>,
    /// `t_set_disable_internal_reply`: no 408 of our own.
    pub(crate) disable_internal_reply: bool,
    /// `t_set_disable_failover`.
    pub(crate) disable_failover: bool,
    /// `t_set_no_e2e_cancel_reason`.
    pub(crate) no_cancel_reason: bool,
}

impl Settings {
    /// The intervals that these settings make of the configured ones.
    pub(crate) fn timing(&self, base: Timing, is_invite: bool) -> Timing {
        let lifetime = if is_invite {
            self.inv_lifetime
        } else {
            self.noninv_lifetime
        };
        Timing {
            fr: self.fr.unwrap_or(base.fr),
            fr_inv: self.fr_inv.unwrap_or(base.fr_inv),
            retr_t1: self.retr_t1.unwrap_or(base.retr_t1),
            retr_t2: self.retr_t2.unwrap_or(base.retr_t2),
            wait: base.wait,
            max_lifetime: lifetime.unwrap_or(base.max_lifetime),
        }
    }
}

/// Changes the settings of the message's transaction, or those that its transaction will get.
pub(crate) fn change(tm: &Tm, cx: &mut Context, change: impl FnOnce(&mut Settings)) {
    let at = now(&cx.core);
    let message = cx.extensions.get_or_default::<TmMessage>();
    let Some(handle) = message.lookup.handle() else {
        change(&mut message.settings);
        return;
    };
    tm.with(handle, |t| {
        change(&mut t.data.settings);
        let settings = t.data.settings;
        let is_invite = t.kind().is_invite();
        let timing = settings.timing(tm.config.timing(is_invite), is_invite);
        if timing != *t.timing() {
            t.set_timing(at, timing);
        }
        let rules: Rules = tm.rules(&settings);
        if rules != *t.rules() {
            t.set_rules(rules);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unset_values_leave_the_parameters_in_force() {
        let settings = Settings {
            fr_inv: Some(7000),
            noninv_lifetime: Some(1),
            ..Settings::default()
        };
        let timing = settings.timing(Timing::INVITE, true);
        assert_eq!(
            timing,
            Timing {
                fr_inv: 7000,
                ..Timing::INVITE
            }
        );
        assert_eq!(settings.timing(Timing::NON_INVITE, false).max_lifetime, 1);
    }
}
