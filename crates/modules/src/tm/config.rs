//! The module's parameters: run-time variables of group `tm`, and what is fixed at load.

use crate::tm::appends::{self, Append};
use bytes::Bytes;
use engine::cfg_vars::{CfgInt, CfgText};
use engine::core::Setup;
use engine::module::{Apply, InitError};
use engine::reload::Change;
use engine::variable::Readable;
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
    pub(crate) enable_uac_fr: CfgInt,
    /// `failure_exec_mode`: a branch that cannot be sent is left to its timer.
    pub(crate) failure_exec_mode: bool,
    pub(crate) reparse_on_dns_failover: CfgInt,
    /// `dns_reuse_rcv_socket`.
    pub(crate) dns_reuse_rcv_socket: bool,
    /// `failure_reply_mode`.
    pub(crate) failure_reply_mode: i64,
    /// Names of the XAVPs `contacts_avp` and `contact_flows_avp`.
    pub(crate) contacts: Option<(Bytes, Bytes)>,
    /// `xavp_contact`.
    pub(crate) attributes: Option<Bytes>,
    /// `fr_timer_avp`.
    pub(crate) fr_avp: Option<Readable>,
    /// `fr_inv_timer_avp`.
    pub(crate) fr_inv_avp: Option<Readable>,
    /// `on_sl_reply`: the name of a reply route.
    pub(crate) on_sl_reply: Option<String>,
    /// `rich_redirect`.
    pub(crate) rich_redirect: i64,
    /// `local_ack_mode`.
    pub(crate) local_ack_mode: CfgInt,
    /// `remap_503_500`.
    pub(crate) remap_503_500: bool,
    /// `unix_tx_timeout`, milliseconds.
    pub(crate) unix_tx_timeout: CfgInt,
    /// `tw_append`.
    pub(crate) appends: Vec<Append>,
    /// `ac_extra_hdrs`: what the names of further headers for ACK and CANCEL start with.
    pub(crate) extra_headers: Vec<Bytes>,
}

/// What a run-time variable holds.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Int,
    Range(i64, i64),
}

const FLAG: Kind = Kind::Range(0, 1);

/// Every run-time variable, in the order in which Kamailio lists them.
const VARIABLES: &[(&str, Kind, &str)] = &[
    (
        "auto_inv_100_reason",
        Kind::Text,
        "reason phrase of that 100",
    ),
    ("default_reason", Kind::Text, "reason when none fits"),
    (
        "ac_extra_hdrs",
        Kind::Text,
        "further headers for ACK and CANCEL",
    ),
    ("ruri_matching", FLAG, "compare request URIs (RFC 2543)"),
    ("via1_matching", FLAG, "compare topmost Vias (RFC 2543)"),
    ("callid_matching", FLAG, "compare Call-IDs too"),
    (
        "callid_cseq_matching",
        FLAG,
        "compare the Call-IDs of replies",
    ),
    (
        "fr_timer",
        Kind::Int,
        "no final reply, or no ACK: timeout, ms",
    ),
    (
        "fr_inv_timer",
        Kind::Int,
        "no final reply after a provisional one, ms",
    ),
    ("fr_inv_timer_next", Kind::Int, "not used"),
    (
        "wt_timer",
        Kind::Int,
        "how long a finished transaction is kept, ms",
    ),
    (
        "retr_timer1",
        Kind::Int,
        "first retransmission interval, ms",
    ),
    (
        "retr_timer2",
        Kind::Int,
        "largest retransmission interval, ms",
    ),
    (
        "max_inv_lifetime",
        Kind::Int,
        "longest life of an INVITE, ms",
    ),
    (
        "max_noninv_lifetime",
        Kind::Int,
        "longest life of others, ms",
    ),
    ("noisy_ctimer", FLAG, "not used"),
    ("auto_inv_100", FLAG, "send 100 on INVITE"),
    (
        "unix_tx_timeout",
        Kind::Int,
        "longest wait for a reader of t_write_unix, ms",
    ),
    (
        "restart_fr_on_each_reply",
        FLAG,
        "each reply restarts fr_inv_timer",
    ),
    ("pass_provisional_replies", FLAG, "not used"),
    (
        "aggregate_challenges",
        FLAG,
        "join the challenges of a fork",
    ),
    (
        "unmatched_cancel",
        Kind::Range(0, 2),
        "relay unmatched CANCELs",
    ),
    (
        "default_code",
        Kind::Range(400, 699),
        "status when none fits",
    ),
    ("reparse_invite", FLAG, "not used"),
    ("blst_503", FLAG, "not used"),
    ("blst_503_def_timeout", Kind::Int, "not used"),
    ("blst_503_min_timeout", Kind::Int, "not used"),
    ("blst_503_max_timeout", Kind::Int, "not used"),
    ("blst_methods_add", Kind::Int, "not used"),
    ("blst_methods_lookup", Kind::Int, "not used"),
    (
        "cancel_b_method",
        Kind::Range(0, 2),
        "cancel before any reply",
    ),
    (
        "reparse_on_dns_failover",
        FLAG,
        "what was sent goes to the next address, with another Via",
    ),
    ("disable_6xx_block", FLAG, "6xx as any other failure"),
    (
        "local_ack_mode",
        Kind::Range(0, 2),
        "where the ACK of our own INVITE goes",
    ),
    ("local_cancel_reason", FLAG, "Reason in our own CANCELs"),
    ("e2e_cancel_reason", FLAG, "copy the Reason of a CANCEL"),
    ("relay_100", FLAG, "forward 100 replies"),
    (
        "enable_uac_fr",
        FLAG,
        "owners of local requests hear of failures",
    ),
];

