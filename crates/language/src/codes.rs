//! Every code that the checker and the evaluator use, with what its page says. Codes are never reused.
//!
//! Ranges: E1 the document, E2 types and emptiness, E3 scope, E4 personal data, E5 values at run time, E6 budgets, E7 what
//! stands around an evaluation.

use crate::diagnostics::Code;

macro_rules! codes {
    ($($constant:ident = $code:literal, $title:literal, $meaning:literal, $why:literal, $before:literal => $after:literal;)+) => {
        $(#[doc = $title] pub static $constant: Code = Code {
            code: $code, title: $title, meaning: $meaning, why: $why, before: $before, after: $after,
        };)+

        /// Every code, in order.
        pub static ALL: &[&Code] = &[$(&$constant),+];
    };
}

codes! {
    NOT_JSON = "E101", "Not JSON",
        "The file is not valid JSON. The message tells the line and column at which reading stopped.",
        "A spec, a models file and a constants file are JSON documents. Nothing can be checked before they can be read.",
        r#"{ "format": 1, }"# => r#"{ "format": 1 }"#;
    WRONG_SHAPE = "E102", "Wrong kind of JSON value",
        "There is a JSON value of the wrong kind here: a text where an object belongs, for instance.",
        "Every node of a spec is an object with a `type`; lists of instructions and arguments are arrays.",
        r#"{ "type": "not", "argument": "x" }"# => r#"{ "type": "not", "argument": { "type": "var", "var": "x" } }"#;
    MISSING_KEY = "E103", "Something required is missing",
        "A key that this node must have is not there.",
        "Without it the node has no meaning. The message says what the key stands for.",
        r#"{ "type": "equals", "left": … }"# => r#"{ "type": "equals", "left": …, "right": … }"#;
    UNKNOWN_KEY = "E104", "Unknown key",
        "This node has a key that its type does not know.",
        "A mistyped key would otherwise be ignored without a word, and the spec would do something else than it says.",
        r#"{ "type": "is_null", "valeu": … }"# => r#"{ "type": "is_null", "value": … }"#;
    UNKNOWN_TYPE = "E105", "Unknown type",
        "There is no instruction or expression of this `type`, or it stands where the other of the two belongs.",
        "Instructions do something and stand in lists; expressions compute a value and stand in fields.",
        r#"{ "type": "string_betwen", … }"# => r#"{ "type": "string_between", … }"#;
    WRONG_LITERAL = "E106", "Value not allowed here",
        "This place takes a literal of another kind or one of a fixed set of values.",
        "Literals steer how an expression works and are fixed when the spec is saved.",
        r#"{ "type": "datetime_difference", …, "unit": "hour" }"# => r#"{ "type": "datetime_difference", …, "unit": "hours" }"#;
    WRONG_NAME = "E107", "Not a valid name",
        "Names begin with a lower-case letter and hold lower-case letters, digits and underscores, 64 at most.",
        "Names stand in dotted paths; other characters would make those ambiguous.",
        r#""return_as": "Deal Owner""# => r#""return_as": "deal_owner""#;
    DUPLICATE_ID = "E108", "Instruction id used twice",
        "Two instructions have the same `id`.",
        "Traces, differences, comments and coverage hang on the id of an instruction.",
        r#"[{ "id": "won", … }, { "id": "won", … }]"# => r#"[{ "id": "won", … }, { "id": "won-2", … }]"#;
    UNKNOWN_FORMAT = "E109", "Format not supported",
        "The `format` of this document is newer than this version reads, or is not a format at all.",
        "Reading a newer document by the old rules could write wrong figures.",
        r#"{ "format": 7, … }"# => r#"{ "format": 1, … }"#;
    TOO_LARGE = "E110", "Document too large",
        "The document has more nodes, or is nested deeper, than is allowed.",
        "Limits keep one spec from taking the machine away from the others.",
        "A condition nested 300 deep" => "The same condition, split with `define_variable`";
    WRONG_PATTERN = "E111", "Not a valid pattern",
        "The regular expression cannot be read.",
        "Patterns are compiled when the spec is checked, so that none can fail at run time.",
        r#"{ "type": "matches", …, "pattern": "(" }"# => r#"{ "type": "matches", …, "pattern": "\\(" }"#;
    UNKNOWN_TIMEZONE = "E112", "Unknown time zone",
        "This is not the name of a time zone in the IANA database.",
        "Abbreviations like `CET` do not tell when daylight saving applies; names like `Europe/Amsterdam` do.",
        r#""timezone": "Amsterdam""# => r#""timezone": "Europe/Amsterdam""#;
    WRONG_DATE_FORMAT = "E113", "Not a valid date format",
        "The date format has a directive that is not known, or does not determine an instant.",
        "Formats are checked when the spec is checked, so that none can fail at run time.",
        r#""format": "%Q""# => r#""format": "%d-%m-%Y %H:%M""#;
    NEEDS_ONE_OF = "E114", "At least one of several is needed",
        "This node needs one of several keys, or exactly one of two, and has not.",
        "With none of them it would do nothing; with two that exclude each other, its meaning would be unclear.",
        r#"{ "type": "sum" }"# => r#"{ "type": "sum", "list": { "type": "var", "var": "amounts" } }"#;
    WRONG_MODEL = "E115", "Not a valid model declaration",
        "The declaration of a source model cannot be read.",
        "The checker knows your data only through the declared models.",
        r#""fields": { "id": "text" }"# => r#""fields": { "id": "string" }"#;
    WRONG_CONSTANT = "E116", "Constant without a fitting value",
        "A constant that the spec declares has no value, or one of another type than declared.",
        "Constants are valued on each link between a source and a processor; without a value nothing can run.",
        r#"{ "won_label": 5 }"# => r#"{ "won_label": "Deal | won" }"#;

    TYPE_MISMATCH = "E201", "Wrong type",
        "The value here is of one type, and this place takes another.",
        "Nothing is converted silently: text that looks like a number is text until `parse_number` reads it.",
        r#""value": { "type": "var", "var": "deal.amount_text" }"# => r#""value": { "type": "parse_number", "value": { "type": "var", "var": "deal.amount_text" } }"#;
    MAY_BE_EMPTY = "E202", "May be empty",
        "The value here can be null or absent, and this place needs a value. At run time: it was null.",
        "A missing part of an id or a date must not go unseen. Guard the instruction, or give a value to use instead.",
        r#""moment": { "type": "var", "var": "deal.won_at" }"# => r#"if_else with condition not(is_empty(deal.won_at))"#;
    UNKNOWN_FIELD = "E203", "Unknown field",
        "The object has no field of this name.",
        "A mistyped field would read as null in every record.",
        r#"{ "type": "var", "var": "deal.amuont" }"# => r#"{ "type": "var", "var": "deal.amount" }"#;
    POSSIBLE_MISMATCH = "E204", "Type not known before run time",
        "The type of this value is not declared, so it may or may not fit. At run time it must fit.",
        "Declare the field in the source model and the checker can tell.",
        r#""webhook.amount" (undeclared)"# => r#""amount": "number" declared on the source model"#;
    NEVER_EQUAL = "E205", "Comparison of different types",
        "These two can never be equal, since they are of different types.",
        "The text `\"1\"` and the number `1` are different values: such a condition is always false.",
        r#"equals(deal.stage_id (number), "5")"# => r#"equals(deal.stage_id, 5)"#;
    NOT_AN_OBJECT = "E206", "No fields here",
        "The path goes on through a value that has no fields.",
        "Only objects, identities and records have fields. Items of a list are reached with `for_each`, `find`, `first` or `item_at`.",
        r#"{ "type": "var", "var": "deal.lines.price" }"# => r#"for_each over deal.lines, then line.price"#;
    UNKNOWN_MODEL = "E207", "Source model not declared",
        "The source model of the spec is not among the declared models, so every field of it is `any`.",
        "Without a declaration the checker can find no mistyped field and no missing value.",
        r#""source_model": { "type": "ghl_oportunity", … }"# => r#""source_model": { "type": "ghl_opportunity", … }"#;
    UNKNOWN_ENRICHMENT = "E208", "Enrichment not offered",
        "The model that this enrichment hangs on does not offer it.",
        "An enrichment is a fetch of related data, which the provider must know how to do.",
        r#"{ "type": "ghl_contct", "on": "opportunity", "as": "contact" }"# => r#"{ "type": "ghl_contact", "on": "opportunity", "as": "contact" }"#;
    FEATURE_OFF = "E209", "Feature is off",
        "This field belongs to a feature that is switched off in the settings.",
        "What it would write could be seen nowhere.",
        r#""project_external_identity": …"# => "Switch Projects on, or leave the field out";

    UNKNOWN_VARIABLE = "E301", "Unknown variable",
        "Nothing of this name is in scope here.",
        "In scope are the source model, the constants, what earlier instructions return, and the item of an enclosing loop.",
        r#"{ "type": "var", "var": "oportunity.id" }"# => r#"{ "type": "var", "var": "opportunity.id" }"#;
    NAME_TAKEN = "E302", "Name already in use",
        "A variable of this name is in scope already.",
        "If two had one name, a reader could not tell which is meant.",
        r#""return_as": "agent" twice"# => r#""return_as": "agent", "return_as": "second_agent""#;
    ONE_BRANCH = "E303", "Set in one branch only",
        "This variable is set in only one of the two branches, so after the block it may not exist.",
        "Set it in both, and it can be used after the block.",
        "then: define_variable amount; after: amount" => "then: define_variable amount; else: define_variable amount; after: amount";
    OUT_OF_LOOP = "E304", "Set inside a loop",
        "This variable is set in the body of a loop and ends with each iteration.",
        "Outside the loop it would be unclear which iteration is meant. Use `map`, `filter`, `find` or `sum` to get something out of a list.",
        "for_each line: define_variable price; after: price" => "sum of map(lines, line, line.price)";
    NOT_YET = "E305", "Used before it is set",
        "This variable is set by a later instruction.",
        "Instructions run from top to bottom.",
        "upsert_sale uses agent; then upsert_agent_external_identity returns agent" => "The same two, the other way round";
    DISABLED = "E306", "Set by a disabled instruction",
        "The instruction that sets this variable is disabled.",
        "A disabled instruction does nothing, so its variable does not exist. Enable it, or disable what uses it.",
        r#"{ "id": "owner", "disabled": true, "return_as": "agent" }"# => r#"{ "id": "owner", "return_as": "agent" }"#;

    PERSONAL = "E401", "Personal data in an unprotected place",
        "The value holds personal data, and this field would store it as it is.",
        "Use `pseudonymize`, or the field that is meant for it: `contact_key` and `phone_number` keep only a keyed hash.",
        r#""external_id": { "type": "var", "var": "contact.email" }"# => r#""external_id": { "type": "pseudonymize", "value": { "type": "var", "var": "contact.email" } }"#;

    DIVISION_BY_ZERO = "E501", "Division by zero",
        "The divisor was 0.",
        "There is no number to give. Guard the division with a condition.",
        "divide(revenue, count)" => "if(equals(count, 0), 0, divide(revenue, count))";
    NUMBER_RANGE = "E502", "Number out of range",
        "The number, or the whole part of the result, needs more than 28 digits.",
        "Figures are exact to 28 digits: beyond that, a sum would silently lose its last euros.",
        "multiply(1e20, 1e20)" => "Numbers within 28 digits";
    NOT_A_NUMBER = "E503", "Cannot be read as a number",
        "The text does not read as a number with the given separators.",
        "Guessing at separators would make 1.500 one and a half, or fifteen hundred.",
        r#"parse_number("1.500,00")"# => r#"parse_number("1.500,00", decimal_separator ",", thousands_separator ".")"#;
    NOT_A_DATETIME = "E504", "Cannot be read as a datetime",
        "The text does not read as a datetime in the given format, or in ISO 8601 or RFC 2822 where none is given.",
        "Guessing at the order of day and month would put sales in the wrong month.",
        r#"parse_datetime("03/04/2026")"# => r#"parse_datetime("03/04/2026", format "%d/%m/%Y")"#;
    UNKNOWN_LOOKUP = "E505", "Not in the mapping",
        "The mapping has no such key, and the look-up has no default.",
        "A new stage or user in the external system is not known to the mapping yet: add it, or give a default.",
        r#"lookup(stages, "stage-9")"# => r#"lookup(stages, "stage-9", default "other")"#;
    NOTHING_TO_CHOOSE = "E506", "Nothing to choose from",
        "The smallest or largest of an empty list does not exist.",
        "There is no number to give. Guard it with a condition on `count`.",
        "maximum([])" => "if(equals(count(list), 0), 0, maximum(list))";
    NOT_JSON_TEXT = "E507", "Text is not JSON",
        "The text that `parse_json` was given is not valid JSON.",
        "Half a document would give half the data.",
        r#"parse_json("{")"# => r#"parse_json("{}")"#;
    NOT_A_PHONE = "E508", "Not a phone number",
        "The text does not read as a phone number.",
        "Without a country, a number must begin with `+` and the country code.",
        r#"normalize_phone("020 123 4567")"# => r#"normalize_phone("020 123 4567", country "NL")"#;
    NOT_AN_EMAIL = "E509", "Not an e-mail address",
        "The text does not read as an e-mail address.",
        "A malformed address would match no other contact.",
        r#"normalize_email("jan")"# => r#"normalize_email("jan@example.com")"#;
    WRONG_ORDER = "E510", "Ends before it starts",
        "The end lies before the start.",
        "A period of negative length would spoil every sum over it.",
        "started_at March 2, ended_at March 1" => "started_at March 1, ended_at March 2";
    NOT_A_CHOICE = "E511", "Not one of the allowed values",
        "This field takes one of a fixed set of values, and got another.",
        "Reports group by these values.",
        r#""status": "won""# => r#""status": "accepted""#;
    DATETIME_RANGE = "E512", "Datetime out of range",
        "The instant lies outside the years -9999 to 9999.",
        "There is no datetime to give.",
        "add_duration(now, 100000, years)" => "A smaller amount";
    NEGATIVE = "E513", "Negative where it cannot be",
        "This field cannot be negative.",
        "A call of negative length would spoil every sum over it.",
        r#""duration": -5"# => r#""duration": 5"#;
    EMPTY_ID = "E514", "Empty external id",
        "The external id is an empty text.",
        "Every record without an id would become one and the same record.",
        r#""external_id": """# => r#""external_id": "opp|123""#;
    NOT_A_FIELD = "E515", "Record has no such field",
        "The record in the variable has no field of this name that can be locked.",
        "Only fields of the record itself can be locked.",
        r#""field": "momnet""# => r#""field": "moment""#;
    NOT_WHOLE = "E516", "Not a whole number",
        "This place takes a whole number, and got one with a fraction.",
        "There is no half a character to begin at, and half a month has no fixed length.",
        r#"add_duration(now, 0.5, "months")"# => r#"add_duration(now, 15, "days")"#;
    EMPTY_TEXT = "E517", "Empty text",
        "The text is empty, and this place needs at least one character.",
        "Splitting at nothing has no one meaning.",
        r#"split(tags, "")"# => r#"split(tags, ",")"#;

    INSTRUCTION_BUDGET = "E601", "Too many instructions run",
        "The execution ran more instructions than it may.",
        "A loop in a loop over long lists would hold up everything else.",
        "for_each in for_each over 1,000 items each" => "filter the list first";
    LIST_BUDGET = "E602", "List too long",
        "A list has more items than an execution may handle.",
        "See the budgets on the reference page of the language.",
        "for_each over 200,000 items" => "A source model for each item";
    SIZE_BUDGET = "E603", "Value too large",
        "A text grew larger than an execution may handle.",
        "Records hold figures and short texts.",
        "concat in a loop" => "Shorter texts";
    EFFECT_BUDGET = "E604", "Too many effects",
        "The execution wrote more than it may.",
        "All effects of an execution commit together.",
        "for_each over 50,000 lines: upsert_activity" => "A source model for each line";
    STEP_BUDGET = "E605", "Too many steps",
        "The execution evaluated more expressions than it may.",
        "`map` in `map` over long lists would hold up everything else.",
        "map in map in map" => "for_each over a shorter list";

    GAVE_UP = "E701", "The execution gave up",
        "Something went wrong inside SalesDash while this execution ran. It wrote nothing, and no other execution was touched.",
        "This is a defect of SalesDash: please report it with the code and the version. The record is kept and can be run again.",
        "A defect" => "Report it, and run the execution again after the next update";
    ENRICHMENT_FAILED = "E702", "Enrichment could not be fetched",
        "A related record that the spec asks for could not be fetched, also not when it was tried again.",
        "Without it the execution would write something incomplete. The record is kept; run the execution again when the cause is mended.",
        "The contact of the deal was deleted at the provider" => "The enrichment left out, or the access mended and the execution run again";
    PAYLOAD_GONE = "E703", "Payload removed",
        "The record that this execution was to run on has been removed by retention.",
        "Retention removes old payloads to save space and to keep personal data no longer than needed.",
        "Running an execution of last year again" => "A longer retention, before the payload is removed";
    ERASED = "E704", "Erased on request",
        "The record that this execution was to run on has been erased, because somebody asked for it.",
        "Erasing a contact takes away everything that was received of them, so nothing can be worked out from it again. Records keep their numbers.",
        "Running an execution of an erased contact again" => "The record sent again by its source, where the contact agrees to that";
}

/// The code of this name.
#[must_use]
pub fn find(code: &str) -> Option<&'static Code> {
    ALL.iter().copied().find(|known| known.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_in_order() {
        assert!(ALL.windows(2).all(|pair| pair[0].code < pair[1].code));
    }
}
