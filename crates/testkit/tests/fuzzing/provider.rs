//! Definitions of providers.

use salesdash_providers::definition::Definition;
use salesdash_value::Value;

use crate::corpus::{DEFINITIONS, PARTS};
use crate::mutation;
use crate::rounds::rounds;

#[test]
fn any_definition_is_read_or_refused_with_its_problems() {
    assert!(!DEFINITIONS.is_empty());
    for definition in DEFINITIONS.iter() {
        Definition::from_value(definition).expect("they are fine before they are twisted");
    }
    let mut refused = 0;
    rounds(8_000, |random| {
        let rarity = *random.pick(&[10, 60, 300]);
        let definition = random.pick::<Value>(&DEFINITIONS);
        let definition = mutation::value(random, definition, rarity, &PARTS);
        match Definition::from_value(&definition) {
            Ok(definition) => drop(definition.models()),
            Err(problems) => {
                assert!(!problems.is_empty());
                refused += 1;
            }
        }
    });
    assert!(refused > 1_000, "only {refused} were refused");
}
