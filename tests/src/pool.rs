//! Server pairs that scenarios with the same configuration share.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::scenario::Scenario;
use crate::subject::{Program, Server, StartError};

/// The two servers that are compared.
pub struct Pair {
    /// The oracle.
    pub reference: Server,
    /// The server that is judged.
    pub subject: Server,
}

/// Starts a pair when the first scenario of its group wants it, and stops it after the last.
pub struct Pool {
    programs: (Program, Program),
    configs: PathBuf,
    groups: HashMap<String, Mutex<Group>>,
}

#[derive(Default)]
struct Group {
    pair: Option<Arc<Pair>>,
    failure: Option<String>,
    waiting: usize,
}

impl Pool {
    /// A pool for these scenarios.
    pub fn new(programs: (Program, Program), configs: PathBuf, scenarios: &[Scenario]) -> Self {
        let mut groups: HashMap<String, Mutex<Group>> = HashMap::new();
        for scenario in scenarios {
            let group = groups.entry(scenario.group()).or_default();
            group
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner)
                .waiting += 1;
        }
        Self {
            programs,
            configs,
            groups,
        }
    }

    /// Runs `work` with the pair of a scenario's group.
    pub fn with<T>(
        &self,
        scenario: &Scenario,
        work: impl FnOnce(&Pair) -> Result<T, String>,
    ) -> Result<T, String> {
        let group = self
            .groups
            .get(&scenario.group())
            .ok_or("a scenario of no group")?;
        let pair = self.pair(group, scenario);
        let result = pair.and_then(|pair| work(&pair));
        let mut group = group.lock().unwrap_or_else(PoisonError::into_inner);
        group.waiting = group.waiting.saturating_sub(1);
        if group.waiting == 0 {
            group.pair = None;
        }
        result
    }

    /// Runs `work` with a pair of its own.
    pub fn alone<T>(
        &self,
        scenario: &Scenario,
        work: impl FnOnce(&Pair) -> Result<T, String>,
    ) -> Result<T, String> {
        let pair = self.start(scenario).map_err(|e| e.to_string())?;
        work(&pair)
    }

    fn pair(&self, group: &Mutex<Group>, scenario: &Scenario) -> Result<Arc<Pair>, String> {
        let mut group = group.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pair) = &group.pair {
            return Ok(Arc::clone(pair));
        }
        if let Some(failure) = &group.failure {
            return Err(failure.clone());
        }
        match self.start(scenario) {
            Ok(pair) => {
                let pair = Arc::new(pair);
                group.pair = Some(Arc::clone(&pair));
                Ok(pair)
            }
            Err(error) => {
                group.failure = Some(error.to_string());
                Err(error.to_string())
            }
        }
    }

    fn start(&self, scenario: &Scenario) -> Result<Pair, StartError> {
        Ok(Pair {
            reference: Server::start(&self.programs.0, scenario, &self.configs)?,
            subject: Server::start(&self.programs.1, scenario, &self.configs)?,
        })
    }
}
