//! Wrong usage, and help.

use crate::support::{Folder, folder};

#[test]
fn wrong_usage_exits_with_2() {
    let folder = folder();
    for arguments in [
        &[][..],
        &["nonsense"],
        &["check"],
        &["run"],
        &["run", "spec.json", "--at", "yesterday"],
        &["run", "spec.json", "--identity-key", ""],
        &["run", "spec.json", "--nonsense"],
        &["run", "-", "-"],
        &["run", "-"],
        &["run", "spec.json", "-", "-"],
        &["catalog", "x"],
        &["serve", "--listen", "here"],
        &["user", "create"],
        &["token", "create"],
    ] {
        let ran = folder.salesdash(arguments);
        assert_eq!((ran.exit, ran.out.as_str()), (2, ""), "{arguments:?}: {}", ran.errors);
        assert!(!ran.errors.is_empty(), "{arguments:?}");
    }
}

#[test]
fn help_and_version_are_results() {
    let folder = Folder::new();
    let help = folder.salesdash(&["--help"]).exits(0);
    for command in ["check", "run", "catalog", "schema", "serve", "demo", "bench", "backup", "restore", "user", "token"] {
        assert!(help.out.contains(&format!("  {command} ")), "{}", help.out);
    }
    assert!(help.out.contains("Exit codes"));
    assert!(folder.salesdash(&["--version"]).exits(0).out.starts_with("salesdash "));
}
