//! The two external systems of the sample tenant, simulated: a CRM that tells of every change of an opportunity, and a telephone
//! system that tells of every call. Deterministic from a seed.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use salesdash_value::{Instant, Value, datetime, json};

use super::people::{CITIES, FIRST, LAST, PRODUCTS, SELLERS, Seller};
use crate::random::Random;

/// Which of the simulated systems sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum System {
    /// The CRM with the opportunity pipeline.
    Crm,
    /// The telephone system.
    Telephony,
}

/// What is wrong with a delivery, where something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It is signed with a secret that has been replaced.
    WrongSignature,
    /// Its body was cut off on the way.
    CutOff,
}

/// One delivery of a simulated system.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// When.
    pub at: Instant,
    /// By which system.
    pub system: System,
    /// The body.
    pub body: String,
    /// What is wrong with it as a delivery. What is wrong with the data is in the body.
    pub flaw: Option<Flaw>,
}

const STAGES: [&str; 5] = ["new", "contacted", "visit", "offer", "closed"];
const SECONDS_PER_DAY: i64 = 86_400;

/// What happens next in the simulated world.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    /// A lead comes in.
    Lead,
    /// An opportunity moves on.
    Step(u32),
    /// A call ends.
    Call,
    /// A delivery that was held up, or is repeated, arrives.
    Resend(bool, String),
}

struct Opportunity {
    number: u32,
    id: String,
    seller: &'static Seller,
    stage: usize,
    status: &'static str,
    first: &'static str,
    last: &'static str,
    phone: u64,
    city: &'static str,
    pipeline: &'static str,
    test: bool,
    products: Vec<(usize, u64)>,
    created_at: Instant,
}

/// The simulated world: an iterator of deliveries in the order of time, without end.
pub struct Simulation {
    random: Random,
    agenda: BinaryHeap<Reverse<(Instant, u64, Happening)>>,
    /// Breaks ties on the agenda, so that the order is always the same.
    planned: u64,
    open: std::collections::HashMap<u32, Opportunity>,
    opportunities: u32,
    calls: u32,
    events: u32,
    /// Whether things happen at any hour, for a demonstration at any hour.
    live: bool,
}

impl Simulation {
    /// A world that begins at `start`. Where `live` is false, most happens in working hours; where it is true, something happens
    /// every few seconds.
    #[must_use]
    pub fn new(seed: u64, start: Instant, live: bool) -> Self {
        let mut simulation = Self {
            random: Random::new(seed),
            agenda: BinaryHeap::new(),
            planned: 0,
            open: std::collections::HashMap::new(),
            opportunities: if live { 500_000 } else { 0 },
            calls: if live { 5_000_000 } else { 0 },
            events: if live { 50_000_000 } else { 0 },
            live,
        };
        simulation.plan(start, Happening::Lead);
        simulation.plan(start, Happening::Call);
        simulation
    }

    fn plan(&mut self, at: Instant, happening: Happening) {
        let at = if self.live { at } else { working_hour(at) };
        self.planned += 1;
        self.agenda.push(Reverse((at, self.planned, happening)));
    }

    /// A moment some seconds later: live, a sixtieth of that.
    fn later(&mut self, at: Instant, least: u64, most: u64) -> Instant {
        let seconds = least + self.random.below(most - least);
        let wait = if self.live { Duration::from_millis(seconds * 1000 / 60) } else { Duration::from_secs(seconds) };
        at.checked_add(wait).unwrap_or(at)
    }

