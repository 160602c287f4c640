//! How far a poll is. Its bound moves only past what was stored; the next run asks from a closed lower bound, an overlap earlier.

use jiff::ToSpan as _;
use salesdash_value::{Decimal, Instant, Text, Value, datetime, number};

use super::paging::Position;
use crate::definition::poll::{Incremental, Measure, Order};
use crate::definition::time::WrittenTime;
use crate::request::text_of;

/// The most partitions of which progress is kept.
pub const MAX_PARTITIONS: usize = 10_000;

/// A place in what a poll measures its progress by.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub enum Mark {
    /// A time.
    Time(Instant),
    /// A number.
    Number(Decimal),
    /// A text.
    Text(Text),
}

impl Mark {
    fn to_value(&self) -> Value {
        match self {
            Self::Time(instant) => Value::Text(datetime::rfc3339(*instant)),
            Self::Number(number) => Value::Number(*number),
            Self::Text(text) => Value::Text(text.clone()),
        }
    }

    fn from_value(value: &Value, measure: Measure) -> Option<Self> {
        match (measure, value) {
            (Measure::Time, Value::Text(text)) => text.parse().ok().map(Self::Time),
            (Measure::Number, Value::Number(number)) => Some(Self::Number(*number)),
            (Measure::Text, Value::Text(text)) => Some(Self::Text(text.clone())),
            _ => None,
        }
    }
}

fn measure(incremental: &Incremental) -> Measure {
    match incremental {
        Incremental::Server(server) => server.measure.unwrap_or(Measure::Time),
        Incremental::Engine(engine) => engine.measure.unwrap_or(Measure::Time),
        Incremental::Token(_) => Measure::Text,
    }
}

/// The order in which the records come.
#[must_use]
pub fn order(incremental: &Incremental) -> Order {
    match incremental {
        Incremental::Server(server) => server.order.unwrap_or(Order::None),
        Incremental::Engine(engine) => engine.order.unwrap_or(Order::None),
        Incremental::Token(_) => Order::None,
    }
}

/// The mark of a record. `None` where it has none that can be read.
#[must_use]
pub fn mark(incremental: &Incremental, record: &Value) -> Option<Mark> {
    let (field, reads) = match incremental {
        Incremental::Server(server) => (&server.field, &server.reads),
        Incremental::Engine(engine) => (&engine.field, &engine.reads),
        Incremental::Token(_) => return None,
    };
    let value = field.find(record)?;
    match measure(incremental) {
        Measure::Time => reads.clone().unwrap_or_else(WrittenTime::iso).read_time(value).map(Mark::Time),
        Measure::Number => match value {
            Value::Number(number) => Some(Mark::Number(*number)),
            Value::Text(text) => number::parse(text).map(Mark::Number),
            _ => None,
        },
        Measure::Text => text_of(value).map(Mark::Text),
    }
}

/// What is asked for at once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Span {
    /// From where, this included. `None`: from the beginning.
    pub since: Option<Mark>,
    /// Up to where. `None`: all there is.
    pub until: Option<Mark>,
}

/// Where a run is within a span.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Going {
    /// The partition it is at, by its key; empty where there are none.
    pub partition: Text,
    /// What it asks for.
    pub span: Span,
    /// The page it is at.
    pub position: Position,
    /// The latest mark that was stored.
    pub seen: Option<Mark>,
}

/// How far a poll is: what is stored as the cursor of its source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// The latest that was stored, by partition; the key is empty where there are none.
    reached: Vec<(Text, Mark)>,
    /// The run that is on its way, where one is.
    pub going: Option<Going>,
    /// The end of a backfill: nothing from here on is asked for.
    pub end: Option<Instant>,
}

impl Progress {
    /// How far a partition is.
    #[must_use]
    pub fn reached(&self, partition: &str) -> Option<&Mark> {
        self.reached.iter().find(|(known, _)| known == partition).map(|(_, mark)| mark)
    }

    /// Sets how far a partition is.
    pub fn reach(&mut self, partition: &str, mark: Mark) {
        if let Some((_, reached)) = self.reached.iter_mut().find(|(known, _)| known == partition) {
            *reached = mark;
        } else if self.reached.len() < MAX_PARTITIONS {
            self.reached.push((Text::new(partition), mark));
        }
    }

    /// The least far of its partitions, for people. Where partitions begin of which nothing was read yet counts only as long as none was.
    #[must_use]
    pub fn least(&self) -> Option<&Mark> {
        let known = self.reached.iter().filter(|(partition, _)| partition != "*").map(|(_, mark)| mark);
        let least = known.reduce(|least, mark| if mark < least { mark } else { least });
        least.or_else(|| self.reached("*"))
    }

