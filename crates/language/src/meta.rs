//! What a word of the language says about itself. From this come the checker's structural rules, the catalog, the JSON Schema of a
//! spec, the reference pages and the forms of the Spec Builder.

use crate::types::Accepts;

/// Where a word comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// One of the documented set that every integration builder knows.
    Documented,
    /// Ours, since real integrations need it.
    Ours,
}

/// An expression's metadata.
#[derive(Debug)]
pub struct ExpressionMeta {
    /// The `type` in the document.
    pub name: &'static str,
    /// Its group in the palette.
    pub group: Group,
    /// Where it comes from.
    pub origin: Origin,
    /// One line.
    pub summary: &'static str,
    /// How a card says it with the values filled in: see [`phrase_fields`]. Empty: its name with the arguments in brackets.
    pub phrase: &'static str,
    /// The rules, in Markdown: what it does with every kind of input.
    pub docs: &'static str,
    /// Its arguments, in the order they are shown.
    pub arguments: &'static [Argument],
    /// What it gives, in words.
    pub returns: &'static str,
    /// The shapes that what it gives can have, beside null: an editor offers it where one of them is taken.
    pub gives: Accepts,
    /// Other words under which people look for it.
    pub search_terms: &'static [&'static str],
    /// How the checker uses it in fixes.
    pub roles: &'static [Role],
    /// Executed as tests.
    pub examples: &'static [Example],
}

/// Groups of expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Literals and variables.
    Values,
    /// Conditions and choices.
    Logic,
    /// Text.
    Strings,
    /// Numbers.
    Numbers,
    /// Instants.
    Dates,
    /// Lists.
    Lists,
    /// The rest.
    Other,
    /// Identity upserts.
    Identities,
    /// Data upserts.
    Records,
    /// Follow-up of contacts.
    Contacts,
    /// Variables, locks, skipping.
    Utility,
    /// Blocks.
    Flow,
}

impl Group {
    /// The name in catalogs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Values => "values",
            Self::Logic => "logic",
            Self::Strings => "strings",
            Self::Numbers => "numbers",
            Self::Dates => "dates",
            Self::Lists => "lists",
            Self::Other => "other",
            Self::Identities => "identities",
            Self::Records => "records",
            Self::Contacts => "contacts",
            Self::Utility => "utility",
            Self::Flow => "flow",
        }
    }
}

/// One argument of an expression.
#[derive(Debug)]
pub struct Argument {
    /// Its key in the document.
    pub name: &'static str,
    /// What stands there.
    pub kind: ArgumentKind,
    /// Whether it must be there.
    pub required: bool,
    /// What it takes, where it is an expression (or a list of them: each).
    pub accepts: Accepts,
    /// Whether null is fine: otherwise a value that may be empty is a warning, and null an error at run time.
    pub nullable: bool,
    /// One line.
    pub summary: &'static str,
}

/// What stands in the place of an argument.
#[derive(Debug)]
pub enum ArgumentKind {
    /// An expression node.
    Expression,
    /// A list of expression nodes, with the smallest number.
    Expressions(usize),
    /// A literal in the JSON.
    Literal(Literal),
    /// The name of the variable that stands for each item (`item_var`).
    Name,
}

/// A literal in the JSON, not an expression node.
#[derive(Debug)]
pub enum Literal {
    /// Any JSON.
    Json,
    /// Text.
    Text,
    /// One of these.
    Choice(&'static [&'static str]),
    /// True or false.
    Boolean,
    /// A whole number within these bounds.
    Integer(i64, i64),
    /// A dotted path of field names.
    Path,
    /// A dotted path that begins with a variable in scope.
    Variable,
    /// A regular expression.
    Pattern,
    /// An IANA time zone.
    Timezone,
    /// A strftime-style date format.
    DateFormat,
    /// The name of a field of the record variable in another field.
    FieldName,
}

impl Argument {
    /// A required expression that must not be null.
    #[must_use]
    pub const fn required(name: &'static str, accepts: Accepts, summary: &'static str) -> Self {
        Self { name, kind: ArgumentKind::Expression, required: true, accepts, nullable: false, summary }
    }

    /// An expression that can be left out, but must not be null.
    #[must_use]
    pub const fn optional(name: &'static str, accepts: Accepts, summary: &'static str) -> Self {
        Self { name, kind: ArgumentKind::Expression, required: false, accepts, nullable: false, summary }
    }

