//! Lists that are filtered and searched.

use salesdash_language::identity::Subject;
use salesdash_records::{Row, Rows};
use salesdash_store::Paging;
use salesdash_store::browse::{Linked, RecordFilter};
use salesdash_store::deliveries::{ModelVerdict, NewModel};
use salesdash_store::executions::{Filter, RecordKey};
use salesdash_value::{Id, Identity, IdentityKind, Instant, RecordKind, Text, Value};

use crate::harness::{Database, Installation};

fn agent(number: u8) -> Id {
    Id([number; 16])
}

fn identity(number: u8, name: &str) -> Row {
    Row {
        subject: Subject::Identity(IdentityKind::Agent),
        id: agent(number),
        external_id: Text::new(format!("u{number}")),
        fields: vec![(Text::new("external_name"), name.into())],
        locked: Vec::new(),
        execution: 1,
    }
}

fn activity(number: u8, by: u8, second: i64) -> Row {
    let by = Identity { kind: IdentityKind::Agent, id: agent(by), external_id: Text::new(format!("u{by}")), external_name: Text::new("-") };
    Row {
        subject: Subject::Record(RecordKind::Activity),
        id: Id([100 + number; 16]),
        external_id: Text::new(format!("lead_{number}")),
        fields: vec![
            (Text::new("moment"), Value::Datetime(Instant::from_second(second).unwrap())),
            (Text::new("activity_type"), "Lead".into()),
            (Text::new("agent_external_identity"), Value::Identity(by.into())),
        ],
        locked: Vec::new(),
        execution: number.into(),
    }
}

fn filled(database: &impl Database) -> Installation {
    let installation = Installation::new(database);
    installation
        .store
        .write(installation.tenant, |scope| {
            let mut rows = scope.rows_of(1);
            for (number, name) in [(1, "Kim de Vries"), (2, "Robin"), (3, "KIMBERLY")] {
                rows.insert(&identity(number, name))?;
            }
            for (number, by, second) in [(1, 1, 10), (2, 1, 20), (3, 2, 30), (4, 1, 20)] {
                rows.insert(&activity(number, by, second))?;
            }
            Ok(())
        })
        .unwrap();
    installation
}

pub fn records_are_filtered_and_paged(database: &impl Database) {
    let installation = filled(database);
    let list = |filter: RecordFilter, limit: usize| {
        let (mut seen, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let page = installation
                .store
                .read(installation.tenant, |scope| scope.records(RecordKind::Activity, &filter, cursor.as_deref(), limit))
                .unwrap();
            seen.extend(page.items.iter().map(|record| record.row.external_id.to_string()));
            match page.next {
                Some(next) => cursor = Some(next),
                None => return seen,
            }
        }
    };
    let all = ["lead_3", "lead_4", "lead_2", "lead_1"];
    for limit in [1, 2, 3, 10] {
        assert_eq!(list(RecordFilter::default(), limit), all, "pages of {limit}");
    }
    assert_eq!(list(RecordFilter { agents: Some(vec![agent(2)]), ..RecordFilter::default() }, 10), ["lead_3"]);
    assert_eq!(list(RecordFilter { agents: Some(Vec::new()), ..RecordFilter::default() }, 10), Vec::<String>::new());
    assert_eq!(list(RecordFilter { external_id: Some("d_4".to_owned()), ..RecordFilter::default() }, 10), ["lead_4"]);
    assert_eq!(list(RecordFilter { external_id: Some("lead%".to_owned()), ..RecordFilter::default() }, 10), Vec::<String>::new());
    assert_eq!(list(RecordFilter { execution: Some(2), ..RecordFilter::default() }, 10), ["lead_2"]);
    assert_eq!(list(RecordFilter { provider: Some(2), ..RecordFilter::default() }, 10), Vec::<String>::new());
    let from = RecordFilter { from: Some(20_000_000), to: Some(30_000_000), ..RecordFilter::default() };
    assert_eq!(list(from, 10), ["lead_4", "lead_2"]);
}

