//! Script functions.

use std::net::IpAddr;

use engine::arguments::Args;
use engine::context::Context;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, Routes, TRUE};

use super::api::Pike;
use super::tree::Mark;

/// All functions.
pub(super) static TABLE: &[Function] = &[
    Function::new(
        "pike_check_ip",
        &[Arg::text("ipaddr")],
        1,
        Routes::REQUEST.and(Routes::ONREPLY),
        check_ip,
        "As pike_check_req, for the address in the parameter.",
    ),
    Function::new(
        "pike_check_req",
        &[],
        0,
        Routes::REQUEST.and(Routes::ONREPLY),
        check_request,
        "Counts a request of its source address: 1 it may pass, -2 it is over the limit from \
              now on, -1 it was before.",
    ),
];

/// The code for the request that goes over the limit.
const TURNED_RED: Outcome = Outcome::Return(-2);

fn check_request(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let source = cx.received.source.ip();
    check(cx, args.state(), source)
}

fn check_ip(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    let address = std::str::from_utf8(&text)
        .ok()
        .and_then(engine::net::parse_address);
    let Some(address) = address else {
        let shown = String::from_utf8_lossy(&text).into_owned();
        cx.log_bytes(
            Level::Error,
            None,
            "pike",
            format!("pike_check_ip: `{shown}` is no address").as_bytes(),
        );
        return FALSE;
    };
    check(cx, args.state(), address)
}

fn check(cx: &mut Context, pike: &Pike, address: IpAddr) -> Outcome {
    match pike.tree.mark(address, pike.now()) {
        Mark::Fine => TRUE,
        Mark::Red => FALSE,
        Mark::TurnedRed(node) => {
            pike.blocked.increment();
            pike.log(
                &cx.core,
                &format!("PIKE - BLOCKing ip {address}, node={node}"),
            );
            TURNED_RED
        }
    }
}
