//! Tests of the grammar.

use std::path::{Path, PathBuf};

use crate::ast::Item;
use crate::diagnostic::{render_full};
use crate::parse::{Parsed, parse_file, parse_text};
use crate::preprocess::Options;
use crate::source::{MemoryLoader, SystemLoader};

fn parse(text: &str) -> Parsed {
    parse_text(
        Path::new("test.cfg"),
        text.to_owned(),
        &MemoryLoader::default(),
        &Options::default(),
    )
}

const STOCK: &str = "/etc/kamailio/kamailio.cfg";

#[test]
fn the_stock_configuration_parses_with_each_define() {
    if !Path::new(STOCK).exists() {
        return;
    }
    let all = [
        "WITH_DEBUG",
        "WITH_MYSQL",
        "WITH_AUTH",
        "WITH_IPAUTH",
        "WITH_USRLOCDB",
        "WITH_PRESENCE",
        "WITH_MSGREBUILD",
        "WITH_NAT",
        "WITH_NATSIPPING",
        "WITH_RTPENGINE",
        "WITH_PSTN",
        "WITH_ALIASDB",
        "WITH_SPEEDDIAL",
        "WITH_MULTIDOMAIN",
        "WITH_TLS",
        "WITH_JSONRPC",
        "WITH_ANTIFLOOD",
        "WITH_BLOCK3XX",
        "WITH_BLOCK401407",
        "WITH_VOICEMAIL",
        "WITH_ACCDB",
    ];
    let mut sets: Vec<Vec<&str>> = all.iter().map(|name| vec![*name, "WITH_MYSQL"]).collect();
    sets.push(Vec::new());
    sets.push(all.to_vec());
    for set in sets {
        let options = Options {
            defines: set.iter().map(|name| ((*name).to_owned(), None)).collect(),
            ..Options::default()
        };
        let parsed = parse_file(&PathBuf::from(STOCK), &SystemLoader, &options);
        assert!(
            parsed.diagnostics.is_empty(),
            "{set:?}\n{}",
            render_full(&parsed.diagnostics, &parsed.source, false)
        );
        let blocks = parsed
            .config
            .items
            .iter()
            .filter(|item| matches!(item, Item::Block(_)))
            .count();
        assert!(blocks >= 17, "{blocks} blocks");
    }
}
