//! Process, memory, log, script engine: what a server of one process needs no setting for.

use super::apply::{any_int, any_switch, checked_int, int, level, store, switch, text, within};
use super::table::full;
use super::{CoreParam, Unfit, noop};

const HEAP: &str =
    "No effect: memory comes from the process heap, there are no pools to size or to dump.";
const BUFFERS: &str = "No effect: text of variables has no buffers to size.";
const THREADS: &str =
    "No effect: streams and timers are served by one runtime, not by a number of processes.";
const TIMERS: &str = "No effect: timers have no processes of their own.";
const KEMI: &str = "No effect: there are no KEMI scripts.";
const LATENCY: &str =
    "No effect: there are no databases and no such configuration values whose time is measured.";
const LOGGING: &str = "No effect: the parser writes no lines of its own.";
const ENGINES: &str = "No effect: log engines other than json, which --log-engine asks for, are modules, and there are none.";

pub(super) const ROWS: &[CoreParam] = &[
    noop("memdbg", &["mem_dbg"], HEAP, any_int),
    noop("memlog", &["mem_log"], HEAP, any_int),
    noop("mem_join", &[], HEAP, any_int),
    noop("mem_safety", &[], HEAP, any_int),
    noop("mem_status_mode", &[], HEAP, any_int),
    noop("mem_summary", &[], HEAP, any_int),
    noop("shm_force_alloc", &[], HEAP, any_switch),
    noop("mlock_pages", &[], HEAP, any_switch),
    noop("shm_mem_size", &["shm", "shm_mem"], HEAP, |s, g| {
        checked_int(s, g, 0, 2147483647)
    }),
    noop("pv_buffer_size", &[], BUFFERS, |s, g| {
        checked_int(s, g, 0, 2147483647)
    }),
    noop("pv_buffer_slots", &[], BUFFERS, |s, g| {
        checked_int(s, g, 0, 2147483647)
    }),
    noop("pv_cache_limit", &[], BUFFERS, |s, g| {
        checked_int(s, g, 0, 2147483647)
    }),
    noop("pv_cache_action", &[], BUFFERS, |s, g| {
        checked_int(s, g, 0, 2147483647)
    }),
    noop("sql_buffer_size", &[], BUFFERS, |s, g| {
        checked_int(s, g, 0, 2147483647)
    }),
    noop("async_workers", &[], THREADS, |s, g| {
        checked_int(s, g, 0, 2147483647)
    }),
    noop("async_usleep", &[], THREADS, |s, g| {
        checked_int(s, g, 0, 2147483647)
    }),
    noop("socket_workers", &[], THREADS, |s, g| {
        checked_int(s, g, 0, 2147483647)
    }),
    full(
        "tcp_children",
        "Upper bound of the threads that serve streams, timers and all that waits.",
        |s, g| {
            s.tcp_children = Some(within(g, 0, 2147483647)?);
            Ok(())
        },
    ),
    noop("sctp_children", &[], THREADS, |s, g| {
        checked_int(s, g, 0, 2147483647)
    }),
    noop("wait_worker1_mode", &[], THREADS, |s, g| {
        checked_int(s, g, 0, 2147483647)
    }),
    noop("wait_worker1_time", &[], THREADS, |s, g| {
        checked_int(s, g, 0, 2147483647)
    }),
    noop("wait_worker1_usleep", &[], THREADS, |s, g| {
        checked_int(s, g, 0, 2147483647)
    }),
    noop("fork_delay", &[], THREADS, |s, g| {
        checked_int(s, g, 0, 2147483647)
    }),
    noop("modinit_delay", &[], THREADS, |s, g| {
        checked_int(s, g, 0, 2147483647)
    }),
    noop("route_locks_size", &[], THREADS, |s, g| {
        checked_int(s, g, 0, 2147483647)
    }),
    noop("async_nonblock", &[], THREADS, any_switch),
    noop("verbose_startup", &[], THREADS, any_switch),
    noop("async_workers_group", &[], THREADS, store),
    full(
        "real_time",
        "4 and what contains it: the server is scheduled by rt_policy and rt_prio; the bits of timers have no effect, since these have no processes of their own.",
        |s, g| {
            s.process.real_time = int(g)? & 4 != 0;
            store(s, g)
        },
    )
    .partly(),
    full(
        "rt_policy",
        "How the system schedules the server if real_time asks for that: 0 as others, 1 round robin, 2 first in, first out.",
        |s, g| {
            s.process.schedule.0 = i32::try_from(within(g, 0, 3)?).unwrap_or(0);
            Ok(())
        },
    ),
    full(
        "rt_prio",
        "Priority of the server if real_time asks for that.",
        |s, g| {
            s.process.schedule.1 = i32::try_from(within(g, 0, 99)?).unwrap_or(0);
            Ok(())
        },
    ),
    noop(
        "rt_timer1_policy",
        &["rt_ftimer_policy"],
        TIMERS,
        any_int,
    ),
    noop(
        "rt_timer1_prio",
        &["rt_fast_timer_prio", "rt_ftimer_prio"],
        TIMERS,
        any_int,
    ),
    noop(
        "rt_timer2_policy",
        &["rt_stimer_policy"],
        TIMERS,
        any_int,
    ),
    noop("rt_timer2_prio", &["rt_stimer_prio"], TIMERS, any_int),
    full(
        "disable_core_dump",
        "The process leaves no core file when it dies; otherwise the limit of their size is raised as far as the system lets us.",
        |s, g| {
            s.process.disable_core_dump = switch(g)?;
            Ok(())
        },
    ),
    full(
        "open_files_limit",
        "Raises the limit of open files to this, if it is lower; without this parameter it is raised as far as the system lets us.",
        |s, g| {
            s.process.open_files = u64::try_from(int(g)?).ok().filter(|files| *files > 0);
            Ok(())
        },
    ),
    full(
        "exit_timeout",
        "Seconds that stopping may take, which are never more than one and a half.",
        |s, g| {
            s.process.exit_timeout = u64::try_from(within(g, 0, 2_147_483_647)?).unwrap_or(0);
            Ok(())
        },
    )
    .also(&["ser_kill_timeout"]),
    noop("kemi.onsend_route_callback", &[], KEMI, store),
    noop("kemi.reply_route_callback", &[], KEMI, store),
    noop("kemi.event_route_callback", &[], KEMI, store),
    noop("kemi.received_route_callback", &[], KEMI, store),
    noop("kemi.pre_routing_callback", &[], KEMI, store),
    full(
        "latency_cfg_log",
        "Level of lines about how long request_route and reply_route took.",
        |s, g| {
            s.latency_cfg_log = level(g)?;
            Ok(())
        },
    ),
    full(
        "latency_limit_action",
        "Microseconds that a function may take before a line is logged; 0: any time.",
        |s, g| {
            s.latency_limit_action = int(g)?.max(0);
            Ok(())
        },
    ),
    noop("latency_limit_db", &[], LATENCY, any_int),
    noop("latency_limit_cfg", &[], LATENCY, any_int),
    full(
        "latency_log",
        "Level of lines about functions that took too long.",
        |s, g| {
            s.latency_log = level(g)?;
            Ok(())
        },
    ),
    full(
        "corelog",
        "Level of lines about what is no SIP message.",
        |s, g| {
            s.corelog = level(g)?;
            Ok(())
        },
    )
    .also(&["core_log"]),
    noop("sip_parser_log", &[], LOGGING, any_int),
    noop("sip_parser_log_oneline", &[], LOGGING, any_int),
    full(
        "log_prefix_mode",
        "1: log_prefix is evaluated for each line, else once for each message.",
        |s, g| {
            s.log_prefix_anew = int(g)? != 0;
            Ok(())
        },
    ),
    full(
        "msg_time",
        "1: the time of a message ($Ts, $TV(s), $timef(…), …) is when it came in, else when the script first asks; 1 by default.",
        |s, g| {
            s.msg_time = int(g)? == 1;
            Ok(())
        },
    ),
    full(
        "log_color",
        "Colours on standard error, by level.",
        |s, g| {
            s.log_color = switch(g)?;
            Ok(())
        },
    ),
    noop("log_engine_data", &[], ENGINES, store),
    noop("log_engine_type", &[], ENGINES, store),
    full(
        "max_recursive_level",
        "How deep routes and the bodies of statements may nest while a script runs.",
        |s, g| {
            s.max_recursive_level = u32::try_from(within(g, 0, 1_000_000)?).unwrap_or(256);
            Ok(())
        },
    ),
    full(
        "server_id",
        "Number of this server among several, for scripts.",
        |s, g| {
            s.server_id = int(g)?;
            Ok(())
        },
    ),
    full(
        "stats_name_separator",
        "The character between the name of a location table and what is counted, _ by default.",
        |s, g| {
            let given = text(g)?;
            let first = given.chars().next();
            // Kamailio's check takes it; then two statistics have one name.
            s.stats_separator =
                first.ok_or_else(|| Unfit::Range("a separator is no empty text".to_owned()))?;
            Ok(())
        },
    ),
    noop(
        "version_table",
        &[],
        "No effect: databases are asked for the table `version`.",
        store,
    ),
    full(
        "ipv6_hex_style",
        "How addresses of IPv6 are written: c short, a long, A long in capitals.",
        |s, g| {
            let letter = text(g)?;
            let style = crate::net::Ipv6Style::from_letter(&letter);
            let unknown = || format!("`ipv6_hex_style` is a, A or c, not `{letter}`");
            s.ipv6_style = Some(style.ok_or_else(unknown)?);
            Ok(())
        },
    ),
    full(
        "sip_parser_mode",
        "0: To, From, Call-ID, CSeq and Content-Length may be repeated, and the first counts.",
        |s, g| {
            s.tolerance.repeats = int(g)? == 0;
            Ok(())
        },
    ),
    full(
        "received_route_mode",
        "1: event_route[core:msg-received] runs for all that comes in.",
        |s, g| {
            s.received_route = int(g)? != 0;
            Ok(())
        },
    ),
    full(
        "http_reply_parse",
        "Replies of web servers run reply_route, as those of SIP do.",
        |s, g| {
            s.tolerance.http_replies = switch(g)?;
            Ok(())
        },
    )
    .also(&["http_reply_hack"]),
];
