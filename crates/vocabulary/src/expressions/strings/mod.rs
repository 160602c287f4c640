//! Text.

mod pattern;
mod text;

crate::words! {
    Expression:
    concat::Concat,
    implode_with_spaces::ImplodeWithSpaces,
    string_between::StringBetween,
    string_contains::StringContains,
    string_replace::StringReplace,
    lowercase::Lowercase,
    uppercase::Uppercase,
    trim::Trim,
    length::Length,
    to_string::ToText,
    substring::Substring,
    split::Split,
    join::Join,
    starts_with::StartsWith,
    ends_with::EndsWith,
    matches::Matches,
    extract::Extract,
}
