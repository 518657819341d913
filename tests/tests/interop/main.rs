//! Real clients against the server's program, which runs the stock configuration.
//!
//! `SIP_TEST_SUBJECT=kamailio` runs the same tests against the installed Kamailio, `FERROSIP_BIN`
//! names another ferrosip. A test whose tool is missing is ignored and says which. One that fails is
//! played once more, with other addresses.

mod accounts;
mod builtin;
mod calls;
mod control;
mod errors;
mod failover;
mod failures;
mod faults;
mod features;
mod forking;
mod hostile;
mod memory;
mod messaging;
mod multihomed;
mod naming;
mod parameters;
mod process;
mod reload;
mod resolving;
mod softphones;
mod subject;
mod told;
mod transactions;
mod trunk;

use acceptance::again;
use acceptance::client::installed;
use acceptance::client::namespace::Namespace;
use acceptance::subject::{KAMAILIO, Program, STOCK_CONFIG};
use libtest_mimic::{Arguments, Trial};

use crate::subject::Subject;

/// Tests mostly wait, so that more of them run at once than there are cores.
const AT_ONCE: usize = 6;

/// How often a test that fails is played again: what a busy machine made late passes then.
const AGAIN: usize = 1;

/// One test: its name, what it needs, what it does.
struct Case {
    name: &'static str,
    needs: &'static [Need],
    run: fn(&Subject) -> Result<(), String>,
}

impl Case {
    const fn new(
        name: &'static str,
        needs: &'static [Need],
        run: fn(&Subject) -> Result<(), String>,
    ) -> Self {
        Self { name, needs, run }
    }

    /// One that needs sipp alone.
    const fn of_sipp(name: &'static str, run: fn(&Subject) -> Result<(), String>) -> Self {
        Self::new(name, &[Need::Tool("sipp")], run)
    }
}

/// What a test cannot do without.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Need {
    /// A program.
    Tool(&'static str),
    /// The reference, to compare with.
    Reference,
    /// Debian's configuration file.
    StockConfig,
    /// That the subject is ferrosip.
    Ferrosip,
    /// To be root.
    Root,
    /// A namespace.
    Inside(Namespace),
}

fn main() {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(AT_ONCE);
    let program = Program::subject();
    let cases = [
        messaging::CASES,
        memory::CASES,
        calls::CASES,
        failures::CASES,
        softphones::CASES,
        control::CASES,
        transactions::CASES,
        process::CASES,
        errors::CASES,
        faults::CASES,
        hostile::CASES,
        builtin::CASES,
        features::CASES,
        forking::CASES,
        reload::CASES,
        resolving::CASES,
        failover::CASES,
        told::CASES,
        trunk::CASES,
        accounts::CASES,
        multihomed::CASES,
        naming::CASES,
        parameters::CASES,
    ];
    let cases = cases.into_iter().flatten();
    let trials = cases.map(|case| trial(case, &program)).collect();
    libtest_mimic::run(&arguments, trials).exit();
}

fn trial(case: &'static Case, program: &Program) -> Trial {
    let missing = case.needs.iter().find_map(|need| need.missing(program));
    let subject = Subject {
        program: program.clone(),
        test: case.name,
    };
    let ignored = missing.is_some();
    Trial::test(case.name, move || {
        if !subject.program.path.exists() {
            let path = subject.program.path.display();
            return Err(format!("{path} is not there: build it first").into());
        }
        let play = |_| (case.run)(&subject);
        // Inside a namespace it is the test outside that plays again: in a new one.
        let times = if Namespace::is_around_us() { 0 } else { AGAIN };
        again::until_it_passes(case.name, times, play).map_err(Into::into)
    })
    .with_ignored_flag(ignored)
    .with_kind(missing.unwrap_or_default())
}

impl Need {
    /// Why it is not fulfilled, if so.
    fn missing(self, program: &Program) -> Option<String> {
        match self {
            Self::Tool(tool) => installed(tool)
                .is_none()
                .then(|| format!("{tool} is not installed")),
            Self::Reference => (!std::path::Path::new(KAMAILIO).exists())
                .then(|| "Kamailio is not installed".to_owned()),
            Self::StockConfig => (!std::path::Path::new(STOCK_CONFIG).exists())
                .then(|| format!("{STOCK_CONFIG} is not there")),
            Self::Ferrosip => program
                .is_reference()
                .then(|| "about ferrosip alone".to_owned()),
            Self::Root => (!nix::unistd::geteuid().is_root()).then(|| "not root".to_owned()),
            Self::Inside(namespace) => namespace.missing(),
        }
    }
}
