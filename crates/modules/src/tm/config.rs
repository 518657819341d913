//! The module's parameters: run-time variables of group `tm`, and what is fixed at load.

use bytes::Bytes;
use engine::cfg_vars::{CfgInt, CfgText};
use engine::core::Setup;
use engine::module::InitError;
use transaction::{CancelMode, RestartFr, Rules, Timing};

/// The parameters. Times are in milliseconds.
pub(crate) struct Config {
    fr: CfgInt,
    fr_inv: CfgInt,
    wait: CfgInt,
    retr_t1: CfgInt,
    retr_t2: CfgInt,
    max_inv_lifetime: CfgInt,
    max_noninv_lifetime: CfgInt,
    pub(crate) auto_inv_100: CfgInt,
    pub(crate) auto_inv_100_reason: CfgText,
    pub(crate) ruri_matching: CfgInt,
    pub(crate) via1_matching: CfgInt,
    pub(crate) callid_matching: CfgInt,
    pub(crate) callid_cseq_matching: CfgInt,
    pub(crate) unmatched_cancel: CfgInt,
    pub(crate) aggregate_challenges: CfgInt,
    pub(crate) local_cancel_reason: CfgInt,
    pub(crate) e2e_cancel_reason: CfgInt,
    restart_fr: CfgInt,
    cancel_b_method: CfgInt,
    disable_6xx: CfgInt,
    relay_100: CfgInt,
    faked_reply_prio: i64,
    /// `failure_reply_mode`.
    pub(crate) failure_reply_mode: i64,
    /// `remap_503_500`.
    pub(crate) remap_503_500: bool,
    /// `ac_extra_hdrs`: what the names of further headers for ACK and CANCEL start with.
    pub(crate) extra_headers: Vec<Bytes>,
}

