//! What `docs/on-target.md` quotes is what the files say. They are built for bare metal, where documentation's tests do not run.

use std::fs;
use std::path::Path;

/// What the guide says of the file that it quotes next.
const FROM: &str = "](../";

/// A piece of code, and the file it is from: the one that was named last before it.
struct Quote {
    file: String,
    code: String,
}

fn quotes(guide: &str) -> Vec<Quote> {
    let (mut quotes, mut file, mut code) = (Vec::new(), String::new(), None::<String>);
    for line in guide.lines() {
        match (&mut code, line) {
            (None, "```rust,ignore") => code = Some(String::new()),
            (Some(_), "```") => quotes.extend(code.take().map(|code| Quote { file: file.clone(), code })),
            (Some(code), line) => *code += &format!("{line}\n"),
            (None, line) => {
                if let Some((path, _)) = line.split_once(FROM).and_then(|(_, rest)| rest.split_once(')')) {
                    if line.starts_with("From") || line.starts_with('[') {
                        file = path.to_owned();
                    }
                }
            }
        }
    }
    quotes
}

/// All files of the repository that the guide links to.
fn links(guide: &str) -> Vec<&str> {
    guide.split(FROM).skip(1).filter_map(|rest| rest.split_once(')')).map(|(path, _)| path).collect()
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn the_guide_quotes_what_is_built() {
    let guide = read("docs/on-target.md");
    let quotes = quotes(&guide);
    assert_eq!(quotes.len(), guide.matches("```rust").count());
    assert!(!quotes.is_empty());
    for Quote { file, code } in quotes {
        assert!(read(&file).contains(&code), "{file} does not say this any more:\n{code}");
    }
}

#[test]
fn the_guide_links_to_what_is_there() {
    let guide = read("docs/on-target.md");
    assert!(links(&guide).len() > quotes(&guide).len());
    for path in links(&guide) {
        assert!(root().join(path).exists(), "there is no {path}");
    }
}

#[test]
fn a_quote_belongs_to_the_file_that_was_named_last() {
    let guide = "See [x](../x.rs).\n\nFrom [a](../a.rs):\n\n```rust,ignore\n    let a = 1;\n```\n\n[b](../b.rs):\n\n```rust,ignore\nb\n\nc\n```\n";
    let found: Vec<_> = quotes(guide).into_iter().map(|quote| (quote.file, quote.code)).collect();
    assert_eq!(found, [("a.rs".into(), "    let a = 1;\n".into()), ("b.rs".into(), "b\n\nc\n".into())]);
}
