//! Script functions of rr.

use engine::Context;
use engine::arguments::{Args, Fixed};
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, Routes, TRUE};

use super::api::{self, Direction, Rr};
use super::loose::{self, RouteError, Routed};
use super::record::{self, RecordError, TAG};
use super::state::MessageState;

const REQUEST: Routes = Routes::REQUEST;
const OUTGOING: Routes = Routes::REQUEST.and(Routes::FAILURE).and(Routes::BRANCH);

const PARAMS: &[Arg] = &[Arg::text("params")];
const PRESET: &[Arg] = &[Arg::text("outbound"), Arg::text("inbound")];

/// All functions.
pub(super) static TABLE: &[Function] = &[
    Function::new(
        "record_route",
        PARAMS,
        0,
        OUTGOING,
        record_route,
        "Adds Record-Route, twice if the request leaves by another socket than it came in by.",
    )
    .constant(),
    Function::new(
        "record_route_preset",
        PRESET,
        1,
        OUTGOING,
        record_route_preset,
        "Adds Record-Route with the given addresses.",
    )
    .constant(),
    Function::new(
        "record_route_advertised_address",
        &[Arg::text("address")],
        1,
        OUTGOING,
        record_route_advertised,
        "Adds Record-Route with the given address, twice if the transport changes.",
    )
    .constant(),
    Function::new(
        "add_rr_param",
        PARAMS,
        1,
        OUTGOING,
        add_rr_param,
        "Adds a parameter to the Record-Route that is there or comes.",
    )
    .constant(),
    Function::new(
        "remove_record_route",
        &[],
        0,
        Routes::REQUEST.and(Routes::FAILURE),
        remove_record_route,
        "Takes back what record_route and its kin added.",
    ),
    Function::new(
        "loose_route",
        &[],
        0,
        REQUEST,
        loose_route,
        "Works off our own Route headers and sets the next hop. -1: no route; -3: only ours, in an initial request.",
    ),
    Function::new(
        "loose_route_mode",
        &[Arg::int("mode")],
        1,
        REQUEST,
        loose_route_mode,
        "As loose_route; mode 1 does not look for strict routers before us.",
    ),
    Function::new(
        "loose_route_preloaded",
        &[],
        0,
        REQUEST,
        loose_route_preloaded,
        "As loose_route, but true only for an initial request whose only Routes were ours.",
    ),
    Function::new(
        "check_route_param",
        &[Arg::regex("regex")],
        1,
        REQUEST,
        check_route_param,
        "Whether the parameters of our own Route match.",
    ),
    Function::new(
        "is_direction",
        &[Arg::text("direction")],
        1,
        REQUEST,
        is_direction,
        "Whether an in-dialog request goes downstream (from the caller) or upstream.",
    )
    .constant(),
    Function::new(
        "rr_next_hop_route",
        &[],
        0,
        Routes::ANY,
        next_hop_route,
        "Whether, after loose_route, a further Route header decides the next hop.",
    ),
];

fn recorded(cx: &mut Context, result: Result<(), RecordError>) -> Outcome {
    match result {
        Ok(()) => TRUE,
        Err(error) => {
            cx.log(Level::Error, &format!("no Record-Route added: {error}"));
            FALSE
        }
    }
}

fn record_route(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let params = args.text(cx, 0);
    let result = record::record(args.state::<Rr>(), cx, &params);
    recorded(cx, result)
}

fn record_route_preset(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let outbound = args.text(cx, 0);
    let inbound = (args.len() > 1).then(|| args.text(cx, 1));
    let result = record::preset(args.state::<Rr>(), cx, &outbound, inbound.as_deref());
    recorded(cx, result)
}

fn record_route_advertised(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let address = args.text(cx, 0);
    let result = record::advertised(args.state::<Rr>(), cx, &address);
    recorded(cx, result)
}

fn add_rr_param(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let params = args.text(cx, 0);
    record::add_param(cx, &params);
    TRUE
}

fn remove_record_route(cx: &mut Context, _: &Args<'_>) -> Outcome {
    cx.edits.remove_tag(TAG);
    TRUE
}

fn routed(cx: &mut Context, args: &Args<'_>, strict: bool) -> Result<Routed, RouteError> {
    let result = loose::route(args.state::<Rr>(), cx, strict);
    if let Err(error @ (RouteError::Header(_) | RouteError::Uri(_))) = result {
        cx.log(Level::Error, &format!("no loose routing: {error}"));
    }
    result
}

fn code(result: Result<Routed, RouteError>) -> Outcome {
    match result {
        Ok(Routed::Done) => TRUE,
        Ok(Routed::Preloaded) => Outcome::Return(-3),
        Err(_) => FALSE,
    }
}

fn loose_route(cx: &mut Context, args: &Args<'_>) -> Outcome {
    code(routed(cx, args, true))
}

fn loose_route_mode(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let strict = args.int(cx, 0).unwrap_or(0) == 0;
    code(routed(cx, args, strict))
}

fn loose_route_preloaded(cx: &mut Context, args: &Args<'_>) -> Outcome {
    match routed(cx, args, true) {
        Ok(Routed::Preloaded) => TRUE,
        _ => FALSE,
    }
}

fn check_route_param(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let params = api::route_params(cx);
    match args.fixed(0) {
        Some(Fixed::Regex(regex, _)) if !params.is_empty() && regex.is_match(&params) => TRUE,
        _ => FALSE,
    }
}

fn is_direction(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let asked = args.text(cx, 0);
    let wanted = if asked.eq_ignore_ascii_case(b"downstream") {
        Direction::Downstream
    } else if asked.eq_ignore_ascii_case(b"upstream") {
        Direction::Upstream
    } else {
        cx.log(Level::Error, "is_direction knows downstream and upstream");
        return FALSE;
    };
    if api::direction(cx) == wanted {
        TRUE
    } else {
        FALSE
    }
}

fn next_hop_route(cx: &mut Context, _: &Args<'_>) -> Outcome {
    match cx.extensions.get::<MessageState>() {
        Some(state) if state.next_hop => TRUE,
        _ => FALSE,
    }
}