    fn lead(&mut self, at: Instant) -> Sent {
        self.opportunities += 1;
        let number = self.opportunities;
        let random = &mut self.random;
        let count = 1 + random.below(3) as usize;
        let first_product = random.below(PRODUCTS.len() as u64) as usize;
        let products = (0..count)
            .map(|offset| {
                let product = (first_product + offset * 2) % PRODUCTS.len();
                let (_, _, low, high) = PRODUCTS[product];
                (product, low * 100 + random.below((high - low) * 100))
            })
            .collect();
        let opportunity = Opportunity {
            number,
            id: format!("opp_{}{number:05}", random.identifier(8)),
            seller: random.pick(&SELLERS),
            stage: 0,
            status: "open",
            first: random.pick::<&str>(&FIRST),
            last: random.pick::<&str>(&LAST),
            phone: random.below(10_000_000),
            city: random.pick::<&str>(&CITIES),
            pipeline: if random.chance(1, 4) { "Business" } else { "Residential" },
            test: random.chance(1, 60),
            products,
            created_at: at,
        };
        let sent = self.tell(&opportunity, at);
        self.open.insert(number, opportunity);
        let next = self.later(at, 2 * 3600, 2 * SECONDS_PER_DAY as u64);
        self.plan(next, Happening::Step(number));
        let next = self.later(at, 300, 5400);
        self.plan(next, Happening::Lead);
        sent
    }

    fn step(&mut self, number: u32, at: Instant) -> Option<Sent> {
        let mut opportunity = self.open.remove(&number)?;
        let goes_on = self.random.chance(opportunity.seller.skill, 100);
        if !goes_on {
            opportunity.status = "lost";
        } else {
            opportunity.stage += 1;
            if opportunity.stage + 1 == STAGES.len() {
                opportunity.status = "won";
            }
        }
        let sent = self.tell(&opportunity, at);
        if opportunity.status == "open" {
            let next = self.later(at, 6 * 3600, 12 * SECONDS_PER_DAY as u64);
            self.plan(next, Happening::Step(number));
            self.open.insert(number, opportunity);
        }
        // Networks being what they are, some deliveries come twice.
        if self.random.chance(1, 50) {
            let again = self.later(at, 30, 300);
            self.plan(again, Happening::Resend(true, sent.body.clone()));
        }
        // And some are held up until a later one has overtaken them.
        if sent.flaw.is_none() && self.random.chance(1, 80) {
            let late = self.later(at, 14 * SECONDS_PER_DAY as u64, 20 * SECONDS_PER_DAY as u64);
            self.plan(late, Happening::Resend(true, sent.body));
            return None;
        }
        Some(sent)
    }

    fn tell(&mut self, opportunity: &Opportunity, at: Instant) -> Sent {
        self.events += 1;
        let won = opportunity.status == "won";
        let random = &mut self.random;
        let products = opportunity.products.iter().map(|(product, cents)| {
            let (sku, name, ..) = PRODUCTS[*product];
            let amount = match (won && random.chance(1, 40), random.chance(1, 2)) {
                // Typed by hand, as people do.
                (true, true) => "on request".to_owned(),
                (true, false) => format!("{},-", cents / 100),
                (false, _) => format!("{}.{:02}", cents / 100, cents % 100),
            };
            Value::object([("sku", Value::from(sku)), ("name", name.into()), ("amount", amount.as_str().into())])
        });
        let products = Value::list(products.collect::<Vec<_>>());
        let seller = opportunity.seller;
        // Now and then somebody empties the owner of an opportunity.
        let owner = if random.chance(1, 120) {
            Value::Null
        } else {
            Value::object([
                ("id", Value::from(seller.crm_id)),
                ("name", seller.name.into()),
                ("email", format!("{}@sunnyside.example", seller.mailbox).as_str().into()),
                ("team", seller.team.into()),
            ])
        };
        let (first, last) = (opportunity.first, opportunity.last);
        let mailbox = format!("{}.{}{}@mail.example", first.to_lowercase(), last.to_lowercase(), opportunity.number);
        let contact = Value::object([
            ("id", Value::from(format!("con_{:06}", opportunity.number).as_str())),
            ("name", format!("{first} {last}").as_str().into()),
            ("email", mailbox.as_str().into()),
            ("phone", phone(opportunity.phone).as_str().into()),
            ("city", opportunity.city.into()),
        ]);
        let name = if opportunity.test {
            format!("TEST {}", seller.mailbox)
        } else {
            format!("{} – {last}, {}", PRODUCTS[opportunity.products[0].0].1, opportunity.city)
        };
        let lost_reason = match opportunity.status {
            "lost" => Value::from(*random.pick(&["Price", "Chose a competitor", "No answer", "Roof not suitable"])),
            _ => Value::Null,
        };
        let body = Value::object([
            ("event_id", Value::from(format!("evt_{:08}", self.events).as_str())),
            ("event", if at == opportunity.created_at { "opportunity.created" } else { "opportunity.updated" }.into()),
            (
                "opportunity",
                Value::object([
                    ("id", Value::from(opportunity.id.as_str())),
                    ("name", name.as_str().into()),
                    ("pipeline", opportunity.pipeline.into()),
                    ("stage", STAGES[opportunity.stage].into()),
                    ("status", opportunity.status.into()),
                    ("created_at", Value::Text(datetime::rfc3339(opportunity.created_at))),
                    ("updated_at", Value::Text(datetime::rfc3339(at))),
                    ("lost_reason", lost_reason),
                    ("owner", owner),
                    ("contact", contact),
                    ("products", products),
                ]),
            ),
        ]);
        let flaw = random.chance(1, 400).then_some(Flaw::WrongSignature);
        Sent { at, system: System::Crm, body: json::to_string(&body), flaw }
    }

