//! Files as a source.

use std::sync::Arc;

use salesdash_connect::import::FileFormat;
use salesdash_store::runs::Run;

use crate::support::{Installation, deal};

async fn import(at: &Installation, format: FileFormat, text: &str) -> Result<Run, String> {
    let (connect, tenant, source, text) = (Arc::clone(&at.connect), at.tenant, at.source, text.to_owned());
    let imported = tokio::task::spawn_blocking(move || connect.import(tenant, source, format, &mut text.as_bytes())).await;
    imported.expect("no panic").map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_of_json_are_taken_and_bad_ones_told() {
    let at = Installation::new();
    let text = format!("{}\n{{\"id\": }}\n[1]\n{}\n", deal(1, "won", "u1", "10:00:00"), deal(2, "won", "u2", "10:01:00"));
    let run = import(&at, FileFormat::Json, &text).await.expect("imported");
    assert_eq!((run.kind.as_str(), run.verdict.as_str(), run.records, run.taken, run.failed), ("import", "succeeded", 4, 2, 2));
    assert!(run.reason.as_deref().is_some_and(|reason| reason.contains("Line 2") && reason.contains("Line 3")), "{:?}", run.reason);
    // Given again, it is recognised.
    assert_eq!(import(&at, FileFormat::Json, &text).await.expect("imported").duplicate, 2);
    assert_eq!(at.ledger(), (4, 0, 2, 2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn csv_is_read_whatever_separates_it() {
    for (text, name) in [
        ("\u{feff}id;title;status\nd1;\"Sun; and more\";won\nd2;Roof;lost\n", "semicolons.csv"),
        ("id,title,status\r\nd1,\"Sun, and more\",won\r\nd2,Roof,lost", "commas.csv"),
        ("id\ttitle\tstatus\nd1\tSun\twon\nd2\tRoof\tlost\n", "tabs.tsv"),
    ] {
        let at = Installation::new();
        let run = import(&at, FileFormat::of_name(name).expect("a format"), text).await.expect("imported");
        assert_eq!((run.records, run.taken, run.failed), (2, 2, 0), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_csv_that_makes_no_sense_says_why() {
    let at = Installation::new();
    let refused = import(&at, FileFormat::Csv, "id,id\n1,2\n").await.expect_err("refused");
    assert_eq!(refused, "the column `id` is there twice; give each a name of its own");
    assert!(import(&at, FileFormat::Csv, "").await.is_err());
    let run = import(&at, FileFormat::Csv, "id,title\nd1,a\nd2,b,c\nd3\n").await.expect("imported");
    assert_eq!((run.taken, run.failed), (2, 1));
}
