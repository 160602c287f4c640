//! What differs between what something came to with its enrichments as they were, and with them as they are now: in the record as the spec
//! saw it, and in what it writes.

use salesdash_language::diagnostics::escape;
use salesdash_value::Value;

use crate::catalog::TenantConfig;
use crate::replay::Rerun;
use crate::{Engine, shown};

/// Differences that are told at most: more are no longer read by anybody.
const MOST: usize = 200;

/// One difference. Values are masked unless they are revealed.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The instruction that writes otherwise; `None` where the record itself differs.
    pub instruction: Option<String>,
    /// What it writes to, by its external id.
    pub external_id: Option<String>,
    /// The JSON pointer, in the record or in the write; empty where the whole write came or went.
    pub pointer: String,
    /// What it was; null where it was not there.
    pub from: Value,
    /// What it is now; null where it is gone.
    pub to: Value,
}

impl Engine {
    /// What differs between two evaluations of one program over one record.
    pub(crate) fn differences(&self, config: &TenantConfig, then: &Rerun, now: &Rerun, reveal: bool) -> Vec<Difference> {
        let mut found = Vec::new();
        let shown = |rerun: &Rerun| self.masked(config, &rerun.program, &rerun.seen, reveal);
        let mut add = |pointer: &str, from: &Value, to: &Value| {
            found.push(Difference {
                instruction: None,
                external_id: None,
                pointer: pointer.to_owned(),
                from: from.clone(),
                to: to.clone(),
            });
        };
        walk(&mut String::new(), (&then.seen, &now.seen), (&shown(then), &shown(now)), &mut add);
        found.extend(writes(then, now, reveal));
        found.truncate(MOST);
        found
    }
}

/// Calls for every place at which two values differ, with the values as they may be shown.
fn walk(pointer: &mut String, (one, other): (&Value, &Value), (from, to): (&Value, &Value), add: &mut dyn FnMut(&str, &Value, &Value)) {
    if one == other {
        return;
    }
    let (Value::Object(left), Value::Object(right)) = (one, other) else { return add(pointer, from, to) };
    let length = pointer.len();
    let names = left.iter().map(|(name, _)| name).chain(right.iter().map(|(name, _)| name).filter(|name| one.get(name).is_none()));
    for name in names {
        let value = |value: &Value| value.get(name).cloned().unwrap_or_default();
        // A whole that is masked is masked in all its parts.
        let shown = |whole: &Value| if whole.as_object().is_some() { value(whole) } else { whole.clone() };
        pointer.push('/');
        pointer.push_str(&escape(name));
        walk(pointer, (&value(one), &value(other)), (&shown(from), &shown(to)), add);
        pointer.truncate(length);
    }
}

/// What is written otherwise. A write is the same one where instruction, iteration and external id are.
fn writes(then: &Rerun, now: &Rerun, reveal: bool) -> Vec<Difference> {
    let effects = |rerun: &Rerun, reveal: bool| match shown::effects(&rerun.program.plan, &rerun.outcome, &[], reveal) {
        Value::List(effects) => effects.to_vec(),
        _ => Vec::new(),
    };
    let (was, is) = (effects(then, true), effects(now, true));
    let (was_shown, is_shown) = (effects(then, reveal), effects(now, reveal));
    let same = |one: &Value, other: &Value| ["instruction", "path", "external_id"].iter().all(|key| one.get(key) == other.get(key));
    let text = |effect: &Value, key: &str| effect.get(key).and_then(Value::as_text).map(str::to_owned);
    let mut found = Vec::new();
    let mut add = |shown: &Value, pointer: &str, from: &Value, to: &Value| {
        found.push(Difference {
            instruction: text(shown, "instruction"),
            external_id: text(shown, "external_id"),
            pointer: pointer.to_owned(),
            from: from.clone(),
            to: to.clone(),
        });
    };
    for (place, before) in was.iter().enumerate() {
        match is.iter().position(|after| same(before, after)) {
            None => add(&was_shown[place], "", &was_shown[place], &Value::Null),
            Some(after) => {
                let shown = &was_shown[place];
                walk(&mut String::new(), (before, &is[after]), (shown, &is_shown[after]), &mut |pointer, from, to| {
                    add(shown, pointer, from, to)
                });
            }
        }
    }
    for (place, after) in is.iter().enumerate() {
        if !was.iter().any(|before| same(before, after)) {
            add(&is_shown[place], "", &Value::Null, &is_shown[place]);
        }
    }
    found
}