impl Config {
    pub(crate) fn read(setup: &Setup<'_>) -> Result<Self, InitError> {
        let params = setup.params;
        let int = |name, help| setup.cfg.int("tm", name, params.int(name), None, help);
        let range = |name, low, high, help| {
            setup
                .cfg
                .int("tm", name, params.int(name), Some((low, high)), help)
        };
        let flag = |name, help| range(name, 0, 1, help);
        let text = |name, help| {
            let value = params.text(name).unwrap_or_default();
            setup.cfg.text("tm", name, value, help)
        };
        for name in [
            "fr_timer",
            "fr_inv_timer",
            "retr_timer1",
            "retr_timer2",
            "wt_timer",
        ] {
            if params.int(name) < 0 {
                return Err(InitError::of_param(name, "a time cannot be negative"));
            }
        }
        // In the order in which Kamailio lists them.
        let auto_inv_100_reason = text("auto_inv_100_reason", "reason phrase of that 100");
        text("default_reason", "reason when none fits");
        text("ac_extra_hdrs", "further headers for ACK and CANCEL");
        let ruri_matching = flag("ruri_matching", "compare request URIs (RFC 2543)");
        let via1_matching = flag("via1_matching", "compare topmost Vias (RFC 2543)");
        let callid_matching = flag("callid_matching", "compare Call-IDs too");
        let callid_cseq_matching = flag("callid_cseq_matching", "match by Call-ID and CSeq only");
        let fr = int("fr_timer", "no final reply, or no ACK: timeout, ms");
        let fr_inv = int("fr_inv_timer", "no final reply after a provisional one, ms");
        setup
            .cfg
            .int("tm", "fr_inv_timer_next", 30_000, None, "not used");
        let wait = int("wt_timer", "how long a finished transaction is kept, ms");
        let retr_t1 = int("retr_timer1", "first retransmission interval, ms");
        let retr_t2 = int("retr_timer2", "largest retransmission interval, ms");
        let max_inv_lifetime = int("max_inv_lifetime", "longest life of an INVITE, ms");
        let max_noninv_lifetime = int("max_noninv_lifetime", "longest life of others, ms");
        flag("noisy_ctimer", "not used");
        let auto_inv_100 = flag("auto_inv_100", "send 100 on INVITE");
        int("unix_tx_timeout", "not used");
        let restart_fr = flag(
            "restart_fr_on_each_reply",
            "each reply restarts fr_inv_timer",
        );
        flag("pass_provisional_replies", "not used");
        let aggregate_challenges = flag("aggregate_challenges", "join the challenges of a fork");
        let unmatched_cancel = range("unmatched_cancel", 0, 2, "relay unmatched CANCELs");
        range("default_code", 400, 699, "status when none fits");
        flag("reparse_invite", "not used");
        flag("blst_503", "not used");
        for name in [
            "blst_503_def_timeout",
            "blst_503_min_timeout",
            "blst_503_max_timeout",
            "blst_methods_add",
            "blst_methods_lookup",
        ] {
            int(name, "not used");
        }
        let cancel_b_method = range("cancel_b_method", 0, 2, "cancel before any reply");
        flag("reparse_on_dns_failover", "not used");
        let disable_6xx = flag("disable_6xx_block", "6xx as any other failure");
        range("local_ack_mode", 0, 2, "not used");
        let local_cancel_reason = flag("local_cancel_reason", "Reason in our own CANCELs");
        let e2e_cancel_reason = flag("e2e_cancel_reason", "copy the Reason of a CANCEL");
        let relay_100 = flag("relay_100", "forward 100 replies");
        flag("enable_uac_fr", "not used");
        Ok(Self {
            fr,
            fr_inv,
            wait,
            retr_t1,
            retr_t2,
            max_inv_lifetime,
            max_noninv_lifetime,
            auto_inv_100,
            auto_inv_100_reason,
            ruri_matching,
            via1_matching,
            callid_matching,
            callid_cseq_matching,
            unmatched_cancel,
            aggregate_challenges,
            local_cancel_reason,
            e2e_cancel_reason,
            restart_fr,
            cancel_b_method,
            disable_6xx,
            relay_100,
            faked_reply_prio: params.int("faked_reply_prio"),
            failure_reply_mode: params.int("failure_reply_mode"),
            remap_503_500: params.int("remap_503_500") != 0,
            extra_headers: extra_headers(&params.text("ac_extra_hdrs").unwrap_or_default()),
        })
    }

    /// The configured intervals.
    pub(crate) fn timing(&self, is_invite: bool) -> Timing {
        let lifetime = if is_invite {
            &self.max_inv_lifetime
        } else {
            &self.max_noninv_lifetime
        };
        Timing {
            fr: millis(&self.fr),
            fr_inv: millis(&self.fr_inv),
            retr_t1: millis(&self.retr_t1),
            retr_t2: millis(&self.retr_t2),
            wait: millis(&self.wait),
            max_lifetime: millis(lifetime),
        }
    }

    /// The configured rules.
    pub(crate) fn rules(&self) -> Rules {
        Rules {
            cancel_mode: match self.cancel_b_method.get() {
                0 => CancelMode::FakeReply,
                2 => CancelMode::SendAnyway,
                _ => CancelMode::WaitForProvisional,
            },
            restart_fr: if self.restart_fr.get() == 0 {
                RestartFr::IncreasingReply
            } else {
                RestartFr::EachReply
            },
            disable_6xx_block: self.disable_6xx.get() != 0,
            relay_100: self.relay_100.get() != 0,
            faked_reply_prio: i32::try_from(self.faked_reply_prio).unwrap_or(0),
        }
    }
}

fn millis(var: &CfgInt) -> u32 {
    u32::try_from(var.get().max(0)).unwrap_or(u32::MAX)
}

/// The name prefixes in `ac_extra_hdrs`, separated by `;` or white space.
fn extra_headers(text: &Bytes) -> Vec<Bytes> {
    text.split(|c| matches!(c, b';' | b' ' | b','))
        .filter(|name| !name.is_empty())
        .map(|name| text.slice_ref(name))
        .collect()
}
