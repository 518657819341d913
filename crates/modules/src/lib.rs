//! Kamailio's modules, one folder each.
