//! The disk is full.

use std::path::PathBuf;
use std::process::Command;

use crate::sender::{Connection, Sent};
use crate::server::{Server, install, look};

/// A command that runs a script with a small file system of its own on `folder`. None where this system lets nobody make one.
fn confined(folder: &std::path::Path, script: &str) -> Option<Command> {
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c"]).arg(script).arg("sh").arg(folder);
        command
    };
    let mount = "mount -t tmpfs -o size=6m tmpfs \"$1\"";
    if !unshare(mount).output().is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: this system lets nobody mount a small file system to fill");
        return None;
    }
    Some(unshare(&format!("{mount} && {script}")))
}

#[test]
fn while_the_disk_is_full_senders_are_told_to_try_again_and_nothing_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let (made, mounted) = (folder.path().join("made"), folder.path().join("mounted"));
    let installation = install(&made);
    std::fs::create_dir(&mounted).expect("a folder");
    // The installation moves into the small file system, beside a file that takes half of the room.
    let script = format!(
        "cp -r '{}'/. \"$1\" && dd if=/dev/zero of=\"$1/ballast\" bs=1M count=3 2>/dev/null && \
         exec '{}' serve --listen 127.0.0.1:0 --data \"$1\"",
        made.display(),
        env!("CARGO_BIN_EXE_salesdash")
    );
    let Some(command) = confined(&mounted, &script) else { return };
    let server = Server::of(command);
    let mut connection = Connection::open(server.address).expect("it listens");
    let mut acknowledged = 0;
    let (status, body) = loop {
        match connection.send(&installation, acknowledged) {
            Sent::Acknowledged => acknowledged += 1,
            Sent::Refused(status, body) => break (status, body),
            Sent::Unknown => panic!("it went away after {acknowledged}"),
        }
        assert!(acknowledged < 20_000, "the disk does not fill");
    };
    assert_eq!(status, 503, "{body}");
    assert!(body.contains("send it again later"), "{body}");
    assert!(acknowledged > 10, "{acknowledged}");
    // The mount is seen through the process that lives in it.
    let seen: PathBuf = format!("/proc/{}/root{}", server.id(), mounted.display()).into();
    std::fs::remove_file(seen.join("ballast")).expect("room again");
    for number in acknowledged..acknowledged + 20 {
        assert_eq!(connection.send(&installation, number), Sent::Acknowledged, "work goes on by itself");
    }
    // The file system goes with the program, so what is in it is copied out before.
    let after = folder.path().join("after");
    let copied = Command::new("nsenter")
        .args(["--user", "--preserve-credentials", "--mount", "--target"])
        .arg(server.id().to_string())
        .arg(env!("CARGO_BIN_EXE_salesdash"))
        .arg("backup")
        .arg(&after)
        .arg("--data")
        .arg(&mounted)
        .output()
        .expect("it ends");
    assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
    let said = server.stop();
    assert!(said.contains("the disk is full"), "the log does not tell: {said}");
    let restored = folder.path().join("restored");
    let put_back = Command::new(env!("CARGO_BIN_EXE_salesdash"))
        .arg("restore")
        .arg(&after)
        .arg("--data")
        .arg(&restored)
        .arg("--key")
        .arg(made.join("master.key"))
        .output()
        .expect("it ends");
    assert!(put_back.status.success(), "{}", String::from_utf8_lossy(&put_back.stderr));
    let held = look(&restored, &installation);
    assert_eq!(held.ledger.received as usize, acknowledged + 20, "{:?}", held.ledger);
    assert_eq!(held.ledger.executed as usize, acknowledged + 20, "{:?}", held.ledger);
}
