//! Script functions.

use std::time::Duration;

use engine::arguments::Args;
use engine::catalog::NameScope;
use engine::context::Context;
use engine::hash::core_hash_of;
use engine::log::Level;
use engine::module::{Arg, FALSE, Function, Outcome, TRUE};
use engine::variable::ParsedName;
use script::ast::BlockKind;
use script::host::{Continuation, RouteId};

use super::{Cfgutils, locks};

const FLAG: &[Arg] = &[Arg::parsed("flag", parse_flag)];
const KEY: &[Arg] = &[Arg::text("key")];
const ROUTE: &[Arg] = &[Arg::text("route")];
const TIME: &[Arg] = &[Arg::int("time")];

/// All functions.
pub(super) static TABLE: &[Function] = &[
    Function::exact(
        "abort",
        &[],
        abort,
        "Ends the server at once, with a core dump where the system makes one.",
    ),
    Function::exact(
        "check_route_exists",
        ROUTE,
        |cx, args| truth(find_route(cx, args).is_some()),
        "Whether there is a route block of this name.",
    ),
    Function::exact(
        "core_hash",
        &[Arg::text("string1"), Arg::text("string2"), Arg::int("size")],
        hash,
        "The hash of two texts, from 1 to two to the power of the size.",
    )
    .constant(),
    Function::exact(
        "is_gflag",
        FLAG,
        |_, args| truth(args.state::<Cfgutils>().flags.has(flag(args))),
        "Whether a global flag is set.",
    )
    .constant(),
    Function::exact(
        "lock",
        KEY,
        lock,
        "Takes the lock of a key; while another message has it, the route is parked.",
    ),
    Function::exact(
        "pkg_status",
        &[],
        memory,
        "Logs what memory the process holds.",
    ),
    Function::exact(
        "pkg_summary",
        &[],
        memory,
        "Logs what memory the process holds.",
    ),
    Function::exact(
        "rand_event",
        &[],
        |cx, args| {
            let dice = cx.core.services.random.next();
            truth(args.state::<Cfgutils>().chance.happens(dice))
        },
        "True with the configured probability.",
    ),
    Function::exact(
        "rand_get_prob",
        &[],
        |_, args| Outcome::Return(args.state::<Cfgutils>().chance.percent()),
        "Returns the probability of rand_event() in percent; 0 ends the script, as any code 0.",
    ),
    Function::exact(
        "rand_reset_prob",
        &[],
        |_, args| {
            args.state::<Cfgutils>().chance.reset();
            TRUE
        },
        "Gives rand_event() its initial probability again.",
    ),
    Function::exact(
        "rand_set_prob",
        &[Arg::parsed("probability", parse_percentage)],
        set_probability,
        "Changes the probability of rand_event(), in percent.",
    )
    .constant(),
    Function::exact(
        "reset_gflag",
        FLAG,
        |_, args| {
            args.state::<Cfgutils>().flags.clear(flag(args));
            TRUE
        },
        "Clears a global flag.",
    )
    .constant(),
    Function::exact(
        "route_if_exists",
        ROUTE,
        |cx, args| find_route(cx, args).map_or(FALSE, Outcome::Route),
        "Runs a route block if there is one of this name.",
    ),
    Function::exact(
        "set_gflag",
        FLAG,
        |_, args| {
            args.state::<Cfgutils>().flags.set(flag(args));
            TRUE
        },
        "Sets a global flag.",
    )
    .constant(),
    Function::exact(
        "shm_status",
        &[],
        memory,
        "Logs what memory the process holds.",
    ),
    Function::exact(
        "shm_summary",
        &[],
        memory,
        "Logs what memory the process holds.",
    ),
    Function::exact(
        "sleep",
        TIME,
        |cx, args| pause(cx, args, Duration::from_secs),
        "Parks the route for so many seconds.",
    ),
    Function::exact(
        "trylock",
        KEY,
        try_lock,
        "Takes the lock of a key if it is free.",
    ),
    Function::exact("unlock", KEY, unlock, "Frees the lock of a key."),
    Function::exact(
        "usleep",
        TIME,
        |cx, args| pause(cx, args, Duration::from_micros),
        "Parks the route for so many microseconds.",
    ),
];

fn truth(holds: bool) -> Outcome {
    if holds { TRUE } else { FALSE }
}

