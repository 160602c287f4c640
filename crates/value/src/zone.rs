//! Time zones, from the database that is compiled in: the same on every machine, and no file is read.

use std::sync::LazyLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The zone of an IANA name, such as `Europe/Amsterdam`.
#[must_use]
pub fn get(name: &str) -> Option<TimeZone> {
    DATABASE.get(name).ok()
}

/// The names of all zones.
pub fn names() -> impl Iterator<Item = String> {
    DATABASE.available().map(|name| name.to_string())
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_found() {
        assert!(super::get("Europe/Amsterdam").is_some());
        assert!(super::get("Amsterdam").is_none());
        assert!(super::names().count() > 300);
    }
}