/// Default of `fr_inv_timer_next`, which is a variable without being a parameter.
const FR_INV_TIMER_NEXT: i64 = 30_000;

/// Declares every run-time variable with the parameter's value.
fn declare(setup: &Setup<'_>) {
    for (name, kind, help) in VARIABLES {
        let int = || match *name {
            "fr_inv_timer_next" => FR_INV_TIMER_NEXT,
            name => setup.params.int(name),
        };
        match *kind {
            Kind::Text => {
                let value = setup.params.text(name).unwrap_or_default();
                setup.cfg.text("tm", name, value, help);
            }
            Kind::Int => {
                setup.cfg.int("tm", name, int(), None, help);
            }
            Kind::Range(low, high) => {
                setup.cfg.int("tm", name, int(), Some((low, high)), help);
            }
        }
    }
}

/// Times of the transaction, which cannot be negative.
const TIMES: [&str; 5] = [
    "fr_timer",
    "fr_inv_timer",
    "retr_timer1",
    "retr_timer2",
    "wt_timer",
];

/// Takes parameters that are run-time values; the headers of `ac_extra_hdrs` are read once.
pub(super) fn reconfigure(change: &Change<'_>) -> Result<Apply, Vec<&'static str>> {
    let is_unfit = |name: &&'static str| {
        *name == "ac_extra_hdrs" || (TIMES.contains(name) && change.params.int(name) < 0)
    };
    let unfit: Vec<&'static str> = change.changed.iter().copied().filter(is_unfit).collect();
    if unfit.is_empty() {
        change.values_of("tm")
    } else {
        Err(unfit)
    }
}

impl Config {
    pub(crate) fn read(setup: &mut Setup<'_>) -> Result<Self, InitError> {
        let fr_avp = setup.variable_param("fr_timer_avp")?;
        let fr_inv_avp = setup.variable_param("fr_inv_timer_avp")?;
        let setup = &*setup;
        let params = setup.params;
        for name in TIMES {
            if params.int(name) < 0 {
                return Err(InitError::of_param(name, "a time cannot be negative"));
            }
        }
        declare(setup);
        // A second declaration gives the variable that exists.
        let int = |name| setup.cfg.int("tm", name, 0, None, "");
        let text = |name| setup.cfg.text("tm", name, Bytes::new(), "");
        Ok(Self {
            fr: int("fr_timer"),
            fr_inv: int("fr_inv_timer"),
            wait: int("wt_timer"),
            retr_t1: int("retr_timer1"),
            retr_t2: int("retr_timer2"),
            max_inv_lifetime: int("max_inv_lifetime"),
            max_noninv_lifetime: int("max_noninv_lifetime"),
            auto_inv_100: int("auto_inv_100"),
            auto_inv_100_reason: text("auto_inv_100_reason"),
            ruri_matching: int("ruri_matching"),
            via1_matching: int("via1_matching"),
            callid_matching: int("callid_matching"),
            callid_cseq_matching: int("callid_cseq_matching"),
            unmatched_cancel: int("unmatched_cancel"),
            aggregate_challenges: int("aggregate_challenges"),
            local_cancel_reason: int("local_cancel_reason"),
            e2e_cancel_reason: int("e2e_cancel_reason"),
            restart_fr: int("restart_fr_on_each_reply"),
            cancel_b_method: int("cancel_b_method"),
            disable_6xx: int("disable_6xx_block"),
            relay_100: int("relay_100"),
            enable_uac_fr: int("enable_uac_fr"),
            reparse_on_dns_failover: int("reparse_on_dns_failover"),
            dns_reuse_rcv_socket: params.int("dns_reuse_rcv_socket") != 0,
            faked_reply_prio: params.int("faked_reply_prio"),
            failure_exec_mode: params.int("failure_exec_mode") != 0,
            failure_reply_mode: params.int("failure_reply_mode"),
            contacts: params
                .text("contacts_avp")
                .zip(params.text("contact_flows_avp")),
            attributes: params.text("xavp_contact"),
            fr_avp,
            fr_inv_avp,
            on_sl_reply: params
                .text("on_sl_reply")
                .map(|name| String::from_utf8_lossy(&name).into_owned()),
            rich_redirect: params.int("rich_redirect"),
            local_ack_mode: int("local_ack_mode"),
            remap_503_500: params.int("remap_503_500") != 0,
            unix_tx_timeout: int("unix_tx_timeout"),
            appends: appends::read(setup)?,
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
