//! What holds for every request to a vendor: addresses, limits, errors.

use salesdash_value::Text;

use super::macros::{names, object};
use super::read::{Fields, Number, Paths, Whole};
use super::request::RequestTemplate;
use super::time::Zone;
use super::value::{Condition, Given, OfAnswer, Picked};

object! {
    /// What holds for every request.
    Http as "http" {
        /// The address that paths are appended to. It can be computed from settings and captured fields.
        base_url: Given,
        /// Headers of every request. One that is null is left out.
        headers: Fields<Given>,
        /// How long an answer may take, in milliseconds.
        timeout_ms: Whole<1_000, 300_000, 30_000>,
        /// Hosts that credentials may be sent to besides the one of the base URL, such as `api.example.com` or `*.example.com`.
        allowed_hosts: Vec<Host>,
        /// The statuses that are answers. All of 200 to 299 where it is not given.
        success: Vec<Number<100, 599>>,
        /// The largest answer that is read, in kilobytes.
        max_answer_kb: Whole<1, 102_400, 20_480>,
    }
}

/// A host name, or `*.` and a host name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host(pub Text);

impl super::read::Read for Host {
    fn read(reading: &mut super::read::Reading, value: &salesdash_value::Value, pointer: &str) -> Option<Self> {
        let text = Text::read(reading, value, pointer)?;
        let name = text.strip_prefix("*.").unwrap_or(&text);
        let label =
            |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if name.contains('.') && name.split('.').all(label) {
            return Some(Self(text));
        }
        reading.problems.add(pointer, format!("`{text}` is not a host such as `api.example.com` or `*.example.com`, in lower case"));
        None
    }

    fn describe(_about: &mut super::read::About) -> String {
        "host".to_owned()
    }
}

impl Host {
    /// Whether a host is this one, or one of those below it.
    #[must_use]
    pub fn allows(&self, host: &str) -> bool {
        match self.0.strip_prefix("*.") {
            Some(parent) => host.strip_suffix(parent).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
            None => self.0 == host,
        }
    }
}

object! {
    /// How often the vendor may be asked.
    Limits as "limits" {
        /// How many requests in how much time. All of them hold.
        rates: Vec<Rate>,
        /// How many requests of one connection may run at the same time.
        concurrency: Whole<1, 64, 4>,
        /// Headers that say what is left. All that an answer has are honoured. `Retry-After` and the standard `RateLimit` are always read.
        headers: Vec<LimitHeaders>,
    }
}

names! {
    /// Who shares a rate.
    SharedBy {
        /// every source and enrichment of one connection
        Connection = "connection",
        /// all connections of this type
        Provider = "provider",
    }
}

object! {
    /// So many requests in so much time.
    Rate as "rate" {
        /// How many.
        requests: Number<1, 1_000_000>,
        /// In how many seconds.
        per_seconds: Number<1, 86_400>,
        /// Who shares it: one connection where it is not given.
        shared_by: Option<SharedBy>,
    }
}

names! {
    /// How a header says when it resets.
    ResetFormat {
        /// seconds from now
        DeltaSeconds = "delta_seconds",
        /// milliseconds from now
        DeltaMilliseconds = "delta_milliseconds",
        /// seconds since 1970
        EpochSeconds = "epoch_seconds",
        /// milliseconds since 1970
        EpochMilliseconds = "epoch_milliseconds",
        /// ISO 8601, with or without an offset
        Iso = "iso",
        /// as in the header `Date`
        HttpDate = "http_date",
    }
}

object! {
    /// Headers that say how much is left of a limit.
    LimitHeaders as "limit headers" {
        /// The header with the number of requests that are left.
        remaining: Text,
        /// The header that says when there are more again.
        reset: Option<Text>,
        /// How that is written: `delta_seconds` where it is not given.
        format: Option<ResetFormat>,
        /// The zone of a time without an offset: UTC where it is not given.
        timezone: Option<Zone>,
        /// How long to wait, in milliseconds, where nothing is left and no header says how long.
        period_ms: Whole<1, 86_400_000, 60_000>,
    }
}

