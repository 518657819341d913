//! The script functions.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use engine::Context;
use engine::arguments::Args;
use engine::context::RunKind;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, Routes, TRUE};
use script::ast::BlockKind;
use script::host::RouteId;

use crate::r#async::variables::Task;
use crate::r#async::{Async, DEFAULT_GROUP};

const REQUEST_FAILURE: Routes = Routes::REQUEST.and(Routes::FAILURE);

/// The longest time in seconds.
const MAX_SECONDS: i64 = 100;

/// The longest time in milliseconds.
const MAX_MILLISECONDS: i64 = 30_000;

/// Every function of the module.
pub(super) static TABLE: &[Function] = &[
    Function::new(
        "async_route",
        &[Arg::text("route"), Arg::int("seconds")],
        2,
        REQUEST_FAILURE,
        |cx, args| later(cx, args, Unit::Seconds),
        "Suspends the request; a route goes on with it after some seconds.",
    )
    .constant(),
    Function::new(
        "async_ms_route",
        &[Arg::text("route"), Arg::int("milliseconds")],
        2,
        REQUEST_FAILURE,
        |cx, args| later(cx, args, Unit::Milliseconds),
        "As async_route, in milliseconds.",
    )
    .constant(),
    Function::new(
        "async_sleep",
        &[Arg::int("seconds")],
        1,
        REQUEST_FAILURE,
        |cx, args| sleep(cx, args, Unit::Seconds),
        "Suspends the request; the next statement goes on with it after some seconds.",
    )
    .constant(),
    Function::new(
        "async_ms_sleep",
        &[Arg::int("milliseconds")],
        1,
        REQUEST_FAILURE,
        |cx, args| sleep(cx, args, Unit::Milliseconds),
        "As async_sleep, in milliseconds.",
    )
    .constant(),
    Function::new(
        "async_task_route",
        &[Arg::text("route")],
        1,
        REQUEST_FAILURE,
        task_route,
        "Suspends the request; a route goes on with it at once, elsewhere.",
    )
    .constant(),
    Function::new(
        "async_task_group_route",
        &[Arg::text("route"), Arg::text("group")],
        2,
        REQUEST_FAILURE,
        task_group_route,
        "As async_task_route, in a group of workers.",
    )
    .constant(),
    Function::anywhere(
        "async_task_data",
        &[Arg::text("route"), Arg::text("data")],
        2,
        task_data,
        "Runs a route elsewhere, on a request of its own, with some data.",
    )
    .constant(),
    Function::anywhere(
        "async_task_group_data",
        &[Arg::text("route"), Arg::text("group"), Arg::text("data")],
        3,
        task_group_data,
        "As async_task_data, in a group of workers.",
    )
    .constant(),
];

#[derive(Clone, Copy)]
enum Unit {
    Seconds,
    Milliseconds,
}

/// The time in an argument; `None` when it is beyond its limit or not served.
fn time(cx: &mut Context, args: &Args<'_>, index: usize, unit: Unit) -> Option<Duration> {
    let (max, factor) = match unit {
        Unit::Seconds => (MAX_SECONDS, 1000),
        Unit::Milliseconds => (MAX_MILLISECONDS, 1),
    };
    if matches!(unit, Unit::Milliseconds) && !args.state::<Async>().has_milliseconds {
        cx.log(Level::Error, "async: parameter ms_timer is not set");
        return None;
    }
    let given = args.int(cx, index).filter(|n| (0..=max).contains(n));
    let Some(given) = given else {
        cx.log(Level::Error, "async: the time is beyond its limit");
        return None;
    };
    u64::try_from(given * factor)
        .ok()
        .map(Duration::from_millis)
}

/// The route in the first argument.
fn route(cx: &mut Context, args: &Args<'_>) -> Option<RouteId> {
    let name = args.text(cx, 0);
    let found = std::str::from_utf8(&name)
        .ok()
        .and_then(|name| cx.program.find(BlockKind::Route, name));
    if found.is_none() {
        let shown = String::from_utf8_lossy(&name);
        cx.log(Level::Error, &format!("async: there is no route [{shown}]"));
    }
    found
}

