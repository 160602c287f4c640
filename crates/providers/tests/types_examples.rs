//! The synthetic examples of every type that comes with the program: what they become is what the models say, and every preset runs
//! over it.

mod support;

use salesdash_providers::Types;

#[test]
fn the_examples_of_every_type_hold() {
    for provider in Types::embedded().iter() {
        support::shaping::assert_examples(provider);
    }
}

#[test]
fn set_up_instructions_are_numbered_and_name_the_address() {
    for provider in Types::embedded().iter() {
        let definition = &provider.definition;
        if definition.webhooks.names().next().is_none() {
            continue;
        }
        assert!(provider.setup.contains("1. "), "{}: setup.md has no numbered steps", provider.name());
        assert!(provider.setup.contains("{webhook_url}"), "{}: setup.md does not say where the address belongs", provider.name());
    }
}
