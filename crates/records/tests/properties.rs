//! What holds for any effects, in any order.

mod support;

use std::collections::BTreeMap;

use proptest::prelude::*;
use salesdash_language::effect::Effect;
use salesdash_language::identity::Subject;
use salesdash_records::{Change, Malformed, MemoryRows, Outcome, Row, Verdict, apply, undo};
use salesdash_value::{Decimal, Id, Instant, RecordKind, Text, Value};
use support::*;

fn instant() -> impl Strategy<Value = Instant> {
    // Few enough for changes to fall on one moment.
    (0i64..6).prop_map(|hour| Instant::from_second(1_700_000_000 + hour * 3600).unwrap())
}

fn a_change() -> impl Strategy<Value = Effect> {
    let period_type = prop::option::of(prop::sample::select(vec!["lead", "offer", "won"]));
    // The fields are a function of the change: the same change always says the same.
    (instant(), period_type).prop_map(|(moment, period_type)| {
        let value = moment.as_second() + period_type.map_or(0, |name| name.len() as i64);
        change(moment, period_type, vec![("value", value.into()), ("agent_external_identity", agent(period_type.unwrap_or("u1")))])
    })
}

fn an_activity() -> impl Strategy<Value = Effect> {
    let value = prop_oneof![Just(Value::Null), (0i64..3).prop_map(|value| Value::from(Decimal::new(value, 1)))];
    (0i32..4, prop::option::of(value), prop::option::of(instant()), prop::sample::select(vec!["c", "d"])).prop_map(
        |(number, value, moment, contact)| {
            let mut fields = vec![("activity_type", Value::from("call")), ("contact_key", contact.into())];
            fields.extend(value.map(|value| ("value", value)));
            fields.extend(moment.map(|moment| ("moment", moment.into())));
            record(RecordKind::Activity, &number.to_string(), fields)
        },
    )
}

fn any_effect() -> impl Strategy<Value = Effect> {
    prop_oneof![
        4 => an_activity(),
        2 => a_change(),
        1 => (0i32..3, 0i32..2).prop_map(|(id, name)| upsert_agent(&id.to_string(), if name == 0 { "Name" } else { "0" })),
        1 => (0i64..3).prop_map(|value| follow_up(RecordKind::Activity, vec![("contact_key", "c".into()), ("value", value.into())])),
        1 => instant().prop_map(|end| follow_up(RecordKind::Period, vec![("contact_key", "c".into()), ("ended_at", end.into())])),
        1 => (0i32..4, prop::sample::select(vec!["value", "moment"]))
            .prop_map(|(number, field)| lock(RecordKind::Activity, &number.to_string(), field, Value::Null)),
    ]
}

type Content = BTreeMap<Id, (Text, BTreeMap<Text, String>, Vec<Text>)>;

/// Rows by id with their fields by name, without the execution that wrote them.
fn content(rows: &MemoryRows) -> Content {
    let content = |row: &Row| {
        let fields = row.fields.iter().map(|(name, value)| (name.clone(), format!("{value:?}"))).collect();
        let mut locked = row.locked.clone();
        locked.sort();
        (row.id, (row.external_id.clone(), fields, locked))
    };
    rows.iter().map(content).collect()
}

/// The periods that follow from changes by the rule as `language.md` puts it, worked out the slow way.
fn expected(changes: &[Effect]) -> BTreeMap<Instant, (String, Option<Instant>)> {
    let mut states: BTreeMap<Instant, Option<String>> = BTreeMap::new();
    for change in changes {
        let Some(Value::Datetime(moment)) = change.field("moment") else { panic!("a moment") };
        let state = change.field("period_type").and_then(Value::as_text).map(str::to_owned);
        let held = states.entry(*moment).or_default();
        *held = std::mem::take(held).max(state);
    }
    let ends = states.keys().skip(1).copied().map(Some).chain([None]);
    let spans = states.iter().zip(ends).filter_map(|((start, state), end)| Some((*start, (state.clone()?, end))));
    spans.collect()
}

