//! Variables whose value is different in every run.

/// What changes from run to run, and what it has to look like.
pub(super) const VOLATILE: &[(&str, &[&str])] = &[
    ("RANDOM", &["RANDOM =~ \"^[0-9]+$\""]),
    (
        "sruid",
        &["sruid =~ \"^srid-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+$\""],
    ),
    ("pp", &["pp =~ \"^[0-9]+$\""]),
    ("TS", &["TS =~ \"^[0-9]{10}$\"", "TS > 1600000000"]),
    ("Ts", &["Ts =~ \"^[0-9]{10}$\""]),
    (
        "TF",
        &["TF =~ \"^[A-Z][a-z][a-z] [A-Z][a-z][a-z] [ 0-9][0-9] [0-9:]{8} [0-9]{4}$\""],
    ),
    (
        "Tf",
        &["Tf =~ \"^[A-Z][a-z][a-z] [A-Z][a-z][a-z] [ 0-9][0-9] [0-9:]{8} [0-9]{4}$\""],
    ),
    ("Tb", &["Tb =~ \"^[0-9]{10}$\""]),
    (
        "TV",
        &[
            "TV(s) =~ \"^[0-9]{10}$\"",
            "TV(u) =~ \"^[0-9]{1,6}$\"",
            "TV(sn) =~ \"^[0-9]{10}$\"",
            "TV(un) =~ \"^[0-9]{1,6}$\"",
            "TV(Sn) =~ \"^[0-9]{10}\\.[0-9]{6}$\"",
            "TV(Fn) =~ \"^[A-Z][a-z][a-z] .* [0-9]{4}$\"",
        ],
    ),
    (
        "time",
        &[
            "time(year) > 2020",
            "time(mon) =~ \"^[0-9]{1,2}$\"",
            "time(mday) > 0",
            "time(hour) < 24",
            "time(min) < 60",
            "time(sec) < 62",
            "time(wday) < 8",
            "time(yday) < 367",
            "time(isdst) == 0",
        ],
    ),
    (
        "utime",
        &[
            "utime(year) > 2020",
            "utime(mon) =~ \"^[0-9]{1,2}$\"",
            "utime(mday) > 0",
            "utime(hour) < 24",
            "utime(min) < 60",
            "utime(sec) < 62",
            "utime(wday) < 8",
            "utime(yday) < 367",
            "utime(isdst) == 0",
        ],
    ),
    (
        "timef",
        &[
            "timef(%Y) =~ \"^20[0-9][0-9]$\"",
            "timef(%Y-%m-%d %H:%M:%S) =~ \"^20[0-9-]{8} [0-9:]{8}$\"",
        ],
    ),
    ("utimef", &["utimef(%Y) =~ \"^20[0-9][0-9]$\""]),
    ("rmid", &["rmid =~ \"^[0-9]+$\""]),
    ("mi", &["mi =~ \"^[0-9]+$\""]),
    ("conid", &["conid =~ \"^[0-9]*$\""]),
    (
        "stat",
        &[
            "stat(rcv_requests) =~ \"^[0-9]+$\"",
            "stat(core:rcv_replies) =~ \"^[0-9]+$\"",
        ],
    ),
    (
        "version",
        &[
            "version(num) =~ \"^[0-9]+\\.[0-9]+\\.[0-9]+\"",
            "version(full) =~ \"^[a-z]+ [0-9]+\\.\"",
            "version(hash) =~ \"^[0-9a-z]+$\"",
        ],
    ),
];