    /// A list of at least `least` expressions.
    #[must_use]
    pub const fn list(name: &'static str, least: usize, accepts: Accepts, summary: &'static str) -> Self {
        Self { name, kind: ArgumentKind::Expressions(least), required: true, accepts, nullable: false, summary }
    }

    /// A literal that must be there.
    #[must_use]
    pub const fn literal(name: &'static str, literal: Literal, summary: &'static str) -> Self {
        Self { name, kind: ArgumentKind::Literal(literal), required: true, accepts: Accepts::ANY, nullable: false, summary }
    }

    /// A literal that can be left out.
    #[must_use]
    pub const fn option(name: &'static str, literal: Literal, summary: &'static str) -> Self {
        Self { name, kind: ArgumentKind::Literal(literal), required: false, accepts: Accepts::ANY, nullable: false, summary }
    }

    /// The name of the item variable.
    #[must_use]
    pub const fn name(name: &'static str, summary: &'static str) -> Self {
        Self { name, kind: ArgumentKind::Name, required: true, accepts: Accepts::ANY, nullable: false, summary }
    }

    /// The same, where null is fine.
    #[must_use]
    pub const fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// The same, where it can be left out.
    #[must_use]
    pub const fn or_absent(mut self) -> Self {
        self.required = false;
        self
    }
}

/// What the checker can use a word for when it proposes a fix. The checker knows no word by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Makes `to` out of `from`, standing in its one required argument.
    Converts {
        /// What it takes.
        from: Accepts,
        /// What it gives.
        to: Accepts,
    },
    /// Gives the first of its listed arguments that is not empty.
    Defaults,
    /// Tells whether its one argument is empty.
    TestsEmptiness,
    /// Negates its one argument.
    Negates,
    /// Makes personal data not personal, standing in its one required argument.
    Protects,
    /// A block that runs its first list where its condition holds.
    Guards,
    /// Stands for a constant.
    Constant,
    /// Stands for a variable.
    Variable,
}

/// An executed example of an expression.
#[derive(Debug)]
pub struct Example {
    /// What it shows.
    pub title: &'static str,
    /// The node, as JSON. Variables read from `given`.
    pub node: &'static str,
    /// The variables in scope, as a JSON object; `""` for none. Text that reads as an RFC 3339 instant stays text.
    pub given: &'static str,
    /// The result.
    pub gives: Gives,
}

/// What an example gives.
#[derive(Clone, Copy, Debug)]
pub enum Gives {
    /// This value, as JSON; datetimes as RFC 3339 text.
    Value(&'static str),
    /// This error code at run time.
    Error(&'static str),
    /// This error code from the checker.
    Refused(&'static str),
}

/// An instruction's metadata: of an operation or a block.
#[derive(Debug)]
pub struct InstructionMeta {
    /// The `type` in the document.
    pub name: &'static str,
    /// Its group in the palette.
    pub group: Group,
    /// Where it comes from.
    pub origin: Origin,
    /// One line.
    pub summary: &'static str,
    /// How a card says it with the values filled in: see [`phrase_fields`]. Empty: its name with the arguments in brackets.
    pub phrase: &'static str,
    /// The rules, in Markdown.
    pub docs: &'static str,
    /// Its fields, in the order they are shown. `id`, `type`, `note` and `disabled` are every instruction's.
    pub fields: &'static [Field],
    /// What `return_as` gives, in words, and whether it must be there; `None` where it takes none.
    pub returns: Option<Returns>,
    /// Whether what runs leaves an effect, for catalogs.
    pub effect: bool,
    /// Other words under which people look for it.
    pub search_terms: &'static [&'static str],
    /// How the checker uses it in fixes.
    pub roles: &'static [Role],
    /// Executed as tests.
    pub examples: &'static [InstructionExample],
}

/// What `return_as` gives.
#[derive(Debug)]
pub struct Returns {
    /// Whether `return_as` must be there.
    pub required: bool,
    /// What it gives.
    pub summary: &'static str,
}

/// One field of an instruction.
#[derive(Debug)]
pub struct Field {
    /// Its key in the document.
    pub name: &'static str,
    /// What stands there.
    pub kind: FieldKind,
    /// Whether it must be there.
    pub required: bool,
    /// Whether null is fine, where it is an expression.
    pub nullable: bool,
    /// What it takes, where it is an expression.
    pub accepts: Accepts,
    /// Whether it takes personal data, where it is an expression.
    pub personal: bool,
    /// The values it takes, where it is text with a fixed choice; a literal outside it is refused by the checker.
    pub choices: &'static [&'static str],
    /// The feature of the tenant that must be on for it to be offered.
    pub feature: Option<Feature>,
    /// One line.
    pub summary: &'static str,
}

/// What stands in the place of a field.
#[derive(Debug)]
pub enum FieldKind {
    /// An expression node.
    Expression,
    /// A list of instructions.
    Instructions,
    /// The name of the variable that stands for each item of the list in the field of this name. The instruction looks at the list only
    /// through this variable: of what no use of the variable asks for, nothing need be read.
    ItemOf(&'static str),
    /// A literal in the JSON.
    Literal(Literal),
}

/// A feature that a tenant switches on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// Projects.
    Projects,
}

impl Feature {
    /// The name in catalogs and settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Projects => "projects",
        }
    }
}

