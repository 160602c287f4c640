//! The loader and checker of specs, and the evaluator of what they let through.

use jiff::tz::TimeZone;
use salesdash_engine::bench::records;
use salesdash_language::check::{Options, check};
use salesdash_language::effect::NoState;
use salesdash_language::evaluate::{Budgets, Context};
use salesdash_language::identity::IdentityKey;
use salesdash_language::model::{self, Models};
use salesdash_value::json::{self, Limits};
use salesdash_value::{Instant, Value};
use salesdash_vocabulary::vocabulary;

use crate::corpus::{PARTS, SPECS};
use crate::mutation;
use crate::rounds::rounds;

/// Budgets small enough to be reached.
const BUDGETS: Budgets = Budgets { instructions: 500, list: 200, text: 10_000, effects: 100, steps: 5_000 };

fn parsed(text: &str) -> Value {
    json::parse(text.as_bytes(), Limits::DEFAULT).expect("JSON")
}

fn models() -> Value {
    let own = [parsed(records::MODELS), parsed(include_str!("../../../engine/src/demo/models.json"))];
    let models = own.iter().filter_map(|document| document.get("models")?.as_object()).flatten().cloned().collect::<Vec<_>>();
    Value::object([("models", Value::object(models))])
}

#[test]
fn any_document_is_checked_and_what_passes_runs() {
    let whole = models();
    let records: Vec<Value> = (0..10).map(|number| parsed(&records::record(number))).collect();
    let (key, zone) = (IdentityKey::new(b"key"), TimeZone::UTC);
    let mut ran = 0;
    rounds(10_000, |random| {
        let rarity = *random.pick(&[8, 30, 120, 600]);
        let spec = random.pick::<Value>(&SPECS);
        let spec = mutation::value(random, spec, rarity, &PARTS);
        let twisted = if random.chance(1, 3) { mutation::value(random, &whole, 100, &PARTS) } else { whole.clone() };
        let (models, _) = Models::read(&twisted);
        let options = Options { projects: random.chance(1, 2), annotate: random.chance(1, 2) };
        let checked = check(&spec, vocabulary(), &models, options);
        // A draft with errors runs too, in the Spec Builder.
        let plan = &checked.plan;
        let Ok(constants) = plan.bind_constants(&Value::Null) else { return };
        let (record, rarity) = (random.pick(&records), *random.pick(&[5, 60]));
        let record = mutation::value(random, record, rarity, &PARTS);
        let record = model::conform(record, plan.source(), &zone);
        let context = Context {
            tenant: 1,
            provider: 1,
            at: Instant::UNIX_EPOCH,
            timezone: &zone,
            country: Some("NL"),
            key: &key,
            constants: &constants,
            state: &NoState,
            budgets: BUDGETS,
        };
        let outcome = plan.evaluate(&record, &context);
        // What the program looks at is all that it needs, and is read out of the text as it is taken out of the whole.
        let projection = plan.projection();
        let part = projection.of(record.clone());
        assert_eq!(plan.evaluate(&part, &context), outcome);
        let text = json::to_string(&record);
        let read = json::parse_projected(text.as_bytes(), Limits::DEFAULT, &projection).unwrap();
        assert_eq!(json::to_string(&read), json::to_string(&part));
        let (traced, log) = plan.trace(&record, &context);
        assert_eq!((outcome.status, &outcome.effects, &outcome.messages), (traced.status, &traced.effects, &traced.messages));
        let tree = log.tree(plan, &traced, random.chance(1, 2));
        assert!(json::parse(json::to_string(&tree).as_bytes(), Limits::DEFAULT).is_ok());
        ran += 1;
    });
    assert!(ran > 5_000, "only {ran} ran");
}