    /// Progress that begins at a time.
    #[must_use]
    pub fn from(at: Instant) -> Self {
        // Partitions that are not known yet begin there too.
        Self { reached: vec![(Text::new_static("*"), Mark::Time(at))], ..Self::default() }
    }

    /// Progress that begins at a time and ends at another.
    #[must_use]
    pub fn between(from: Instant, end: Instant) -> Self {
        Self { end: Some(end), ..Self::from(from) }
    }

    /// Where the next span of a partition begins and ends.
    ///
    /// `start` is where a partition begins of which nothing was stored yet.
    #[must_use]
    pub fn span(&self, incremental: Option<&Incremental>, partition: &str, start: Option<Instant>, now: Instant) -> Span {
        let Some(incremental) = incremental else { return Span::default() };
        let reached = self.reached(partition).or_else(|| self.reached("*"));
        let overlap = match incremental {
            Incremental::Server(server) => server.overlap_seconds.0,
            Incremental::Engine(engine) => engine.overlap_seconds.0,
            Incremental::Token(_) => 0,
        };
        let since = match reached {
            Some(Mark::Time(at)) => Some(Mark::Time(at.checked_sub(i64::from(overlap).seconds()).unwrap_or(Instant::UNIX_EPOCH))),
            Some(mark) => Some(mark.clone()),
            None => start.filter(|_| measure(incremental) == Measure::Time).map(Mark::Time),
        };
        let window = match incremental {
            Incremental::Server(server) => server.window_seconds.map(|window| i64::from(window.0)),
            _ => None,
        };
        let Some(window) = window else {
            return Span { since, until: self.end.map(Mark::Time) };
        };
        // A window has to begin somewhere: no vendor that is polled here has records from before 2000.
        let from = match since {
            Some(Mark::Time(at)) => at,
            _ => "2000-01-01T00:00:00Z".parse().unwrap_or(Instant::UNIX_EPOCH),
        };
        let end = self.end.unwrap_or(now).max(from);
        let until = from.checked_add(window.seconds()).map_or(end, |until| until.min(end));
        Span { since: Some(Mark::Time(from)), until: Some(Mark::Time(until)) }
    }

    /// Notes that records were stored of the span that a run is at. With records that come oldest first, the bound moves at once.
    pub fn stored(&mut self, incremental: Option<&Incremental>, marks: impl IntoIterator<Item = Mark>, now: Instant) {
        let (Some(incremental), Some(going)) = (incremental, &mut self.going) else { return };
        for mark in marks {
            // A record from the future must not pull the bound past what comes before it.
            let mark = match mark {
                Mark::Time(at) => Mark::Time(at.min(now)),
                mark => mark,
            };
            if going.seen.as_ref().is_none_or(|seen| *seen < mark) {
                going.seen = Some(mark);
            }
        }
        if order(incremental) == Order::Ascending
            && let Some(seen) = going.seen.clone()
        {
            let partition = going.partition.clone();
            self.advance(&partition, seen);
        }
    }

    fn advance(&mut self, partition: &str, mark: Mark) {
        if self.reached(partition).is_none_or(|reached| *reached < mark) {
            self.reach(partition, mark);
        }
    }

    /// Notes that the span that a run is at was read to its end. Gives whether there is a further span of the same partition.
    pub fn finished(&mut self, incremental: Option<&Incremental>, now: Instant) -> bool {
        let Some(going) = self.going.take() else { return false };
        if incremental.is_none() {
            return false;
        }
        if let Some(seen) = going.seen {
            self.advance(&going.partition, seen);
        }
        let Some(Mark::Time(until)) = going.span.until else { return false };
        let windowed = matches!(incremental, Some(Incremental::Server(server)) if server.window_seconds.is_some());
        let end = self.end.unwrap_or(now);
        if until < end && windowed {
            // Everything up to the end of the window was asked for, even where there was nothing. The overlap reaches back over it.
            self.advance(&going.partition, Mark::Time(until));
            return true;
        }
        false
    }

    /// Notes the token that the next run is given.
    pub fn token(&mut self, token: Text) {
        let partition = self.going.as_ref().map(|going| going.partition.clone()).unwrap_or_default();
        self.reach(&partition, Mark::Text(token));
    }

