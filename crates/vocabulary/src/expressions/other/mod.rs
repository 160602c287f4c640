//! Look-ups, contacts, JSON.

crate::words! {
    Expression:
    lookup::Lookup,
    normalize_email::NormalizeEmail,
    normalize_phone::NormalizePhone,
    pseudonymize::Pseudonymize,
    parse_json::ParseJson,
}
