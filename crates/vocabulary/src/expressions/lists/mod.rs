//! Lists.

crate::words! {
    Expression:
    count::Count,
    first::First,
    last::Last,
    item_at::ItemAt,
    find::Find,
    filter::Filter,
    map::Map,
    flatten::Flatten,
    list_contains::ListContains,
}
