//! What is fetched to go with a record.

use salesdash_value::Text;

use super::http::{Each, Listing};
use super::macros::{names, object, tagged};
use super::read::{Name, Number, Paths, Whole};
use super::request::RequestTemplate;
use crate::path::Path;

names! {
    /// What it means that there is no such thing.
    Missing {
        /// the field is null
        Null = "null",
        /// the execution fails, and says what was missing
        Fail = "fail",
        /// it may not be there yet: tried again later, and a failure in the end
        Retry = "retry",
    }
}

tagged! {
    /// What is fetched to go with a record. Models refer to it in their `enrichments`, with the id to fetch.
    ///
    /// It is fetched once per execution and recorded with it, so that a replay needs no network.
    Enrichment as "enrichment" {
        /// One record by its id, or several in a batch.
        ById(ById) = "by_id" {
            /// The name that people see.
            title: Text,
            /// The source model that it yields.
            model: Name,
            /// The request, which reads `id`, or `ids` where there is a `batch`.
            request: RequestTemplate,
            /// Where the record stands in the body of the answer: the body itself where it is not given. Of several paths, the first that leads to something
            /// counts. Nothing there means that it is missing.
            record: Option<Paths>,
            /// What the record is made of.
            each: Option<Each>,
            /// Fetches many at once.
            batch: Option<Batch>,
            /// How long what was fetched serves others too, in seconds.
            cache_seconds: Whole<0, 604_800, 300>,
            /// What it means that there is none: `null` where it is not given.
            missing: Option<Missing>,
        },
        /// A whole table, loaded once: pipelines, stages, users, definitions of custom fields.
        Table(Table) = "table" {
            /// The name that people see.
            title: Text,
            /// The source model of a row.
            model: Name,
            /// The request, its pages and its records.
            list: Listing,
            /// The field of a row that its id is looked for in.
            key: Path,
            /// How long the table serves, in seconds. An id that is not in it loads it again, once a minute at most.
            cache_seconds: Whole<0, 604_800, 3_600>,
            /// What it means that there is no such row: `null` where it is not given.
            missing: Option<Missing>,
        },
        /// The custom fields of a record with their names, out of a table that describes them. It yields
        /// `{"list": [{"key", "name", "value", "label"}]}`; `label` is the name of the chosen option (of several: with commas), and null where there are none.
        NamedFields(NamedFields) = "named_fields" {
            /// The name that people see.
            title: Text,
            /// The source model that it yields: `list` is an array of objects with `key`, `name`, `value` and `label`.
            model: Name,
            /// The enrichment of type `table` that describes the fields; its `key` is the key of a field.
            table: Name,
            /// Where a row of the table holds the name of the field.
            name: Path,
            /// Where the record holds its custom fields: an object by key, or a list of objects. The record itself where it is not given.
            at: Option<Path>,
            /// In a list: where an item holds the key.
            item_key: Option<Path>,
            /// In a list: where an item holds the value. Of several paths, the first that leads to something counts.
            item_value: Option<Paths>,
            /// The options that a field can have.
            options: Option<FieldOptions>,
        },
    }
}

object! {
    /// Fetching many at once.
    Batch as "batch" {
        /// How many at most.
        size: Number<1, 1_000>,
        /// Where the list of records stands in the answer.
        records: Paths,
        /// The field of a record that holds its id.
        key: Path,
    }
}

object! {
    /// The options of a custom field.
    FieldOptions as "field options" {
        /// Where a row of the table holds the list of them.
        list: Path,
        /// The field of an option that stands as value in records.
        key: Path,
        /// The field of an option that people see.
        name: Path,
    }
}

impl Enrichment {
    /// The name that people see.
    #[must_use]
    pub const fn title(&self) -> &Text {
        match self {
            Self::ById(ById { title, .. }) | Self::Table(Table { title, .. }) | Self::NamedFields(NamedFields { title, .. }) => title,
        }
    }

    /// The source model that it yields.
    #[must_use]
    pub const fn model(&self) -> &Text {
        match self {
            Self::ById(ById { model, .. }) | Self::Table(Table { model, .. }) | Self::NamedFields(NamedFields { model, .. }) => &model.0,
        }
    }
}