    /// As JSON, to be stored.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let optional = |mark: &Option<Mark>| mark.as_ref().map_or(Value::Null, Mark::to_value);
        let reached = Value::object(self.reached.iter().map(|(partition, mark)| (partition.clone(), mark.to_value())));
        let mut fields = vec![("reached", reached)];
        if let Some(going) = &self.going {
            let going = [
                ("partition", Value::Text(going.partition.clone())),
                ("since", optional(&going.span.since)),
                ("until", optional(&going.span.until)),
                ("seen", optional(&going.seen)),
                ("position", going.position.to_value()),
            ];
            fields.push(("going", Value::object(going)));
        }
        if let Some(end) = self.end {
            fields.push(("end", Value::Text(datetime::rfc3339(end))));
        }
        Value::object(fields)
    }

    /// What [`Progress::to_value`] gave. What cannot be read, since the definition measures otherwise now, is left out.
    #[must_use]
    pub fn from_value(value: &Value, incremental: Option<&Incremental>) -> Self {
        let measure = incremental.map_or(Measure::Text, measure);
        let mut reached = Vec::new();
        for (partition, mark) in value.get("reached").and_then(Value::as_object).unwrap_or_default() {
            reached.extend(Mark::from_value(mark, measure).map(|mark| (partition.clone(), mark)));
        }
        let going = value.get("going").map(|going| {
            let mark = |key: &str| going.get(key).and_then(|mark| Mark::from_value(mark, measure));
            Going {
                partition: going.get("partition").and_then(Value::as_text).map(Text::new).unwrap_or_default(),
                span: Span { since: mark("since"), until: mark("until") },
                position: going.get("position").map(Position::from_value).unwrap_or_default(),
                seen: mark("seen"),
            }
        });
        let end = value.get("end").and_then(Value::as_text).and_then(|text| text.parse().ok());
        Self { reached, going, end }
    }
}

/// A mark as the vendor wants it.
#[must_use]
pub fn written(incremental: &Incremental, mark: &Mark) -> Value {
    match (mark, incremental) {
        (Mark::Time(at), Incremental::Server(server)) => {
            server.writes.clone().or_else(|| server.reads.clone()).unwrap_or_else(WrittenTime::iso).write_time(*at)
        }
        (mark, _) => mark.to_value(),
    }
}

/// Whether the engine takes a record, where the vendor does not filter: one without a mark is taken, to be on the safe side.
#[must_use]
pub fn takes(incremental: Option<&Incremental>, span: &Span, mark: Option<&Mark>) -> bool {
    match (incremental, mark) {
        (Some(Incremental::Engine(_)), Some(mark)) => {
            span.since.as_ref().is_none_or(|since| mark >= since) && span.until.as_ref().is_none_or(|until| mark < until)
        }
        (Some(_), Some(Mark::Time(at))) => !matches!(&span.until, Some(Mark::Time(until)) if at > until),
        _ => true,
    }
}

