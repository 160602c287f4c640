//! How the embedded database goes about every list and every look-up: nothing reads through a whole table that grows with what arrives.

use std::collections::{HashMap, HashSet};

use salesdash_store::browse::{Linked, RecordFilter};
use salesdash_store::deliveries::{ModelRange, ModelVerdict, NewModel, Verdict};
use salesdash_store::erasing::{Find, REFERRING};
use salesdash_store::executions::{Filter, RecordKey, Status};
use salesdash_store::{Paging, Result, Scope, StoreError};
use salesdash_value::{Id, IdentityKind, RecordKind};

use crate::harness::{Installation, Sqlite};

/// Tables that grow with what arrives.
const GROWING: [&str; 13] = [
    "deliveries",
    "source_models",
    "payloads",
    "executions",
    "attempts",
    "records",
    "enrichments",
    "events",
    "contact_changes",
    "queue",
    "postponed",
    "audit",
    "erased",
];

/// What may go through a whole table, by words of the statement, and why. What is read once at the start of the program (what waits) is not
/// asked for here.
const ALLOWED: [(&str, &str); 7] = [
    ("SELECT id FROM queue WHERE tenant = ?1 ORDER BY id LIMIT 1", "the first of its order, and no more"),
    ("FROM payloads WHERE tenant = ?1 ORDER BY id DESC", "retention by size adds up all that is kept, every six hours"),
    ("SELECT SUM(LENGTH(content)) FROM payloads", "the page of the disk's usage, which says that it reads all"),
    ("SELECT COUNT(*) FROM deliveries WHERE tenant = ?1", "the page of the disk's usage, and the beginning of an erasure"),
    ("SELECT COUNT(*) FROM source_models WHERE tenant = ?1", "the page of the disk's usage, and the beginning of an erasure"),
    ("SELECT m.payload, m.id FROM queue", "retention asks for what waits: the queue is as long as what is being worked on"),
    ("DELETE FROM events", "retention forgets ids of events, every six hours"),
];