proptest! {
    #[test]
    fn periods_do_not_depend_on_the_order_of_arrival(
        (changes, shuffled) in prop::collection::vec(a_change(), 0..12)
            .prop_flat_map(|changes| (Just(changes.clone()), Just(changes).prop_shuffle())),
        repeated in prop::collection::vec(0usize..12, 0..4),
    ) {
        let mut one = MemoryRows::new();
        apply(&changes, 1, &mut one).unwrap();
        let mut other = MemoryRows::new();
        apply(&shuffled, 1, &mut other).unwrap();
        for again in repeated {
            apply(changes.get(again..=again).unwrap_or_default(), 1, &mut other).unwrap();
        }
        prop_assert_eq!(content(&one), content(&other));

        let stored: BTreeMap<_, _> = one.iter().map(|row| {
            let Value::Datetime(start) = row.field("started_at") else { panic!("a start") };
            let end = match row.field("ended_at") { Value::Datetime(end) => Some(*end), _ => None };
            (*start, (row.field("period_type").as_text().unwrap().to_owned(), end))
        }).collect();
        prop_assert_eq!(stored, expected(&changes));
    }

    #[test]
    fn the_second_time_changes_nothing(effects in prop::collection::vec(any_effect(), 0..16)) {
        // Effects that say different things about one row would go to and fro: each row is written by one of them only.
        let mut once: Vec<Effect> = Vec::new();
        for effect in effects {
            let same = |other: &Effect| other.id == effect.id || other.id.is_none() && effect.id.is_none();
            if !once.iter().any(same) && effect.id.is_some() {
                once.push(effect);
            }
        }
        let mut rows = MemoryRows::new();
        apply(&once, 1, &mut rows).unwrap();
        let before = content(&rows);
        let again = apply(&once, 2, &mut rows).unwrap();
        for outcome in &again {
            prop_assert!(matches!(outcome.verdict, Verdict::Found | Verdict::Nothing), "{outcome:?}");
            prop_assert!(outcome.touched.is_empty());
        }
        prop_assert_eq!(content(&rows), before);
    }

    #[test]
    fn the_second_time_ends_the_same(effects in prop::collection::vec(any_effect(), 0..16)) {
        let mut rows = MemoryRows::new();
        apply(&effects, 1, &mut rows).unwrap();
        apply(&effects, 2, &mut rows).unwrap();
        let twice = content(&rows);
        apply(&effects, 3, &mut rows).unwrap();
        prop_assert_eq!(content(&rows), twice);
    }

    #[test]
    fn locked_fields_hold(before in prop::collection::vec(an_activity(), 1..6), after in prop::collection::vec(any_effect(), 0..16)) {
        let mut rows = MemoryRows::new();
        apply(&before, 1, &mut rows).unwrap();
        let id = before[0].id.unwrap();
        let Some(Value::Text(external_id)) = before[0].field("external_id") else { panic!("an id") };
        apply(&[lock(RecordKind::Activity, external_id, "value", Value::Null)], 1, &mut rows).unwrap();
        let value = rows.get(id).unwrap().field("value").clone();
        apply(&after, 2, &mut rows).unwrap();
        prop_assert_eq!(rows.get(id).unwrap().field("value"), &value);
    }

    #[test]
    fn outcomes_read_back(effects in prop::collection::vec(any_effect(), 0..16)) {
        let mut rows = MemoryRows::new();
        let mut outcomes = apply(&effects, 300, &mut rows).unwrap();
        let own: Vec<_> = effects.iter().map(|effect| effect.id).collect();
        let bytes = Outcome::encode_all(outcomes.iter().zip(own.iter().copied()), false);
        let mut read = Outcome::decode_all(&bytes, |index| own[index]).unwrap();
        // References come back without the name, which belongs to the identity's own row.
        prop_assert_eq!(strip(&mut read), strip(&mut outcomes));
        let named = Outcome::encode_all(outcomes.iter().zip(own.iter().copied()), true);
        let mut read = Outcome::decode_all(&named, |_| None).unwrap();
        prop_assert_eq!(strip(&mut read), strip(&mut outcomes));
    }

    #[test]
    fn any_bytes_are_an_outcome_or_not(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let read: Result<_, Malformed> = Outcome::decode_all(&bytes, |_| None);
        if let Ok(read) = read {
            prop_assert!(read.len() <= bytes.len());
        }
    }

    #[test]
    fn undoing_brings_back_what_was(
        before in prop::collection::vec(any_effect(), 0..8),
        effects in prop::collection::vec(any_effect(), 0..12),
    ) {
        let mut rows = MemoryRows::new();
        apply(&before, 1, &mut rows).unwrap();
        let was = content(&rows);
        let outcomes = apply(&effects, 2, &mut rows).unwrap();
        let undone = undo(&outcomes, |_| true, &mut rows).unwrap();
        prop_assert_eq!(undone.left, vec![]);
        prop_assert_eq!(content(&rows), was);
    }
}

/// Outcomes without the names of the identities that they refer to.
fn strip(outcomes: &mut [Outcome]) -> &[Outcome] {
    for outcome in &mut *outcomes {
        for touched in &mut outcome.touched {
            let fields = match &mut touched.change {
                Change::Updated(before) => &mut before.fields,
                Change::Removed(row) => &mut row.fields,
                _ => continue,
            };
            for (_, value) in fields {
                if let Value::Identity(identity) = value {
                    std::sync::Arc::make_mut(identity).external_name = Text::default();
                }
            }
        }
    }
    outcomes
}

#[test]
fn the_usual_outcomes_take_two_bytes() {
    let effects = [upsert_agent("u1", "u1"), record(RecordKind::Sale, "s", vec![])];
    let mut rows = MemoryRows::new();
    for _ in 0..2 {
        let outcomes = apply(&effects, 1, &mut rows).unwrap();
        let bytes = Outcome::encode_all(outcomes.iter().zip(effects.iter().map(|effect| effect.id)), false);
        assert_eq!(bytes.len(), 4);
        assert_eq!(outcomes[1].subject, Subject::Record(RecordKind::Sale));
    }
}
