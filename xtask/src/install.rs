//! Installing the programs that tests talk to and builds call, on Debian and its kin.
//!
//! Nothing that is installed here may start or be enabled: Debian's kamailio would take port 5060.

use std::io::IsTerminal;
use std::process::{Command, Stdio};

/// The packages: the reference server, the test clients, and network namespaces for them.
const PACKAGES: [&str; 6] = [
    "kamailio",
    "sip-tester",
    "sipsak",
    "baresip-core",
    "iproute2",
    "curl",
];

/// The version of the reference that the differential tests are written against.
const REFERENCE: &str = "5.6.";

/// Run by root with the packages as arguments. While apt works, `policy-rc.d` forbids starting
/// services; afterwards what was there comes back, and services that became enabled are disabled.
const SCRIPT: &str = r#"
set -eu
export DEBIAN_FRONTEND=noninteractive
guard=/usr/sbin/policy-rc.d
saved=$guard.before-ferrosip-tests
work=$(mktemp -d)
enabled() {
    for link in /etc/systemd/system/*.wants/* /etc/rc[S2345].d/S*; do
        if [ -e "$link" ] || [ -L "$link" ]; then echo "$link"; fi
    done | sort
}
restore() {
    rm -f "$guard"
    if [ -e "$saved" ] || [ -L "$saved" ]; then mv "$saved" "$guard"; fi
    enabled > "$work/after"
    comm -13 "$work/before" "$work/after" | while read -r link; do
        unit=${link##*/}
        case $link in
            /etc/rc*)
                if command -v update-rc.d > /dev/null; then update-rc.d "${unit#S[0-9][0-9]}" disable || true; fi ;;
            *)
                if command -v systemctl > /dev/null; then systemctl disable "$unit" || true; fi
                rm -f "$link" ;;
        esac
    done
    rm -rf "$work"
}
enabled > "$work/before"
# A saved one is there already when an earlier run was killed; then the guard is that run's.
if ! [ -e "$saved" ] && { [ -e "$guard" ] || [ -L "$guard" ]; }; then mv "$guard" "$saved"; fi
trap restore EXIT
trap 'exit 130' INT TERM HUP
printf '#!/bin/sh\nexit 101\n' > "$guard"
chmod 755 "$guard"
apt-get update -q
apt-get install -y -q --no-install-recommends "$@"
"#;

/// Installs the packages that are missing. What cannot be installed is named, and the tests that
/// need it skip themselves.
pub(crate) fn what_tests_need() {
    packages(&PACKAGES, "tests that need them are skipped");
}

/// Installs those of the packages that are missing, or says why not and what follows from that.
pub(crate) fn packages(packages: &[&str], otherwise: &str) {
    let skip = |packages: &[&str], reason: &str| {
        println!(
            "not installed: {}: {reason}; {otherwise}",
            packages.join(" ")
        );
    };
    let missing: Vec<_> = packages
        .iter()
        .copied()
        .filter(|package| !is_installed(package))
        .collect();
    if missing.is_empty() {
        return;
    }
    if !succeeds(Command::new("apt-get").arg("--version")) {
        return skip(&missing, "there is no apt-get");
    }
    let Some(mut shell) = root_shell() else {
        return skip(&missing, "neither root nor sudo without a password");
    };
    // A release with another Kamailio serves as no reference.
    let wanted: Vec<_> = missing
        .into_iter()
        .filter(|package| *package != "kamailio" || apt_has_reference())
        .collect();
    if wanted.is_empty() {
        return;
    }
    println!("installing {}", wanted.join(" "));
    let done = shell
        .args(["-c", SCRIPT, "install"])
        .args(&wanted)
        .stdin(Stdio::null())
        .status();
    if !done.is_ok_and(|status| status.success()) {
        skip(&wanted, "apt-get failed (see above)");
    }
}

fn is_installed(package: &str) -> bool {
    let query = Command::new("dpkg-query")
        .args(["-W", "-f=${db:Status-Status}", package])
        .stderr(Stdio::null())
        .output();
    query.is_ok_and(|output| output.stdout == b"installed")
}

/// Whether apt would install the reference version. Lists that are not there yet do not rule it out.
fn apt_has_reference() -> bool {
    let policy = Command::new("apt-cache")
        .args(["policy", "kamailio"])
        .env("LC_ALL", "C")
        .output();
    let Ok(policy) = policy else { return false };
    match candidate(&String::from_utf8_lossy(&policy.stdout)) {
        Some(version) if !version.starts_with(REFERENCE) => {
            println!(
                "apt has kamailio {version}, not {REFERENCE}x: the differential tests are skipped"
            );
            false
        }
        _ => true,
    }
}

/// The version in the answer of `apt-cache policy`.
fn candidate(policy: &str) -> Option<&str> {
    let version = policy
        .lines()
        .find_map(|line| line.trim_start().strip_prefix("Candidate:"))?
        .trim();
    (version != "(none)").then_some(version)
}

/// A shell with root's rights, if they can be had.
fn root_shell() -> Option<Command> {
    let id = Command::new("id").arg("-u").output().ok()?;
    if id.stdout.trim_ascii() == b"0" {
        return Some(Command::new("sh"));
    }
    let mut sudo = Command::new("sudo");
    if !succeeds(Command::new("sudo").args(["-n", "true"])) {
        // Somebody may be there to type the password.
        let asked = std::io::stdin().is_terminal()
            && Command::new("sudo")
                .arg("-v")
                .status()
                .is_ok_and(|s| s.success());
        if !asked {
            return None;
        }
    }
    sudo.args(["-n", "sh"]);
    Some(sudo)
}

fn succeeds(command: &mut Command) -> bool {
    let run = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    run.is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_candidate_is_read() {
        let policy = "kamailio:\n  Installed: (none)\n  Candidate: 5.6.3-2\n  Version table:\n";
        assert_eq!(candidate(policy), Some("5.6.3-2"));
        assert_eq!(candidate("kamailio:\n  Candidate: (none)\n"), None);
        assert_eq!(candidate(""), None);
    }

    #[test]
    fn the_script_is_valid_shell() {
        assert!(succeeds(Command::new("sh").args(["-n", "-c", SCRIPT])));
    }
}