names! {
    /// What an answer that is not a success means.
    Meaning {
        /// It may pass: tried again, each time after a longer wait.
        Retry = "retry",
        /// Asked too often: tried again after `wait`.
        RateLimited = "rate_limited",
        /// The access token is no longer accepted: refreshed once, then tried again. Where that does not help, the connection *needs reconnecting*.
        RefreshAuth = "refresh_auth",
        /// The credentials are no longer accepted, and refreshing cannot help: the connection *needs reconnecting*.
        NeedsReconnecting = "needs_reconnecting",
        /// Nothing is there, which is fine: an answer without records; a missing record of an enrichment.
        Ignore = "ignore",
        /// The kept position of the paging is no longer accepted: the run begins anew from the last stored time.
        RestartPaging = "restart_paging",
        /// It will not pass by itself: the run fails with what the vendor says.
        Fail = "fail",
    }
}

object! {
    /// What one kind of answer means. The first rule that fits counts; rules are looked at before the status, so that an error inside a 200 is seen.
    /// Where none fits, the default table holds.
    ErrorRule as "error rule" {
        /// The statuses it is about. All where it is not given.
        status: Vec<Number<100, 599>>,
        /// What must hold besides.
        when: Option<Condition<OfAnswer>>,
        /// What it means.
        means: Meaning,
        /// How long to wait before the next try.
        wait: Option<Wait>,
        /// Where the body says in words what went wrong, for the log. It must hold no personal data.
        message: Option<Paths>,
        /// What people should do about it, in a sentence.
        advice: Option<Text>,
    }
}

object! {
    /// How long to wait, as an answer says.
    Wait as "wait" {
        /// Where it says so: a path into the body, or an expression, such as `headers.retry_after`.
        from: Picked<OfAnswer>,
        /// How it is written: `delta_seconds` where it is not given.
        format: Option<ResetFormat>,
    }
}

object! {
    /// The request behind *Test connection*.
    Check as "check" {
        /// The request. It should be cheap, and need the credentials.
        request: RequestTemplate,
        /// Where the answer names the account, to be shown.
        account: Option<Picked<OfAnswer>>,
        /// Further requests, each of which must be answered, with what is missing where it is not: the rights that sources need.
        also: Vec<AlsoCheck>,
    }
}

object! {
    /// A further request of *Test connection*.
    AlsoCheck as "also" {
        /// The request.
        request: RequestTemplate,
        /// What it means where it fails, such as: the token lacks the right to read calls.
        otherwise: Text,
    }
}

object! {
    /// A request that gives a list of records, page after page.
    Listing as "listing" {
        /// The request.
        request: RequestTemplate,
        /// Where the records stand in the body: a list, or one record. Of several paths, the first that leads to something counts. The body itself where
        /// it is not given.
        records: Option<Paths>,
        /// Whether the vendor leaves the list out, or null, where there are no records. Where it does not, an answer without the list is an error: the run stops,
        /// and the cursor stays where it is.
        records_may_be_absent: bool,
        /// How the pages follow each other. One page where it is not given.
        paging: Option<super::paging::Paging>,
        /// What each record is made of.
        each: Option<Each>,
    }
}

object! {
    /// What is done with each record before it is taken.
    Each as "each" {
        /// Takes those records only for which this holds.
        only: Option<Condition<super::value::OfRecord>>,
        /// Where the record proper stands in the item.
        at: Option<crate::path::Path>,
        /// Fields that are added to it, or replaced in it.
        add: Fields<Picked<super::value::OfRecord>>,
        /// A field that holds a list of records, of which each becomes a record of its own.
        unfold: Option<crate::path::Path>,
        /// The field that an unfolded record holds what it was unfolded from in, without the list.
        outer: Option<Text>,
    }
}