/// Whether a page shows that everything after it is older than what is asked for: records come newest first, and all of them are older. A page
/// that does not come newest first shows nothing: a vendor that does not sort as it was asked to costs time, but no records.
#[must_use]
pub fn past(incremental: Option<&Incremental>, span: &Span, marks: &[Option<Mark>]) -> bool {
    let (Some(incremental), Some(since)) = (incremental, &span.since) else { return false };
    let older = |mark: &Option<Mark>| mark.as_ref().is_some_and(|mark| mark < since);
    let newest_first = || marks.windows(2).all(|pair| pair[0] >= pair[1]);
    order(incremental) == Order::Descending && !marks.is_empty() && marks.iter().all(older) && newest_first()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::read::{Read, Reading};
    use salesdash_value::json;

    fn incremental(text: &str) -> Incremental {
        let value = json::parse(text.as_bytes(), json::Limits::DEFAULT).expect("JSON");
        Incremental::read(&mut Reading::default(), &value, "").expect("incremental")
    }

    fn at(text: &str) -> Instant {
        format!("2026-03-01T{text}Z").parse().expect("an instant")
    }

    fn time(text: &str) -> Mark {
        Mark::Time(at(text))
    }

    fn begin(progress: &mut Progress, rules: &Incremental, now: Instant) -> Span {
        let span = progress.span(Some(rules), "", None, now);
        progress.going = Some(Going { span: span.clone(), ..Going::default() });
        span
    }

    #[test]
    fn how_far_it_is_after_it_was_set_back() {
        let mut progress = Progress::from(at("09:00:00"));
        assert_eq!(progress.least(), Some(&time("09:00:00")));
        progress.reach("", time("10:00:00"));
        assert_eq!(progress.least(), Some(&time("10:00:00")));
        progress.reach("board 2", time("09:00:00"));
        assert_eq!(progress.least(), Some(&time("09:00:00")));
    }

    #[test]
    fn the_bound_moves_only_past_what_was_stored() {
        let rules = incremental(r#"{"type":"server","field":"at","overlap_seconds":60}"#);
        let mut progress = Progress::default();
        let now = at("12:00:00");
        assert_eq!(begin(&mut progress, &rules, now), Span::default());
        progress.stored(Some(&rules), [time("11:00:00"), time("10:00:00")], now);
        // Not before the end: an earlier record can stand on a later page.
        assert_eq!(progress.reached(""), None);
        assert!(!progress.finished(Some(&rules), now));
        assert_eq!(progress.reached(""), Some(&time("11:00:00")));
        assert_eq!(begin(&mut progress, &rules, now).since, Some(time("10:59:00")));
        // A run that finds nothing leaves it where it is, and so does one that only finds what the overlap reaches back over.
        progress.stored(Some(&rules), [time("10:59:30")], now);
        progress.finished(Some(&rules), now);
        assert_eq!(progress.reached(""), Some(&time("11:00:00")));
    }

    #[test]
    fn oldest_first_it_moves_after_each_page() {
        let rules = incremental(r#"{"type":"server","field":"at","order":"ascending"}"#);
        let mut progress = Progress::default();
        begin(&mut progress, &rules, at("12:00:00"));
        progress.stored(Some(&rules), [time("09:00:00"), time("10:00:00")], at("12:00:00"));
        assert_eq!(progress.reached(""), Some(&time("10:00:00")));
    }

    #[test]
    fn a_record_from_the_future_does_not_pull_it_along() {
        let rules = incremental(r#"{"type":"server","field":"at","order":"ascending"}"#);
        let mut progress = Progress::default();
        begin(&mut progress, &rules, at("12:00:00"));
        progress.stored(Some(&rules), [time("23:00:00")], at("12:00:00"));
        assert_eq!(progress.reached(""), Some(&time("12:00:00")));
    }

    #[test]
    fn windows_follow_each_other_up_to_now() {
        let rules = incremental(r#"{"type":"server","field":"at","overlap_seconds":0,"window_seconds":3600}"#);
        let mut progress = Progress::from(at("09:30:00"));
        let now = at("12:00:00");
        let mut spans = Vec::new();
        loop {
            let span = begin(&mut progress, &rules, now);
            spans.push((span.since.clone(), span.until.clone()));
            if !progress.finished(Some(&rules), now) {
                break;
            }
        }
        let expected = [("09:30:00", "10:30:00"), ("10:30:00", "11:30:00"), ("11:30:00", "12:00:00")];
        assert_eq!(spans, expected.map(|(since, until)| (Some(time(since)), Some(time(until)))));
        // The last window was open at its end: what is written there later is still asked for.
        assert_eq!(progress.reached(""), Some(&time("11:30:00")));
    }

    #[test]
    fn where_the_vendor_does_not_filter_the_engine_does() {
        let rules = incremental(r#"{"type":"engine","field":"at","order":"descending"}"#);
        let span = Span { since: Some(time("10:00:00")), until: None };
        assert!(takes(Some(&rules), &span, Some(&time("10:00:00"))));
        assert!(!takes(Some(&rules), &span, Some(&time("09:59:59"))));
        assert!(takes(Some(&rules), &span, None));
        assert!(past(Some(&rules), &span, &[Some(time("09:00:00"))]));
        assert!(!past(Some(&rules), &span, &[Some(time("09:00:00")), Some(time("11:00:00"))]));
        assert!(!past(Some(&rules), &span, &[]));
        assert!(past(Some(&rules), &span, &[Some(time("09:00:00")), Some(time("09:00:00")), Some(time("08:00:00"))]));
        // Not sorted, whatever was asked for: newer ones can still come.
        assert!(!past(Some(&rules), &span, &[Some(time("08:00:00")), Some(time("09:00:00"))]));
    }

    #[test]
    fn progress_reads_back() {
        for (rules, mark) in [
            (r#"{"type":"server","field":"at"}"#, time("10:00:00.123456")),
            (r#"{"type":"server","field":"id","measure":"number"}"#, Mark::Number(42.into())),
            (r#"{"type":"token","token":"next"}"#, Mark::Text(Text::new_static("abc"))),
        ] {
            let rules = incremental(rules);
            let mut progress = Progress { end: Some(at("11:00:00")), ..Progress::default() };
            progress.reach("p1", mark.clone());
            progress.going = Some(Going {
                partition: Text::new_static("p1"),
                span: Span { since: Some(mark.clone()), until: None },
                seen: Some(mark),
                ..Going::default()
            });
            assert_eq!(Progress::from_value(&progress.to_value(), Some(&rules)), progress);
        }
    }
}