    fn call(&mut self, at: Instant) -> Sent {
        self.calls += 1;
        self.events += 1;
        let next = self.later(at, 20, 1400);
        self.plan(next, Happening::Call);
        let number = self.calls;
        let random = &mut self.random;
        let seller = random.pick(&SELLERS);
        let status = *random.pick(&["answered", "answered", "answered", "missed", "voicemail"]);
        let seconds = 15 + random.below(30) * random.below(40);
        let duration = match status {
            // A firmware of one of the handsets writes durations its own way.
            "answered" if random.chance(1, 150) => Value::from(format!("{}m{:02}s", seconds / 60, seconds % 60).as_str()),
            "answered" => Value::from(seconds as i64),
            _ => Value::Null,
        };
        let contact = if random.chance(3, 5) {
            let (first, last): (&str, &str) = (*random.pick(&FIRST), *random.pick(&LAST));
            let number = random.below(u64::from(self.opportunities % 500_000) + 1);
            Value::from(format!("{}.{}{number}@mail.example", first.to_lowercase(), last.to_lowercase()).as_str())
        } else {
            Value::Null
        };
        let started = at.as_second() - seconds as i64;
        let body = Value::object([
            ("event_id", Value::from(format!("tel_{:08}", self.events).as_str())),
            (
                "call",
                Value::object([
                    ("id", Value::from(format!("call_{number:07}").as_str())),
                    ("direction", (*random.pick(&["inbound", "outbound", "outbound"])).into()),
                    ("status", status.into()),
                    ("started_at", started.into()),
                    ("duration", duration),
                    ("number", phone(random.below(10_000_000)).as_str().into()),
                    ("contact", contact),
                    (
                        "user",
                        Value::object([
                            ("id", Value::from(seller.phone_id)),
                            ("name", seller.name.split(' ').next().unwrap_or_default().into()),
                            ("email", format!("{}@sunnyside.example", seller.mailbox).as_str().into()),
                        ]),
                    ),
                ]),
            ),
        ]);
        let mut body = json::to_string(&body);
        let flaw = random.chance(1, 900).then_some(Flaw::CutOff);
        if flaw.is_some() {
            body.truncate(body.len() * 2 / 3);
        }
        Sent { at, system: System::Telephony, body, flaw }
    }
}

impl Iterator for Simulation {
    type Item = Sent;

    fn next(&mut self) -> Option<Sent> {
        loop {
            let Reverse((at, _, happening)) = self.agenda.pop()?;
            let sent = match happening {
                Happening::Lead => Some(self.lead(at)),
                Happening::Step(number) => self.step(number, at),
                Happening::Call => Some(self.call(at)),
                Happening::Resend(crm, body) => {
                    let system = if crm { System::Crm } else { System::Telephony };
                    Some(Sent { at, system, body, flaw: None })
                }
            };
            if sent.is_some() {
                return sent;
            }
        }
    }
}