impl Field {
    /// A required expression.
    #[must_use]
    pub const fn required(name: &'static str, accepts: Accepts, summary: &'static str) -> Self {
        Self {
            name,
            kind: FieldKind::Expression,
            required: true,
            nullable: false,
            accepts,
            personal: false,
            choices: &[],
            feature: None,
            summary,
        }
    }

    /// An expression that can be left out: then the record keeps what it has. Null clears it.
    #[must_use]
    pub const fn optional(name: &'static str, accepts: Accepts, summary: &'static str) -> Self {
        let mut field = Self::required(name, accepts, summary);
        field.required = false;
        field.nullable = true;
        field
    }

    /// A list of instructions.
    #[must_use]
    pub const fn instructions(name: &'static str, required: bool, summary: &'static str) -> Self {
        let mut field = Self::required(name, Accepts::ANY, summary);
        field.kind = FieldKind::Instructions;
        field.required = required;
        field
    }

    /// The name of the item variable.
    #[must_use]
    pub const fn item_of(list: &'static str, name: &'static str, summary: &'static str) -> Self {
        let mut field = Self::required(name, Accepts::ANY, summary);
        field.kind = FieldKind::ItemOf(list);
        field
    }

    /// A literal.
    #[must_use]
    pub const fn literal(name: &'static str, literal: Literal, required: bool, summary: &'static str) -> Self {
        let mut field = Self::required(name, Accepts::ANY, summary);
        field.kind = FieldKind::Literal(literal);
        field.required = required;
        field
    }

    /// The same, where null is fine.
    #[must_use]
    pub const fn or_null(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// The same, where null is an error although it can be left out: what selects must not silently select everything.
    #[must_use]
    pub const fn never_null(mut self) -> Self {
        self.nullable = false;
        self
    }

    /// The same, which takes personal data.
    #[must_use]
    pub const fn takes_personal(mut self) -> Self {
        self.personal = true;
        self
    }

    /// The same, with a fixed choice.
    #[must_use]
    pub const fn one_of(mut self, choices: &'static [&'static str]) -> Self {
        self.choices = choices;
        self
    }

    /// The same, offered only where a feature is on.
    #[must_use]
    pub const fn with_feature(mut self, feature: Feature) -> Self {
        self.feature = Some(feature);
        self
    }
}

/// An executed example of an instruction: a list of instructions run over one record.
#[derive(Debug)]
pub struct InstructionExample {
    /// What it shows.
    pub title: &'static str,
    /// The spec's `instructions`, as JSON. The source model is `any` and its variable `event`.
    pub instructions: &'static str,
    /// The record, as JSON.
    pub given: &'static str,
    /// The status it ends with.
    pub status: &'static str,
    /// The effects, as the JSON that `run` writes, without `id`s.
    pub effects: &'static str,
}

/// The fields that a phrase speaks of. In a phrase, `{field}` stands for the value of a field, `{field|, }` for the items of a list with
/// `, ` between, and a part in `[…]` is left out where a field in it is. A phrase in backticks is a template of text: literal text in it
/// stands as it is, and everything else in braces.
pub fn phrase_fields(phrase: &str) -> impl Iterator<Item = &str> {
    phrase.split('{').skip(1).filter_map(|part| part.split(['}', '|']).next())
}
