//! Writes the reference documents: `cargo run -p modules --example reference -- FOLDER FILE`, where
//! FOLDER gets the pages and FILE is docs/compatibility.md, whose generated part is replaced.

use std::path::PathBuf;
use std::{env, fs, io};

const BEGIN: &str = "<!-- generated: begin -->";
const END: &str = "<!-- generated: end -->";

fn main() -> io::Result<()> {
    let mut args = env::args_os().skip(1).map(PathBuf::from);
    let (Some(folder), Some(compatibility)) = (args.next(), args.next()) else {
        return Err(io::Error::other(
            "usage: reference FOLDER COMPATIBILITY_FILE",
        ));
    };
    fs::create_dir_all(&folder)?;
    for page in engine::reference::pages(modules::LIBRARY) {
        fs::write(folder.join(page.name), page.text)?;
    }
    let text = fs::read_to_string(&compatibility)?;
    let (Some(begin), Some(end)) = (text.find(BEGIN), text.find(END)) else {
        return Err(io::Error::other("the file has no generated part"));
    };
    let limits = engine::reference::limits(modules::LIBRARY);
    let text = format!("{}{BEGIN}\n{limits}{}", &text[..begin], &text[end..]);
    fs::write(compatibility, text)
}
