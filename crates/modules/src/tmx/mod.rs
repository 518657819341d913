//! Module tmx: further functions, variables and statistics on tm's transactions.
//!
//! Mirrors Kamailio's tmx README.

mod functions;
mod precheck;
mod statistics;
mod variables;

use std::sync::Arc;

use engine::core::Setup;
use engine::module::{InitError, Module, Param, State};

use crate::tm::api::Tm;
use precheck::InWork;

/// The state of module tmx.
pub struct Tmx {
    pub(crate) tm: Arc<Tm>,
    in_work: Arc<InWork>,
}

/// Its table.
pub static MODULE: Module = Module {
    name: "tmx",
    doc: "Further functions, variables and statistics on transactions.",
    needs: &["tm"],
    functions: functions::TABLE,
    variables: variables::TABLE,
    statistics: statistics::TABLE,
    params: &[Param::int(
        "precheck_trans",
        1,
        "Keep track of the requests in work, for t_precheck_trans.",
    )],
    init,
    ..Module::EMPTY
};

fn init(setup: &mut Setup<'_>) -> Result<State, InitError> {
    let tm = setup.require::<Tm>("tm")?;
    let random = || setup.services.random.next();
    let in_work = Arc::new(InWork::new([random(), random(), random(), random()]));
    if setup.params.int("precheck_trans") != 0 {
        let entering = Arc::clone(&in_work);
        setup
            .hooks
            .before_request
            .push(Box::new(move |cx| entering.enter(cx)));
        let leaving = Arc::clone(&in_work);
        setup
            .hooks
            .after_request
            .push(Box::new(move |cx| leaving.leave(cx)));
    }
    Ok(Arc::new(Tmx { tm, in_work }))
}
