//! Executes `docs/getting-started.md`: the blocks of shell in their order, as one script, and the texts that they are said to print.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use crate::support::Folder;

/// The fenced blocks of one kind, in order, each with the number of shell blocks before it.
fn blocks(page: &str, kind: &str) -> Vec<(usize, String)> {
    let (mut blocks, mut shells, mut open) = (Vec::new(), 0, None);
    for line in page.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some((name, text))) => {
                if name == kind {
                    blocks.push((shells, std::mem::take(text)));
                }
                shells += usize::from(name == "sh");
                open = None;
            }
            (Some(info), None) => open = Some((info.to_owned(), String::new())),
            (None, Some((_, text))) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

#[test]
fn the_first_integration_works_as_it_is_told() {
    for needed in ["bash", "curl"] {
        if Command::new(needed).arg("--version").output().is_err() {
            eprintln!("skipped: {needed} is not installed");
            return;
        }
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/getting-started.md");
    let page = std::fs::read_to_string(page).expect("the page");
    // A port that is free, in place of the one that people use.
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    let mut script = String::from("set -u\n");
    for (number, block) in blocks(&page, "sh") {
        script.push_str(&block.replace("127.0.0.1:8080", &free.to_string()));
        script.push_str(&format!("\necho; echo '== end of block {number}'\n"));
    }
    let folder = Folder::new();
    let program = Path::new(env!("CARGO_BIN_EXE_salesdash")).parent().expect("a folder");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let ran = Command::new("bash").args(["-c", &script]).current_dir(folder.path()).env("PATH", path).output().expect("it ends");
    let (out, errors) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    let printed: Vec<&str> = out.split("== end of block ").collect();
    for (shells, text) in blocks(&page, "text") {
        for line in text.lines() {
            assert!(printed[shells - 1].contains(line), "block {} did not print {line}:\n{out}\n{errors}", shells - 1);
        }
    }
    assert!(ran.status.success(), "{:?}\n{out}\n{errors}", ran.status);
    assert!(folder.path().join("first-backup.db").is_file());
}
