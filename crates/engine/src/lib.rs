//! Runs messages through the script: context, variables, core functions, module contract, RPC, statistics, timers.
