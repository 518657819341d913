//! The parameters of registrar as values.

use std::sync::Arc;

use bytes::Bytes;
use engine::Context;
use engine::cfg_vars::{CfgInt, CfgText};
use engine::core::Setup;
use engine::module::InitError;
use engine::statistics::Counter;
use engine::variable::Readable;

use super::aor::{self, AorRules};
use super::error::Refusal;
use crate::sl::api::Sl;
use crate::usrloc::api::Usrloc;

/// The state of the module.
pub(super) struct Registrar {
    /// Sends the replies.
    pub(super) sl: Arc<Sl>,
    /// The tables.
    pub(super) usrloc: Arc<Usrloc>,
    /// Values that can change while the server runs.
    pub(super) live: Live,
    /// `received_avp`.
    pub(super) received_avp: Option<Readable>,
    /// `received_param`; empty adds none.
    pub(super) received_param: Bytes,
    /// `method_filtering`.
    pub(super) method_filtering: bool,
    /// `use_path` and what goes with it.
    pub(super) path: PathRules,
    /// `gruu_enabled`.
    pub(super) gruu: bool,
    /// `outbound_mode`.
    pub(super) outbound: Outbound,
    /// `flow_timer`; 0: none.
    pub(super) flow_timer: i64,
    /// `min_expires_mode`: refuse what is too short.
    pub(super) refuse_brief: bool,
    /// `contact_max_size`.
    pub(super) contact_max_size: usize,
    /// `sock_hdr_name`, if `sock_flag` is set too.
    pub(super) socket_header: Option<(Bytes, u32)>,
    /// `xavp_cfg`.
    pub(super) xavp_cfg: Option<Bytes>,
    /// `xavp_rcd`.
    pub(super) xavp_rcd: Option<Bytes>,
    /// `xavp_rcd_mask`.
    pub(super) xavp_rcd_mask: i64,
    /// `lookup_filter_mode`.
    pub(super) lookup_filter_mode: i64,
    /// Registrations taken.
    pub(super) accepted: Counter,
    /// Registrations refused.
    pub(super) rejected: Counter,
}

/// Values that `cfg.set` RPCs change.
pub(super) struct Live {
    pub(super) realm_prefix: CfgText,
    pub(super) default_expires: CfgInt,
    pub(super) default_expires_range: CfgInt,
    pub(super) expires_range: CfgInt,
    pub(super) min_expires: CfgInt,
    pub(super) max_expires: CfgInt,
    pub(super) max_contacts: CfgInt,
    pub(super) retry_after: CfgInt,
    pub(super) case_sensitive: CfgInt,
    pub(super) default_q: CfgInt,
    pub(super) append_branches: CfgInt,
    pub(super) use_expired_contacts: CfgInt,
}

/// How Path headers are treated.
#[derive(Clone, Copy, Debug)]
pub(super) struct PathRules {
    /// `use_path`.
    pub(super) enabled: bool,
    /// `path_mode`.
    pub(super) mode: PathMode,
    /// `path_use_received`.
    pub(super) use_received: bool,
    /// `path_check_local`.
    pub(super) check_local: bool,
}

/// `path_mode`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum PathMode {
    /// 0: stored, not given back.
    Off,
    /// 1: given back to clients that know Path.
    Lazy,
    /// 2: refused from clients that do not know Path.
    Strict,
}

/// `outbound_mode` (RFC 5626).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Outbound {
    /// 0: not supported.
    Off,
    /// 1: supported.
    Supported,
    /// 2: demanded.
    Required,
}