fn later(cx: &mut Context, args: &Args<'_>, unit: Unit) -> Outcome {
    match (route(cx, args), time(cx, args, 1, unit)) {
        (Some(route), Some(time)) => suspend(cx, args, route, Some(time)),
        _ => FALSE,
    }
}

/// Suspends the request and has a route go on with it, after some time if one is given.
fn suspend(cx: &mut Context, args: &Args<'_>, route: RouteId, time: Option<Duration>) -> Outcome {
    let state = args.state::<Async>();
    let handle = match state.tm.suspend(cx) {
        Ok(handle) => handle,
        Err(error) => {
            cx.log(Level::Error, &format!("async: not suspended: {error}"));
            return FALSE;
        }
    };
    let core = Arc::clone(&cx.core);
    let tm = Arc::clone(&state.tm);
    let sleep = time.map(|time| core.services.spawner.sleep(time));
    cx.core.services.spawner.spawn(Box::pin(async move {
        if let Some(sleep) = sleep {
            sleep.await;
        }
        // The caller may have hung up meanwhile.
        let _ = tm.resume_request(&core, handle, route);
    }));
    Outcome::Return(state.code)
}

fn sleep(cx: &mut Context, args: &Args<'_>, unit: Unit) -> Outcome {
    let Some(time) = time(cx, args, 0, unit) else {
        return FALSE;
    };
    let tm = Arc::clone(&args.state::<Async>().tm);
    if let Err(error) = tm.suspend(cx) {
        cx.log(Level::Error, &format!("async: not suspended: {error}"));
        return FALSE;
    }
    let sleep = cx.core.services.spawner.sleep(time);
    Outcome::Wait(Box::pin(async move {
        sleep.await;
        Box::new(move |cx: &mut Context| match tm.resume_here(cx) {
            true => TRUE,
            // The caller has hung up meanwhile: the script ends.
            false => Outcome::Return(0),
        }) as _
    }))
}

fn task_route(cx: &mut Context, args: &Args<'_>) -> Outcome {
    match route(cx, args) {
        Some(route) => suspend(cx, args, route, None),
        None => FALSE,
    }
}

/// The group in an argument, if it exists.
fn group(cx: &mut Context, args: &Args<'_>, index: usize) -> Option<Bytes> {
    let group = args.text(cx, index);
    let groups = &args.state::<Async>().groups;
    if groups.iter().any(|name| name.as_bytes() == group) {
        return Some(group);
    }
    let shown = String::from_utf8_lossy(&group);
    cx.log(Level::Error, &format!("async: there is no group {shown}"));
    None
}

fn task_group_route(cx: &mut Context, args: &Args<'_>) -> Outcome {
    match group(cx, args, 1) {
        Some(_) => task_route(cx, args),
        None => FALSE,
    }
}

fn task_data(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let data = args.text(cx, 1);
    run_task(cx, args, data, Bytes::from_static(DEFAULT_GROUP.as_bytes()))
}

fn task_group_data(cx: &mut Context, args: &Args<'_>) -> Outcome {
    match group(cx, args, 1) {
        Some(group) => {
            let data = args.text(cx, 2);
            run_task(cx, args, data, group)
        }
        None => FALSE,
    }
}

/// Runs a route elsewhere on a request that nobody sent.
fn run_task(cx: &mut Context, args: &Args<'_>, data: Bytes, group: Bytes) -> Outcome {
    let Some(route) = route(cx, args) else {
        return FALSE;
    };
    let (core, program) = (Arc::clone(&cx.core), Arc::clone(&cx.program));
    cx.core.services.spawner.spawn(Box::pin(async move {
        let task = Task { data, group };
        engine::event::run_block(&core, program, route, RunKind::Request, |cx| {
            cx.extensions.insert(task);
        });
    }));
    TRUE
}
