//! The rows.

use bytes::Bytes;

use super::apply::{int, listens, switch, text, warn_unless, within};
use super::{CoreParam, noop};
use crate::log::Facility;
use crate::module::Status;

pub(super) const fn full(
    name: &'static str,
    doc: &'static str,
    apply: fn(&mut crate::settings::Settings, &script::ast::CoreParam) -> Result<(), super::Unfit>,
) -> CoreParam {
    CoreParam {
        name,
        aliases: &[],
        doc,
        status: Status::Full,
        apply,
    }
}

/// Parameters with an effect.
pub(super) const ROWS: &[CoreParam] = &[
    full(
        "debug",
        "Log level: lines above it are not written (3 debug … -1 errors).",
        |s, g| {
            s.debug = i32::try_from(within(g, -10, 10)?).unwrap_or(0);
            Ok(())
        },
    ),
    full(
        "log_stderror",
        "Write the log to standard error instead of syslog.",
        |s, g| {
            s.log_stderror = switch(g)?;
            Ok(())
        },
    ),
    full(
        "log_facility",
        "Syslog facility, LOG_DAEMON by default.",
        |s, g| {
            let name = text(g)?;
            s.log_facility = Facility::from_name(&name)
                .ok_or_else(|| format!("unknown syslog facility `{name}`"))?;
            Ok(())
        },
    ),
    full("log_name", "Syslog ident.", |s, g| {
        s.log_name = Some(text(g)?);
        Ok(())
    }),
    full(
        "log_prefix",
        "Text with variables put before each log line that belongs to a message.",
        |s, g| {
            s.log_prefix = Some(text(g)?);
            Ok(())
        },
    ),
    full(
        "children",
        "Upper bound of receiving threads for each UDP socket.",
        |s, g| {
            s.children = Some(within(g, 1, 1024)?);
            Ok(())
        },
    ),
    CoreParam {
        name: "listen",
        aliases: &["bind"],
        doc: "Address to listen on; may be given many times.",
        status: Status::Full,
        apply: |s, g| {
            s.listen.extend(listens(g));
            Ok(())
        },
    },
    CoreParam {
        name: "alias",
        aliases: &[],
        doc: "Name that counts as this server's.",
        status: Status::Full,
        apply: |s, g| {
            s.aliases.extend(listens(g));
            Ok(())
        },
    },
    full("port", "Port of listen lines that name none.", |s, g| {
        s.port = u16::try_from(within(g, 1, 65_535)?).unwrap_or(5060);
        Ok(())
    }),
    full("disable_tcp", "Do not listen on TCP.", |s, g| {
        s.disable_tcp = switch(g)?;
        Ok(())
    }),
    full(
        "tcp_connection_lifetime",
        "Seconds after which an idle connection is closed.",
        |s, g| {
            s.tcp_connection_lifetime = u64::try_from(within(g, 0, 1 << 30)?).unwrap_or(0);
            Ok(())
        },
    ),
    full(
        "tcp_max_connections",
        "Most open stream connections.",
        |s, g| {
            s.tcp_max_connections = usize::try_from(within(g, 0, 1 << 30)?).unwrap_or(0);
            Ok(())
        },
    ),
    full(
        "tcp_accept_no_cl",
        "Take stream messages without Content-Length (HTTP).",
        |s, g| {
            s.tcp_accept_no_cl = switch(g)?;
            Ok(())
        },
    ),
    full(
        "tcp_accept_aliases",
        "Requests to the port in a Via with alias go by the connection that it came by.",
        |s, g| {
            s.tcp_accept_aliases = switch(g)?;
            Ok(())
        },
    ),
    full(
        "tcp_rd_buf_size",
        "Bytes that no message on a stream may reach; the connection is closed.",
        |s, g| {
            s.tcp_rd_buf_size = usize::try_from(int(g)?.clamp(512, 16 << 20)).unwrap_or(16_384);
            Ok(())
        },
    ),
    full(
        "tcp_connect_timeout",
        "Seconds to wait for a connection to open.",
        |s, g| {
            s.tcp_connect_timeout = u64::try_from(within(g, 1, 3600)?).unwrap_or(10);
            Ok(())
        },
    ),
    full(
        "tcp_send_timeout",
        "Seconds after which a stalled connection is closed.",
        |s, g| {
            s.tcp_send_timeout = u64::try_from(within(g, 1, 3600)?).unwrap_or(10);
            Ok(())
        },
    ),
    full(
        "advertised_address",
        "Host put into our Via and Record-Route instead of the socket's.",
        |s, g| {
            s.advertised_address = Some(text(g)?.into());
            Ok(())
        },
    ),
    full(
        "advertised_port",
        "Port put into our Via and Record-Route instead of the socket's.",
        |s, g| {
            s.advertised_port = Some(u16::try_from(within(g, 1, 65_535)?).unwrap_or(5060));
            Ok(())
        },
    ),
    full(
        "server_signature",
        "Put a Server header into our replies.",
        |s, g| {
            s.server_signature = switch(g)?;
            Ok(())
        },
    ),
    full("server_header", "The Server header line.", |s, g| {
        s.server_header = Bytes::from(text(g)?);
        Ok(())
    }),
    full(
        "user_agent_header",
        "The User-Agent header line of requests that we make.",
        |s, g| {
            s.user_agent_header = Bytes::from(text(g)?);
            Ok(())
        },
    ),
    full("max_while_loops", "Most turns of a while loop.", |s, g| {
        s.max_while_loops = u32::try_from(within(g, 1, i64::from(i32::MAX))?).unwrap_or(100);
        Ok(())
    }),
    full(
        "max_branches",
        "Most destinations of one request, 12 by default.",
        |s, g| {
            // Kamailio's check refuses these too.
            let number = int(g)?;
            s.max_branches = usize::try_from(number)
                .ok()
                .filter(|number| (1..=31).contains(number))
                .ok_or_else(|| format!("`max_branches` must be between 1 and 31, not {number}"))?;
            Ok(())
        },
    ),
    full(
        "force_rport",
        "Treat every request as if it asked for rport.",
        |s, g| {
            s.force_rport = switch(g)?;
            Ok(())
        },
    )
    .also(&["add_rport"]),
    full("user", "User to run as.", |s, g| {
        s.process.user = Some(text(g)?);
        Ok(())
    })
    .also(&["uid"]),
    full("group", "Group to run as.", |s, g| {
        s.process.group = Some(text(g)?);
        Ok(())
    })
    .also(&["gid"]),
    full("workdir", "Working directory.", |s, g| {
        s.process.workdir = Some(text(g)?);
        Ok(())
    })
    .also(&["wdir"]),
    full("chroot", "Root directory.", |s, g| {
        s.process.chroot = Some(text(g)?);
        Ok(())
    }),
    full("fork", "Go to the background.", |s, g| {
        s.process.fork = Some(int(g)? != 0);
        Ok(())
    }),
    full(
        "enable_sctp",
        "SCTP is not built in: only `no` is taken.",
        |_, g| match int(g)? {
            0 => Ok(()),
            _ => Err("SCTP is not supported by this version".to_owned().into()),
        },
    ),
    noop(
        "enable_tls",
        &["tls_enable"],
        "No effect: TLS is not built in.",
        |s, g| warn_unless(s, g, 0),
    ),
    full(
        "auto_aliases",
        "The names that the hosts file and DNS have for our addresses count as ours; on by default.",
        |s, g| {
            s.auto_aliases = switch(g)?;
            Ok(())
        },
    ),
    full(
        "local_rport",
        "Put rport into the Via of every request.",
        |s, g| {
            s.local_rport = switch(g)?;
            Ok(())
        },
    ),
    CoreParam {
        name: "rundir",
        aliases: &["run_dir"],
        doc: "Directory of sockets and pipes that name none.",
        status: Status::Full,
        apply: |s, g| {
            s.process.runtime_dir = Some(text(g)?.into());
            Ok(())
        },
    },
    CoreParam {
        name: "mhomed",
        aliases: &[],
        doc: "Whether the system's routes to the peer decide which socket a message leaves by.",
        status: Status::Full,
        apply: |s, g| {
            s.mhomed = switch(g)?;
            Ok(())
        },
    },
];