/// A number of the range that is set aside for fiction and examples.
fn phone(number: u64) -> String {
    format!("+3197{number:07}00")
}

/// The moment itself, or the next one on a weekday from 7:00 to 17:00 UTC.
fn working_hour(at: Instant) -> Instant {
    let seconds = at.as_second();
    let day = seconds.div_euclid(SECONDS_PER_DAY);
    let second = seconds.rem_euclid(SECONDS_PER_DAY);
    let weekday = (day + 3).rem_euclid(7);
    let (day, second) = if weekday >= 5 {
        (day + 7 - weekday, 7 * 3600 + second / 8)
    } else if second < 7 * 3600 {
        (day, 7 * 3600 + second / 4)
    } else if second >= 17 * 3600 {
        (if weekday == 4 { day + 3 } else { day + 1 }, 7 * 3600 + (second - 17 * 3600) / 4)
    } else {
        (day, second)
    };
    Instant::from_second(day * SECONDS_PER_DAY + second).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn history() -> Vec<Sent> {
        let start: Instant = "2026-01-05T00:00:00Z".parse().unwrap();
        let end: Instant = "2026-04-06T00:00:00Z".parse().unwrap();
        Simulation::new(1, start, false).take_while(|sent| sent.at < end).collect()
    }

    #[test]
    fn a_seed_makes_one_world() {
        assert_eq!(history(), history());
        let other = Simulation::new(2, "2026-01-05T00:00:00Z".parse().unwrap(), false).take(50);
        assert_ne!(other.collect::<Vec<_>>(), history()[..50]);
    }

    #[test]
    fn three_months_hold_everything_worth_seeing() {
        let history = history();
        assert!((3_000..12_000).contains(&history.len()), "{} deliveries", history.len());
        assert!(history.is_sorted_by_key(|sent| sent.at));
        let mut found: HashMap<String, usize> = HashMap::new();
        let mut note = |what: String| *found.entry(what).or_default() += 1;
        let mut bodies: HashMap<&str, usize> = HashMap::new();
        for sent in &history {
            note(format!("{:?} {:?}", sent.system, sent.flaw));
            *bodies.entry(&sent.body).or_default() += 1;
            let Ok(body) = json::parse(sent.body.as_bytes(), json::Limits::DEFAULT) else {
                assert_eq!(sent.flaw, Some(Flaw::CutOff));
                continue;
            };
            if let Some(opportunity) = body.get("opportunity") {
                note(opportunity.get("status").and_then(Value::as_text).unwrap().to_owned());
                if opportunity.get("owner") == Some(&Value::Null) {
                    note("no owner".to_owned());
                }
                if opportunity.get("name").and_then(Value::as_text).unwrap().starts_with("TEST") {
                    note("test".to_owned());
                }
                let products = opportunity.get("products").and_then(Value::as_list).unwrap();
                if products.iter().any(|product| product.get("amount").and_then(Value::as_text).unwrap().ends_with(['-', 't'])) {
                    note("amount".to_owned());
                }
            } else if let Some(Value::Text(_)) = body.at(&["call", "duration"]) {
                note("duration".to_owned());
            }
        }
        let repeated = bodies.values().filter(|count| **count > 1).count();
        assert!(repeated > 5, "{repeated} repeated");
        for what in ["won", "lost", "open", "no owner", "test", "amount", "duration", "Crm Some(WrongSignature)", "Telephony Some(CutOff)"]
        {
            assert!(found.get(what).copied().unwrap_or_default() >= 2, "{what}: {found:?}");
        }
    }

    #[test]
    fn live_something_happens_every_few_seconds() {
        let start: Instant = "2026-04-04T03:00:00Z".parse().unwrap();
        let sent: Vec<_> = Simulation::new(1, start, true).take(200).collect();
        let seconds = sent.last().unwrap().at.duration_since(start).as_secs();
        assert!((300..3000).contains(&seconds), "200 deliveries in {seconds} s");
    }
}