/// Whatever is asked for may be missing: how it is looked for is what counts.
fn ask<T>(asked: Result<T>) -> Result<()> {
    match asked {
        Ok(_) | Err(StoreError::Missing(_) | StoreError::Conflict(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

fn everything(scope: &mut Scope<'_>, source: i64) -> Result<()> {
    let page = Paging::default();
    let id = Id([1; 16]);
    let key = || Some(RecordKey { hash: 5, text: "k".to_owned() });
    let delivery = scope.next_id();
    ask(scope.insert_delivery(&crate::harness::delivery(delivery, source)))?;
    let new = NewModel {
        key: Some("k".to_owned()),
        key_hash: 5,
        version: None,
        place: 0,
        digest: 1,
        verdict: ModelVerdict::Taken,
        pending: 1,
        job: None,
    };
    let model = scope.insert_source_model(source, delivery, 1, &new)?;
    let model = scope.source_model(model)?;
    let execution = scope.insert_execution(model.id, 1, 1, 1, None)?;
    let execution = scope.execution(execution)?;
    // Lists, with each of their filters.
    for (of, verdict) in [(None, None), (Some(source), None), (Some(source), Some(Verdict::Rejected))] {
        ask(scope.deliveries(of, verdict, page))?;
    }
    let filters = [
        Filter::default(),
        Filter { status: Some(Status::Succeeded), ..Filter::default() },
        Filter { status: Some(Status::Failed), ..Filter::default() },
        Filter { links: Some(vec![1]), ..Filter::default() },
        Filter { links: Some(vec![1, 2]), ..Filter::default() },
        Filter { status: Some(Status::Failed), links: Some(vec![1]), ..Filter::default() },
        Filter { source_model: Some(1), ..Filter::default() },
        Filter { from: Some(1), to: Some(2), ..Filter::default() },
        Filter { key: key(), ..Filter::default() },
        Filter { job: Some(1), ..Filter::default() },
        Filter { code: Some("E1".to_owned()), status: Some(Status::Failed), ..Filter::default() },
    ];
    for filter in &filters {
        ask(scope.executions(filter, page))?;
    }
    let records = [
        RecordFilter::default(),
        RecordFilter { from: Some(1), to: Some(2), ..RecordFilter::default() },
        RecordFilter { agents: Some(vec![id]), ..RecordFilter::default() },
        RecordFilter { provider: Some(1), ..RecordFilter::default() },
        RecordFilter { external_id: Some("x".to_owned()), ..RecordFilter::default() },
        RecordFilter { execution: Some(1), ..RecordFilter::default() },
    ];
    for filter in &records {
        ask(scope.records(RecordKind::Sale, filter, None, 10))?;
        ask(scope.find_records(RecordKind::Sale, filter, None, 10, 100))?;
    }
    for linked in [Linked::Any, Linked::Yes, Linked::No, Linked::Ignored] {
        ask(scope.identities(IdentityKind::Agent, linked, page))?;
    }
    ask(scope.identities_of(IdentityKind::Agent, 1))?;
    ask(scope.records_naming(&[id, id]))?;
    ask(scope.record_counts())?;
    ask(scope.entities(IdentityKind::Agent, page))?;
    ask(scope.source_models_of(&[source], None, page))?;
    ask(scope.source_models_of(&[source], key().as_ref(), page))?;
    ask(scope.models_of_delivery(delivery))?;
    ask(scope.runs(Some(source), page))?;
    ask(scope.cursor_history(source, page))?;
    ask(scope.jobs(None, page))?;
    ask(scope.jobs(Some("erase"), page))?;
    ask(scope.audit_log(page))?;
    // Look-ups of intake, execution and replay.
    ask(scope.executions_around(&model, &execution))?;
    ask(scope.executions_of_same_record(execution.id, 10))?;
    ask(scope.throughput(source, 1, 2))?;
    ask(scope.newest_of_key(source, 5, "k"))?;
    ask(scope.delivery_of_event(source, b"e"))?;
    ask(scope.payload(1))?;
    ask(scope.last_execution(model.id, 1))?;
    ask(scope.is_superseded(model.id, 1, 0, 0))?;
    ask(scope.waiting_item(execution.id))?;
    ask(scope.attempts(&execution))?;
    ask(scope.attempt(&execution, 1))?;
    ask(scope.forget_attempts(execution.id))?;
    ask(scope.first_waiting())?;
    ask(scope.enrichments(model.id, 1))?;
    ask(scope.postponement(execution.id))?;
    ask(scope.record(id))?;
    ask(scope.identity(id))?;
    let range = ModelRange { sources: vec![source], from: 1, to: 2 };
    ask(scope.taken(&range, true, 10))?;
    ask(scope.count_taken(&range))?;
    ask(scope.job_counts(1))?;
    ask(scope.job_executions(1, &[Status::Waiting], i64::MAX, 10))?;
    ask(scope.insert_again(source, model.id, 1, 1, 1))?;
    ask(scope.brought_executions(1, true, 10))?;
    ask(scope.note_undone(execution.id, source))?;
    ask(scope.settle(source, model.id, false))?;
    ask(scope.settle_stale(source, model.id))?;
    // What a person waits for less: retention, the check of the ledger, usage.
    ask(scope.payloads_in_use(1, 1))?;
    ask(scope.forget_payloads(1, 0, 10, &HashSet::new()))?;
    ask(scope.forget_references(2, 1, 10))?;
    ask(scope.payloads_beyond(1))?;
    ask(scope.payload_bytes())?;
    ask(scope.forget_events(1))?;
    ask(scope.forget_runs(1))?;
    ask(scope.counted_ledger(source))?;
    // Erasing: a chunk at a time in the order of ids.
    let keys = ["hmac:00"];
    ask(scope.models_between(0, 9, 10))?;
    ask(scope.bodies_between(0, 9, 10))?;
    ask(scope.enriched_between(0, 9, 10))?;
    ask(scope.executions_between(0, 9, 10))?;
    ask(scope.executions_of_model(model.id))?;
    ask(scope.every_enrichment(model.id))?;
    ask(scope.versions_of(&model, 9))?;
    ask(scope.executions_of_contact(&keys))?;
    ask(scope.holders_after(&id, &keys, 10))?;
    ask(scope.unlink_contact(&keys, 9, 10))?;
    ask(scope.forget_changes(&keys))?;
    ask(scope.extent(1, &keys))?;
    ask(scope.finds(1, Find::Model, 0, 10))?;
    ask(scope.erase_model(1, &model, 1))?;
    ask(scope.erase_delivery(1, delivery, 1))?;
    ask(scope.erased(1))?;
    ask(scope.count_kept())?;
    for table in REFERRING {
        ask(scope.referred_to(table, &HashSet::new(), 0, 10))?;
    }
    Ok(())
}

/// The tables of a statement by the names that it gives them.
fn tables(sql: &str) -> HashMap<String, String> {
    let words: Vec<&str> =
        sql.split(|letter: char| letter.is_whitespace() || "(),".contains(letter)).filter(|word| !word.is_empty()).collect();
    let mut named = HashMap::new();
    for pair in words.windows(3) {
        if ["FROM", "JOIN", "UPDATE"].contains(&pair[0]) {
            named.insert(pair[1].to_owned(), pair[1].to_owned());
            named.insert(pair[2].to_owned(), pair[1].to_owned());
        }
    }
    if let [.., keyword, table] = words[..]
        && keyword == "FROM"
    {
        named.insert(table.to_owned(), table.to_owned());
    }
    named
}

/// How each statement that is asked is answered: the statement, and the lines of its plan.
fn plans() -> Vec<(String, Vec<String>)> {
    let Installation { store, tenant, source } = Installation::new(&Sqlite::new());
    let asked = store.write(tenant, move |scope| {
        everything(scope, source)?;
        scope.plans()
    });
    asked.unwrap()
}

#[test]
fn nothing_reads_through_a_table_that_grows() {
    let plans = plans();
    assert!(plans.len() > 90, "{}", plans.len());
    let (mut wrong, mut used) = (Vec::new(), HashSet::new());
    for (sql, lines) in &plans {
        let named = tables(sql);
        for line in lines {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [way, table, ..] = words[..] else { continue };
            let grows = named.get(table).is_some_and(|table| GROWING.contains(&table.as_str()));
            // All of a tenant's rows are all there are in most installations.
            let all = way == "SCAN" || way == "SEARCH" && line.contains("(tenant=?)");
            if !grows || !all {
                continue;
            }
            match ALLOWED.iter().position(|(allowed, _)| sql.contains(allowed)) {
                Some(allowed) => drop(used.insert(allowed)),
                None => wrong.push(format!("{sql}\n    {}", lines.join("\n    "))),
            }
        }
    }
    wrong.sort();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    let unused: Vec<_> = ALLOWED.iter().enumerate().filter(|(place, _)| !used.contains(place)).map(|(_, (allowed, _))| *allowed).collect();
    assert!(unused.is_empty(), "allowed, and not needed: {unused:?}");
}

#[test]
fn executions_of_a_source_model_are_looked_up_in_both_ways() {
    let plans = plans();
    let of_model: Vec<_> = plans.iter().filter(|(sql, _)| sql.contains("source_model <> 0")).collect();
    assert!(of_model.len() >= 10, "{}", of_model.len());
    for (sql, lines) in of_model {
        for way in ["PRIMARY KEY (tenant=? AND id=?)", "executions_by_source_model (tenant=? AND source_model=?"] {
            assert!(lines.iter().any(|line| line.contains(way)), "{sql}\n    {}", lines.join("\n    "));
        }
        assert!(
            !lines.iter().any(|line| line.contains("executions_by_link") || line.contains("ANY(")),
            "{sql}\n    {}",
            lines.join("\n    ")
        );
    }
}

#[test]
fn counts_of_records_are_looked_up() {
    let Installation { store, tenant, .. } = Installation::new(&Sqlite::new());
    let plans = store
        .write(tenant, |scope| {
            scope.records_naming(&[Id([1; 16])])?;
            scope.record_counts()?;
            scope.identities_of(IdentityKind::Agent, 1)?;
            scope.plans()
        })
        .unwrap();
    let lines: HashSet<&str> = plans
        .iter()
        .filter(|(sql, _)| sql.contains("tallies") || sql.contains("entity = ?"))
        .flat_map(|(_, lines)| lines)
        .map(String::as_str)
        .collect();
    for line in &lines {
        assert!(!line.starts_with("SCAN") && !line.contains("records"), "{lines:?}");
    }
    assert!(lines.iter().any(|line| line.contains("(tenant=? AND identity=?)")), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("identities_by_entity (tenant=? AND entity=?)")), "{lines:?}");
}
