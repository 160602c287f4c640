//! Instants.

mod format;
mod unit;
mod zone;

crate::words! {
    Expression:
    parse_datetime::ParseDatetime,
    parse_timestamp::ParseTimestamp,
    datetime_difference::DatetimeDifference,
    execution_time::ExecutionTime,
    format_datetime::FormatDatetime,
    add_duration::AddDuration,
    start_of::StartOf,
}
