//! The table of options: one row each, in the order of the help text.

use super::row::{OptionId, OptionRow, flag, with};

const MEMORY: &str = "memory is not divided beforehand: the process takes what it needs";
const MANAGER: &str = "the process has one allocator of its own";
const WORKERS: &str = "one thread per core receives; the number is an upper bound";
const RUNTIME: &str =
    "connections share one pool of threads, one per core; the number is an upper bound";
const ALIASES: &str = "names found by reverse DNS are not taken as ours: use --alias";
const VIA_NAMES: &str = "addresses decide, names in Via are not looked up for it";
const NO_SCTP: &str = "there is no SCTP transport yet";

/// Every option, sorted by letter.
pub static OPTIONS: &[OptionRow] = &[
    with(
        OptionId::AutoAliases,
        "-a",
        "mode",
        "Make the names that listen addresses resolve back to aliases: yes or on, no or off",
    )
    .what("auto aliases parameter")
    .noop(ALIASES),
    with(
        OptionId::Alias,
        "--alias",
        "val",
        "Add a name that counts as this server: [proto:]hostname[:port]",
    )
    .what("alias"),
    flag(
        OptionId::AllErrors,
        "--all-errors",
        "Report every mistake of the configuration (this is always so)",
    )
    .own(),
    with(
        OptionId::AtExit,
        "--atexit",
        "val",
        "Run exit handlers of libraries: yes or no",
    )
    .noop("no foreign library registers exit handlers here"),
    with(
        OptionId::Define,
        "-A",
        "define",
        "Define a preprocessor name: -A WITH_AUTH, -A 'FLT_ACC=1', -A 'TEXT=\"a b\"'",
    ),
    with(
        OptionId::MaxRecvBuffer,
        "-b",
        "nr",
        "Upper bound in bytes for the receive buffer of UDP sockets",
    )
    .what("max buffer size"),
    with(
        OptionId::MaxSendBuffer,
        "-B",
        "nr",
        "Upper bound in bytes for the send buffer of UDP sockets",
    )
    .what("max buffer size")
    .own(),
    flag(OptionId::Check, "-c", "Check the configuration and exit"),
    flag(
        OptionId::CfgPrint,
        "--cfg-print",
        "Print the configuration after includes, defines and conditions, and exit",
    ),
    flag(
        OptionId::CompatCheck,
        "--compat-check",
        "Check the configuration and exit with the status that kamailio -c would give",
    )
    .own(),
    with(
        OptionId::Diagnostics,
        "--diagnostics",
        "form",
        "How mistakes are shown: full, short (one line each) or json (one object each)",
    )
    .what("form of diagnostics")
    .words("full, short, json")
    .own(),
    flag(
        OptionId::DebugUp,
        "-d",
        "Raise the debug level, counted from 0; may be repeated",
    ),
    with(OptionId::Debug, "--debug", "val", "Set the debug level").what("debug level"),
    flag(
        OptionId::Daemonize,
        "-D",
        "Once: stay in front and write no pid file; twice: stay in front; three times: daemonise (default)",
    ),
    with(OptionId::Domain, "--domain", "val", "Same as --alias").own(),
    flag(
        OptionId::LogColor,
        "-e",
        "Colour the log lines on the terminal (with -E)",
    ),
    flag(OptionId::LogStderr, "-E", "Log to standard error"),
    flag(
        OptionId::Exports,
        "--exports",
        "Print every name that a configuration may use, with its status, as tab separated rows",
    )
    .own(),
    with(
        OptionId::Config,
        "-f",
        "file",
        "Configuration file, - for standard input (default: /etc/kamailio/kamailio.cfg)",
    ),
    with(
        OptionId::Group,
        "-g",
        "gid",
        "Change to this group, a name or a number",
    )
    .what("group name/gid number"),
    with(
        OptionId::PgidFile,
        "-G",
        "file",
        "Write the process group's id to this file",
    ),
    flag(OptionId::Help, "-h", "Print this help"),
    flag(OptionId::Help, "--help", "Same as -h"),
    flag(OptionId::Internals, "-I", "Print how the program was built"),
    flag(
        OptionId::ReplyVia,
        "-K",
        "Check the host of the first Via before forwarding a reply",
    )
    .noop(VIA_NAMES),
    with(
        OptionId::Listen,
        "-l",
        "address",
        "Listen on [proto:]addr_lst[:port][/advaddr]; may be repeated (default: all interfaces)",
    )
    .what("-l address specifier"),
    with(
        OptionId::LoadModule,
        "--loadmodule",
        "name",
        "Load a module",
    ),
    with(
        OptionId::LogEngine,
        "--log-engine",
        "log",
        "Select a log engine: json[:flags]",
    ),
    with(OptionId::ModulePath, "-L", "path", "Search path of modules")
        .noop("all modules are inside the program"),
    with(
        OptionId::SharedMemory,
        "-m",
        "nr",
        "Size of shared memory in megabytes",
    )
    .what("shmem size number")
    .noop(MEMORY),
    with(
        OptionId::ModParam,
        "--modparam",
        "spec",
        "Set a module parameter: module:param:type:value, type s or i",
    )
    .what("modparam"),
    with(
        OptionId::PrivateMemory,
        "-M",
        "nr",
        "Size of private memory in megabytes",
    )
    .what("private mem size number")
    .noop(MEMORY),
    with(
        OptionId::Children,
        "-n",
        "processes",
        "Workers per UDP socket",
    )
    .what("process number")
    .partial(WORKERS),
    with(OptionId::TcpChildren, "-N", "nr", "Workers for TCP")
        .what("process number")
        .partial(RUNTIME),
    with(
        OptionId::Optimization,
        "-O",
        "nr",
        "Script optimization level",
    )
    .what("optimization level")
    .noop("scripts are always compiled the same way"),
    with(
        OptionId::PidFile,
        "-P",
        "file",
        "Write the process id to this file",
    ),
    with(OptionId::SctpChildren, "-Q", "nr", "Workers for SCTP")
        .what("process number")
        .noop(NO_SCTP),
    flag(
        OptionId::ViaDns,
        "-r",
        "Look the Via host up before adding received",
    )
    .noop(VIA_NAMES),
    flag(
        OptionId::ViaReverseDns,
        "-R",
        "Look the source address up before adding received (-rR does both)",
    )
    .noop(VIA_NAMES),
    with(OptionId::ServerId, "--server-id", "num", "Set server_id").what("server id"),
    with(
        OptionId::Subst,
        "--subst",
        "exp",
        "Apply a subst directive: /expression/replacement/flags",
    ),
    with(
        OptionId::SubstDef,
        "--substdef",
        "exp",
        "Apply a substdef directive: /ID/replacement/",
    ),
    with(
        OptionId::SubstDefs,
        "--substdefs",
        "exp",
        "Apply a substdefs directive: /ID/replacement/",
    ),
    flag(OptionId::NoSctp, "-S", "Disable SCTP").noop(NO_SCTP),
    with(OptionId::Chroot, "-t", "dir", "Change the root directory"),
    flag(OptionId::NoTcp, "-T", "Disable TCP"),
    with(
        OptionId::User,
        "-u",
        "uid",
        "Change to this user, a name or a number",
    )
    .what("user name/uid number"),
    flag(OptionId::Version, "-v", "Print the version"),
    flag(OptionId::Version, "--version", "Same as -v"),
    flag(OptionId::Version, "-V", "Same as -v"),
    with(
        OptionId::SharedManager,
        "-x",
        "name",
        "Manager of shared memory: fm, qm or tlsf",
    )
    .what("memory manager")
    .words("fm, qm, tlsf")
    .noop(MANAGER),
    with(
        OptionId::PrivateManager,
        "-X",
        "name",
        "Manager of private memory: fm, qm or tlsf",
    )
    .what("memory manager")
    .words("fm, qm, tlsf")
    .noop(MANAGER),
    with(
        OptionId::RuntimeDir,
        "-Y",
        "dir",
        "Directory of control sockets and other files made at run time",
    ),
    with(
        OptionId::WorkingDir,
        "-w",
        "dir",
        "Change the working directory (default: /)",
    ),
    with(OptionId::PollMethod, "-W", "type", "Poll method")
        .what("poll method name")
        .words("poll, epoll_lt, epoll_et, sigio_rt, select, kqueue, /dev/poll")
        .noop("the system's best method is always used"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_unique_and_documented() {
        for (index, row) in OPTIONS.iter().enumerate() {
            assert!(!row.doc.is_empty(), "{}", row.name);
            assert!(
                OPTIONS
                    .iter()
                    .skip(index + 1)
                    .all(|other| other.name != row.name),
                "{}",
                row.name
            );
        }
    }
}
