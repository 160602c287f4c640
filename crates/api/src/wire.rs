//! What many requests and answers hold: ids, times, pages; and reading them from paths and queries.

use std::borrow::Cow;

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use salesdash_store::{Page, Paging};
use salesdash_value::{Instant, datetime};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::problem::Problem;

/// The id of a row. A string on the wire: it has more digits than a number of JavaScript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Id(pub i64);

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'_, str>>::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|_| D::Error::custom("an id is a string of digits"))
    }
}

impl JsonSchema for Id {
    fn schema_name() -> Cow<'static, str> {
        "Id".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }

    fn inline_schema() -> bool {
        true
    }
}

/// A time: microseconds since 1970 within, RFC 3339 in UTC on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time(pub i64);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match Instant::from_microsecond(self.0) {
            Ok(instant) => serializer.serialize_str(&datetime::rfc3339(instant)),
            Err(_) => serializer.serialize_none(),
        }
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'_, str>>::deserialize(deserializer)?;
        datetime::parse_iso(&text, &jiff::tz::TimeZone::UTC)
            .map(|instant| Self(instant.as_microsecond()))
            .ok_or_else(|| D::Error::custom("a time is written like `2026-03-01T12:00:00Z`"))
    }
}

impl JsonSchema for Time {
    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }

    fn inline_schema() -> bool {
        true
    }
}

/// A page of a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PageOf{T}")]
pub struct Listed<T> {
    /// Its rows.
    pub items: Vec<T>,
    /// The cursor of the next page; null on the last.
    pub next: Option<String>,
}

/// How far a list was gone through where each row has to be looked at.
#[derive(Serialize, JsonSchema)]
pub struct Searched {
    /// Rows that were looked at.
    pub count: i64,
    /// The time of the oldest of them. Null where there is no next page to go on with, or none was looked at.
    pub back_to: Option<Time>,
}

impl<T> From<Page<T>> for Listed<T> {
    fn from(page: Page<T>) -> Self {
        Self { items: page.items, next: page.next }
    }
}

/// Which page of a list.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct PageQuery {
    /// The cursor that the page before gave.
    #[serde(default)]
    pub cursor: Option<String>,
    /// Rows at most: 50 where nothing is said, 500 at most.
    #[serde(default, deserialize_with = "number_as_text")]
    pub limit: Option<usize>,
}

/// A number of a query. Where parameters are put together of several structs, every one of them comes as text.
fn number_as_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<usize>, D::Error> {
    let text = Option::<Cow<'_, str>>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(|_| D::Error::custom("a whole number belongs here"))).transpose()
}

/// The page that a cursor and a limit name.
///
/// # Errors
/// Where the cursor is none.
pub fn paging(cursor: Option<&str>, limit: Option<usize>) -> Result<Paging, Problem> {
    Paging::new(cursor, limit).ok_or_else(|| Problem::bad_request("the cursor is not one that a list gave; begin without one"))
}

impl PageQuery {
    /// The page of a list by falling id.
    ///
    /// # Errors
    /// Where the cursor is none.
    pub fn paging(&self) -> Result<Paging, Problem> {
        paging(self.cursor.as_deref(), self.limit)
    }

    /// A page of a list that is small enough to be read whole. Its cursor is the id of the last row before it.
    ///
    /// # Errors
    /// Where the cursor is of no row.
    pub fn slice<T>(&self, mut items: Vec<T>, id: impl Fn(&T) -> String) -> Result<Listed<T>, Problem> {
        if let Some(cursor) = &self.cursor {
            let place = items.iter().position(|item| id(item) == *cursor);
            let place = place.ok_or_else(|| Problem::bad_request("the cursor is not one that a list gave; begin without one"))?;
            items.drain(..=place);
        }
        let limit = self.limit.unwrap_or(salesdash_store::page::MAX_LIMIT).clamp(1, salesdash_store::page::MAX_LIMIT);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(id);
        Ok(Listed { items, next })
    }
}

/// The parameters of the path. Where they cannot be read, there is no such thing.
pub struct At<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(Self(value)),
            Err(_) => Err(Problem::not_found("there is nothing at this address; an id is a string of digits")),
        }
    }
}

/// The parameters of the query.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(value)) => Ok(Self(value)),
            Err(error) => Err(Problem::bad_request(format!("the query does not fit: {}", error.body_text()))),
        }
    }
}

/// Distinguishes a key that is absent from one that is null: `None` where it is absent.
pub fn given<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}