pub fn records_are_looked_for_a_stretch_at_a_time(database: &impl Database) {
    let installation = filled(database);
    // What each page found, how many records were looked at for it, and back to which second.
    let find = |text: &str, limit: usize, most: i64| {
        let filter = RecordFilter { external_id: Some(text.to_owned()), ..RecordFilter::default() };
        let (mut pages, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let found = installation
                .store
                .read(installation.tenant, |scope| scope.find_records(RecordKind::Activity, &filter, cursor.as_deref(), limit, most))
                .unwrap();
            let ids: Vec<String> = found.page.items.iter().map(|record| record.row.external_id.to_string()).collect();
            pages.push((ids.join(" "), found.searched.map(|searched| (searched.count, searched.back_to.map(|at| at / 1_000_000)))));
            match found.page.next {
                Some(next) => cursor = Some(next),
                None => return pages,
            }
        }
    };
    let page = |ids: &str, count, back_to| (ids.to_owned(), Some((count, back_to)));
    // Two are of one second: a stretch that ends between them leaves neither out nor shows one twice.
    assert_eq!(find("lead", 10, 2), [page("lead_3 lead_4", 2, Some(20)), page("lead_2 lead_1", 2, Some(10)), page("", 0, None)]);
    assert_eq!(find("d_1", 10, 3), [page("", 3, Some(20)), page("lead_1", 1, None)]);
    assert_eq!(find("lead", 1, 3)[..2], [page("lead_3", 1, Some(30)), page("lead_4", 1, Some(20))]);
    assert_eq!(find("lead", 10, 100), [page("lead_3 lead_4 lead_2 lead_1", 4, None)]);
}

pub fn identities_are_searched_by_their_encrypted_names(database: &impl Database) {
    let installation = filled(database);
    let search = |text: &'static str, limit: usize| {
        let (mut seen, mut paging) = (Vec::new(), Paging { before: i64::MAX, limit });
        loop {
            let keep = |row: &salesdash_store::records::IdentityRow| {
                row.row.field("external_name").as_text().is_some_and(|name| name.to_lowercase().contains(text))
            };
            let page = installation
                .store
                .read(installation.tenant, |scope| scope.identities_where(IdentityKind::ALL, Linked::No, paging, keep))
                .unwrap();
            seen.extend(page.items.iter().map(|row| row.row.external_id.to_string()));
            match page.next {
                Some(next) => paging = Paging::new(Some(&next), Some(limit)).unwrap(),
                None => return seen,
            }
        }
    };
    for limit in [1, 2, 10] {
        assert_eq!(search("kim", limit), ["u3", "u1"], "pages of {limit}");
        assert_eq!(search("", limit), ["u3", "u2", "u1"], "pages of {limit}");
    }
    let naming = installation.store.read(installation.tenant, |scope| scope.records_naming(&[agent(1), agent(3)]));
    assert_eq!(naming.unwrap(), [(agent(1), 3)]);
}

pub fn executions_are_found_by_the_key_of_their_record(database: &impl Database) {
    let installation = Installation::new(database);
    let source = installation.source;
    installation.deliver(1).unwrap();
    let ids = installation
        .store
        .write(installation.tenant, move |scope| {
            let mut ids = Vec::new();
            for (key, hash) in [("a", 11), ("b", 22), ("a", 11)] {
                let model = NewModel {
                    key: Some(key.to_owned()),
                    key_hash: hash,
                    version: None,
                    place: 0,
                    digest: 1,
                    verdict: ModelVerdict::Taken,
                    pending: 1,
                    job: None,
                };
                let model = scope.insert_source_model(source, 1, 1, &model)?;
                ids.push(scope.insert_execution(model, 5, 1, 1, None)?);
            }
            Ok(ids)
        })
        .unwrap();
    let found = |filter: Filter| {
        let page = installation.store.read(installation.tenant, |scope| scope.executions(&filter, Paging::default())).unwrap();
        let count = installation.store.read(installation.tenant, |scope| scope.count_executions(&filter)).unwrap();
        assert_eq!(count, page.items.len() as i64);
        page.items.iter().map(|execution| execution.id).collect::<Vec<_>>()
    };
    let key = |text: &str, hash| Some(RecordKey { hash, text: text.to_owned() });
    assert_eq!(found(Filter { key: key("a", 11), ..Filter::default() }), [ids[2], ids[0]]);
    assert_eq!(found(Filter { key: key("c", 11), ..Filter::default() }), Vec::<i64>::new());
    assert_eq!(found(Filter { to: Some(ids[1]), ..Filter::default() }), [ids[0]]);
    assert_eq!(found(Filter { from: Some(ids[1]), links: Some(vec![5]), ..Filter::default() }), [ids[2], ids[1]]);
    let around = installation.store.read(installation.tenant, |scope| {
        let execution = scope.execution(ids[0])?;
        let model = scope.source_model(execution.source_model)?;
        scope.executions_around(&model, &execution)
    });
    assert_eq!(around.unwrap(), (None, Some(ids[2])));
}