impl Registrar {
    pub(super) fn new(setup: &mut Setup<'_>) -> Result<Self, InitError> {
        let usrloc = setup.require::<Usrloc>("usrloc")?;
        let sl = setup.require::<Sl>("sl")?;
        let received_avp = setup.variable_param("received_avp")?;
        let live = Live::declare(setup);
        let params = setup.params;
        let flag = params.int("sock_flag");
        let socket_header = params
            .text("sock_hdr_name")
            .filter(|name| !name.is_empty() && (0..32).contains(&flag))
            .map(|name| (name, 1u32 << flag));
        let text = |name| params.text(name).filter(|t| !t.is_empty());
        let (outbound, flow_timer) = outbound(setup)?;
        let this = Self {
            sl,
            usrloc,
            received_avp,
            received_param: params.text("received_param").unwrap_or_default(),
            method_filtering: params.int("method_filtering") != 0,
            path: PathRules {
                enabled: params.int("use_path") != 0,
                mode: match params.int("path_mode") {
                    0 => PathMode::Off,
                    1 => PathMode::Lazy,
                    _ => PathMode::Strict,
                },
                use_received: params.int("path_use_received") != 0,
                check_local: params.int("path_check_local") != 0,
            },
            gruu: params.int("gruu_enabled") != 0,
            outbound,
            flow_timer,
            refuse_brief: params.int("min_expires_mode") != 0,
            contact_max_size: usize::try_from(params.int("contact_max_size")).unwrap_or(0),
            socket_header,
            xavp_cfg: text("xavp_cfg"),
            xavp_rcd: text("xavp_rcd"),
            xavp_rcd_mask: params.int("xavp_rcd_mask"),
            lookup_filter_mode: params.int("lookup_filter_mode"),
            accepted: setup.statistics.counter("registrar", "accepted_regs"),
            rejected: setup.statistics.counter("registrar", "rejected_regs"),
            live,
        };
        this.live.show(setup);
        Ok(this)
    }

    /// The address of record of a URI.
    pub(super) fn aor(&self, uri: &[u8]) -> Result<Vec<u8>, Refusal> {
        let prefix = self.live.realm_prefix.get();
        let rules = AorRules {
            use_domain: self.usrloc.options.use_domain,
            case_sensitive: self.live.case_sensitive.get() != 0,
            realm_prefix: &prefix,
        };
        aor::extract(uri, &rules)
    }

    /// A table of the configuration.
    pub(super) fn table(&self, cx: &Context, name: &[u8]) -> Arc<crate::usrloc::api::Table> {
        self.usrloc.domain(name, &cx.core.statistics)
    }
}

fn outbound(setup: &Setup<'_>) -> Result<(Outbound, i64), InitError> {
    let mode = match setup.params.int("outbound_mode") {
        0 => Outbound::Off,
        1 => Outbound::Supported,
        2 => Outbound::Required,
        n => {
            let message = format!("outbound_mode {n} is not 0, 1 or 2");
            return Err(InitError::of_param("outbound_mode", message));
        }
    };
    let timer = setup.params.int("flow_timer");
    if timer < 0 || (timer > 0 && mode == Outbound::Off) {
        let message = "flow_timer needs outbound_mode 1 or 2";
        return Err(InitError::of_param("flow_timer", message));
    }
    Ok((mode, timer))
}

impl Live {
    fn declare(setup: &Setup<'_>) -> Self {
        let int = |name: &str, range, doc: &str| {
            let value = setup.params.int(name);
            setup.cfg.int("registrar", name, value, range, doc)
        };
        let percent = Some((0, 100));
        Self {
            realm_prefix: setup.cfg.text(
                "registrar",
                "realm_pref",
                setup.params.text("realm_prefix").unwrap_or_default(),
                "prefix taken off the domain of an address of record",
            ),
            default_expires: int("default_expires", None, "lifetime when none is asked for"),
            default_expires_range: int(
                "default_expires_range",
                percent,
                "percentage by which default_expires is shortened by chance",
            ),
            expires_range: int(
                "expires_range",
                percent,
                "percentage by which a lifetime is shortened by chance",
            ),
            min_expires: int("min_expires", None, "shortest lifetime; 0: none"),
            max_expires: int("max_expires", None, "longest lifetime; 0: none"),
            max_contacts: int("max_contacts", None, "most contacts of an AoR; 0: no limit"),
            retry_after: int("retry_after", None, "Retry-After in 5xx replies; 0: none"),
            case_sensitive: int("case_sensitive", None, "keep the case of an AoR"),
            default_q: int(
                "default_q",
                Some((-1, 1000)),
                "q in thousandths when none is given; -1: none",
            ),
            append_branches: int(
                "append_branches",
                None,
                "lookup makes branches of the contacts after the first",
            ),
            use_expired_contacts: int(
                "use_expired_contacts",
                None,
                "lookup takes expired contacts too",
            ),
        }
    }

    /// Registers the statistics that show parameters.
    fn show(&self, setup: &Setup<'_>) {
        for (name, value) in [
            ("max_expires", &self.max_expires),
            ("max_contacts", &self.max_contacts),
            ("default_expire", &self.default_expires),
            ("default_expires_range", &self.default_expires_range),
            ("expires_range", &self.expires_range),
        ] {
            let value = value.clone();
            setup
                .statistics
                .function("registrar", name, move || value.get());
        }
    }
}
