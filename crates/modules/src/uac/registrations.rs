//! Remote registrations, of which there are none: they live in a database, and none can be
//! configured. What looks for one fails, as in Kamailio without `reg_db_url`. Its RPC methods
//! `uac.reg_*` do not exist then, there as here.

use engine::Context;
use engine::arguments::Args;
use engine::module::{Arg, FALSE, Function, Outcome, Routes, Status};

const fn row(name: &'static str, args: &'static [Arg], routes: Routes) -> Function {
    Function::new(
        name,
        args,
        args.len(),
        routes,
        nothing,
        "Looks for a remote registration: there are none without a database, so it always fails.",
    )
    .with(Status::Partial)
}

const LOOKUP: &[Arg] = &[Arg::text("uuid"), Arg::variable("dst")];
const LOOKUP_URI: &[Arg] = &[Arg::text("uri"), Arg::variable("dst")];
const SWITCH: &[Arg] = &[Arg::text("attr"), Arg::text("val")];
const ONE: &[Arg] = &[Arg::text("uuid")];
const REQUEST_TO: &[Arg] = &[Arg::text("user"), Arg::int("mode")];

pub(super) const UAC_REG_LOOKUP: Function = row("uac_reg_lookup", LOOKUP, Routes::ANY);
pub(super) const UAC_REG_LOOKUP_URI: Function = row("uac_reg_lookup_uri", LOOKUP_URI, Routes::ANY);
pub(super) const UAC_REG_STATUS: Function = row("uac_reg_status", ONE, Routes::ANY);
pub(super) const UAC_REG_ENABLE: Function = row("uac_reg_enable", SWITCH, Routes::ANY);
pub(super) const UAC_REG_DISABLE: Function = row("uac_reg_disable", SWITCH, Routes::ANY);
pub(super) const UAC_REG_REFRESH: Function = row("uac_reg_refresh", ONE, Routes::ANY);
pub(super) const UAC_REG_REQUEST_TO: Function = row(
    "uac_reg_request_to",
    REQUEST_TO,
    Routes::REQUEST.and(Routes::FAILURE).and(Routes::BRANCH),
);

fn nothing(_: &mut Context, _: &Args<'_>) -> Outcome {
    FALSE
}
