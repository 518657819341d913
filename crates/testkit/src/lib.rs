//! Simulated network and clock, packet builders and the scenario runner.
