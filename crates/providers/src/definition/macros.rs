//! How the format is written down: each part is declared once, as a Rust type whose comments are the reference that people read.

/// An object with a closed set of keys: the struct, its reader, and its section of the reference.
macro_rules! object {
    (
        $(#[doc = $doc:literal])*
        $name:ident as $title:literal {
            $($(#[doc = $field_doc:literal])* $field:ident: $ty:ty),* $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $($(#[doc = $field_doc])* pub $field: $ty),*
        }

        impl $name {
            /// Reads it from an object that may have these keys too.
            #[allow(unused_variables)]
            pub(crate) fn read_with(
                reading: &mut $crate::definition::read::Reading,
                value: &salesdash_value::Value,
                pointer: &str,
                also: &[&str],
            ) -> Option<Self> {
                let node = reading.problems.node(value, pointer)?;
                let own: &[&str] = &[$(stringify!($field)),*];
                let known: Vec<&str> = also.iter().chain(own).map(|key| key.trim_start_matches("r#")).collect();
                node.only(&mut reading.problems, &known);
                let outer = $crate::definition::read::enter(reading, own, value, pointer);
                $(let $field: Option<$ty> = $crate::definition::read::member(reading, &node, stringify!($field).trim_start_matches("r#"));)*
                reading.source = outer;
                Some(Self { $($field: $field?),* })
            }

            /// The keys, for the reference.
            #[allow(unused_variables)]
            pub(crate) fn keys(about: &mut $crate::definition::read::About) -> Vec<$crate::definition::read::Key> {
                vec![$($crate::definition::read::Key {
                    name: stringify!($field).trim_start_matches("r#"),
                    kind: <$ty as $crate::definition::read::Read>::describe(about),
                    required: <$ty as $crate::definition::read::Read>::absent().is_none(),
                    docs: $crate::definition::read::docs(&[$($field_doc),*]),
                }),*]
            }
        }

        impl $crate::definition::read::Read for $name {
            fn read(reading: &mut $crate::definition::read::Reading, value: &salesdash_value::Value, pointer: &str) -> Option<Self> {
                Self::read_with(reading, value, pointer, &[])
            }

            fn describe(about: &mut $crate::definition::read::About) -> String {
                about.section($title, &[$($doc),*], |about| {
                    vec![$crate::definition::read::Variant { name: None, docs: String::new(), keys: Self::keys(about) }]
                })
            }
        }
    };
}

/// One of several objects, told apart by their `type`.
macro_rules! tagged {
    (
        $(#[doc = $doc:literal])*
        $name:ident as $title:literal {
            $(
                $(#[doc = $variant_doc:literal])*
                $variant:ident($object:ident) = $tag:literal {
                    $($(#[doc = $field_doc:literal])* $field:ident: $ty:ty),* $(,)?
                }
            ),* $(,)?
        }
    ) => {
        $(
            $crate::definition::macros::object! {
                $(#[doc = $variant_doc])*
                $object as $tag {
                    $($(#[doc = $field_doc])* $field: $ty),*
                }
            }
        )*

        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq)]
        // There are a few dozen in all, read once.
        #[allow(clippy::large_enum_variant)]
        pub enum $name {
            $($(#[doc = $variant_doc])* $variant($object)),*
        }

        impl $crate::definition::read::Read for $name {
            fn read(reading: &mut $crate::definition::read::Reading, value: &salesdash_value::Value, pointer: &str) -> Option<Self> {
                let node = reading.problems.node(value, pointer)?;
                let tag = node.required_text(&mut reading.problems, "type")?;
                match tag.as_str() {
                    $($tag => $object::read_with(reading, value, pointer, &["type"]).map(Self::$variant),)*
                    other => {
                        reading.problems.add(node.at("type"), $crate::reader::not_one_of(other, &[$($tag),*]));
                        None
                    }
                }
            }

            fn describe(about: &mut $crate::definition::read::About) -> String {
                about.section($title, &[$($doc),*], |about| {
                    vec![$($crate::definition::read::Variant {
                        name: Some($tag),
                        docs: $crate::definition::read::docs(&[$($variant_doc),*]),
                        keys: $object::keys(about),
                    }),*]
                })
            }
        }
    };
}

/// One of a closed set of names.
macro_rules! names {
    (
        $(#[doc = $doc:literal])*
        $name:ident {
            $($(#[doc = $variant_doc:literal])* $variant:ident = $text:literal),* $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[doc = $variant_doc])* $variant),*
        }

        impl $name {
            /// Its name in a definition.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }

        impl $crate::definition::read::Read for $name {
            fn read(reading: &mut $crate::definition::read::Reading, value: &salesdash_value::Value, pointer: &str) -> Option<Self> {
                $crate::definition::read::choice(reading, value, pointer, &[$(($text, Self::$variant)),*])
            }

            fn describe(_about: &mut $crate::definition::read::About) -> String {
                let each: &[(&str, &[&str])] = &[$(($text, &[$($variant_doc),*])),*];
                $crate::definition::read::describe_choice(each)
            }
        }
    };
}

pub(crate) use {names, object, tagged};