/// The bit of a flag's number.
fn parse_flag(_: &mut NameScope<'_, '_>, text: &[u8]) -> Result<ParsedName, String> {
    let number = std::str::from_utf8(text).ok().and_then(|t| t.parse().ok());
    match number.and_then(|n: u32| 1_u32.checked_shl(n)) {
        Some(bit) => Ok(ParsedName::data(bit)),
        None => Err("a flag is a number from 0 to 31".to_owned()),
    }
}

/// No flag for a variable in the number's place, which Kamailio refuses.
fn flag(args: &Args<'_>) -> u32 {
    args.parsed(0).copied().unwrap_or(0)
}

/// What is no number counts as 0, as in Kamailio.
fn parse_percentage(_: &mut NameScope<'_, '_>, text: &[u8]) -> Result<ParsedName, String> {
    let number = script::value::parse_int(text).unwrap_or(0);
    if !(0..=100).contains(&number) {
        return Err("a probability is a percentage from 0 to 100".to_owned());
    }
    Ok(ParsedName::data(i64::from(number)))
}

fn set_probability(_: &mut Context, args: &Args<'_>) -> Outcome {
    let percent = args.parsed(0).copied().unwrap_or(0);
    truth(args.state::<Cfgutils>().chance.set(percent).is_ok())
}

fn abort(cx: &mut Context, _: &Args<'_>) -> Outcome {
    const SIGABRT: i32 = 6;
    cx.log(Level::Critical, "abort: the script ends the server");
    if cx.core.services.process.signal(SIGABRT) {
        return Outcome::Return(0);
    }
    cx.log(Level::Error, "abort: the server could not be ended");
    FALSE
}

fn memory(cx: &mut Context, _: &Args<'_>) -> Outcome {
    let memory = cx.core.services.process.memory();
    let text = format!(
        "memory: {} bytes held, {} at most, {} of {} free on the machine",
        memory.used, memory.max_used, memory.free, memory.total
    );
    // Kamailio's level for it: the parameter `memlog` or `memsum`, debug unless set.
    cx.log(Level::Debug, &text);
    TRUE
}

fn pause(cx: &mut Context, args: &Args<'_>, unit: fn(u64) -> Duration) -> Outcome {
    let Some(time) = args.int(cx, 0).and_then(|n| u64::try_from(n).ok()) else {
        cx.log(Level::Error, "sleep: not a time to wait");
        return FALSE;
    };
    if time == 0 {
        return TRUE;
    }
    let over = cx.core.services.spawner.sleep(unit(time));
    Outcome::Wait(Box::pin(async move {
        over.await;
        Box::new(|_: &mut Context| TRUE) as Continuation<Context>
    }))
}

fn lock(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let key = args.text(cx, 0);
    match &args.state::<Cfgutils>().locks {
        Some(set) => locks::take(cx, set, &key),
        None => no_locks(cx, &key),
    }
}

fn try_lock(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let key = args.text(cx, 0);
    match &args.state::<Cfgutils>().locks {
        Some(set) => truth(set.try_take(&key)),
        None => no_locks(cx, &key),
    }
}

fn unlock(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let key = args.text(cx, 0);
    match &args.state::<Cfgutils>().locks {
        Some(set) => {
            set.free(&key);
            TRUE
        }
        None => no_locks(cx, &key),
    }
}

fn no_locks(cx: &mut Context, key: &[u8]) -> Outcome {
    let key = key.escape_ascii();
    let text = format!("no locks for `{key}`: set lock_set_size of cfgutils");
    cx.log(Level::Error, &text);
    FALSE
}

/// The block that an argument names; `0` is `request_route`.
fn find_route(cx: &mut Context, args: &Args<'_>) -> Option<RouteId> {
    let name = args.text(cx, 0);
    match &name[..] {
        b"0" => cx.program.request_route(),
        name => cx
            .program
            .find(BlockKind::Route, std::str::from_utf8(name).ok()?),
    }
}

fn hash(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (first, second) = (args.text(cx, 0), args.text(cx, 1));
    let Some(size) = args.int(cx, 2) else {
        return FALSE;
    };
    // Kamailio shifts by the low five bits of the size, and takes what is not positive for 1.
    let bits = if size <= 0 { 1 } else { size & 31 };
    let mask = (1_u32 << bits) - 1;
    Outcome::Return(i64::from(core_hash_of(&[&first, &second]) & mask) + 1)
}
