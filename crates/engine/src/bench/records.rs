//! The records of the reference mapping: opportunities of about 1.5 KB as a CRM sends them, from a fixed seed, one in three won.

use std::fmt::Write;

use salesdash_value::{Instant, datetime};

use crate::random::Random;

/// The seed of the published figures.
pub const SEED: u64 = 20_260_301;
/// How many records the published figures are taken over.
pub const COUNT: usize = 10_000;
/// The reference mapping.
pub const SPEC: &str = include_str!("reference.json");
/// The declaration of its source model.
pub const MODELS: &str = include_str!("models.json");

const FIELDS: [&str; 24] = [
    "cf_demo_given",
    "cf_visit_planned",
    "cf_offer_sent",
    "cf_contract_signed",
    "cf_referral",
    "cf_survey_done",
    "cf_budget",
    "cf_decision_maker",
    "cf_employees",
    "cf_branch",
    "cf_current_supplier",
    "cf_contract_end",
    "cf_roof_type",
    "cf_annual_usage",
    "cf_meter_type",
    "cf_language",
    "cf_preferred_time",
    "cf_campaign",
    "cf_landing_page",
    "cf_score",
    "cf_reason_lost",
    "cf_competitor",
    "cf_payment_term",
    "cf_notes",
];
const WORDS: [&str; 24] = [
    "yes",
    "no",
    "north",
    "south",
    "sent by mail",
    "call back in spring",
    "panel",
    "flat roof",
    "monthly",
    "yearly",
    "two visits",
    "waiting for partner",
    "owner",
    "tenant",
    "2500 kWh",
    "4100 kWh",
    "heat pump",
    "webinar",
    "fair",
    "newsletter",
    "premium",
    "basic",
    "discussed",
    "signed on paper",
];
const FIRST: [&str; 16] =
    ["Alba", "Bram", "Cato", "Daan", "Elin", "Faas", "Gijs", "Hana", "Ivo", "Jade", "Kees", "Lara", "Mila", "Noor", "Otis", "Puck"];
const LAST: [&str; 16] = [
    "Appelboom",
    "Bloemhof",
    "Citroen",
    "Dennenburg",
    "Eikelaar",
    "Fijnhout",
    "Grasveld",
    "Heuvelrug",
    "IJsvogel",
    "Jachthoorn",
    "Kersentuin",
    "Lindelaan",
    "Molenwiek",
    "Notenhof",
    "Olmenbos",
    "Perenhout",
];

/// The JSON text of record number `index`: the same for the same number, always.
#[must_use]
pub fn record(index: usize) -> String {
    let mut random = Random::new(SEED ^ (index as u64).wrapping_mul(0x2545_f491_4f6c_dd1d));
    let random = &mut random;
    let id = random.identifier(20);
    let first = random.pick(&FIRST);
    let last = random.pick(&LAST);
    let contact = random.identifier(20);
    let created = 1_735_689_600 + random.below(300 * 86_400) as i64;
    let changed = created + random.below(60 * 86_400) as i64;
    let moment = |seconds: i64, millis: u64| {
        let instant = Instant::from_second(seconds).and_then(|instant| instant.checked_add(std::time::Duration::from_millis(millis)));
        datetime::rfc3339(instant.unwrap_or_default())
    };
    let status = match random.below(3) {
        0 => "won",
        1 => "open",
        _ => *random.pick(&["open", "lost", "abandoned"]),
    };
    let mut out = String::with_capacity(1700);
    let _ = write!(
        out,
        r#"{{"id":"{id}","name":"{first} {last} - {} {}","monetaryValue":"{}.{:02}","pipelineId":"pipeline_{}","pipelineStageId":"stage_{}","assignedTo":"user_{:03}","status":"{status}","source":"{}","createdAt":"{}","updatedAt":"{}","lastStatusChangeAt":"{}","lastStageChangeAt":"{}","locationId":"loc_qMfH3kVt8sYw2Zr9","followers":["user_{:03}"],"lostReasonId":null,"indexVersion":"{}","contactId":"{contact}","contact":{{"id":"{contact}","name":"{first} {last}","companyName":"{last} & Co","email":"{}.{}{}@example.com","phone":"+316{:08}","tags":["{}","{}"]}},"customFields":["#,
        random.pick(&WORDS),
        random.below(100),
        random.below(20_000),
        random.below(100),
        random.below(12),
        random.below(60),
        random.below(120),
        random.pick(&["web form", "phone", "referral", "fair", "advert"]),
        moment(created, random.below(1000)),
        moment(changed, random.below(1000)),
        moment(changed - random.below(3600) as i64, random.below(1000)),
        moment(changed - random.below(3600) as i64, random.below(1000)),
        random.below(120),
        random.below(20),
        first.to_lowercase(),
        last.to_lowercase(),
        random.below(1000),
        random.below(100_000_000),
        random.pick(&WORDS),
        random.pick(&WORDS),
    );
    let start = random.below(FIELDS.len() as u64) as usize;
    // Steps of 5 through 24 fields: ten different ones, wherever they begin.
    for number in 0..10 {
        let comma = if number > 0 { "," } else { "" };
        let field = FIELDS[(start + number * 5) % FIELDS.len()];
        let _ = write!(
            out,
            r#"{comma}{{"id":"{field}","type":"string","fieldValue":"{}, {} {}"}}"#,
            random.pick(&WORDS),
            random.pick(&WORDS),
            random.below(1000)
        );
    }
    out.push_str("]}");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use salesdash_value::json;

    #[test]
    fn they_are_what_they_are_said_to_be() {
        let records: Vec<_> = (0..1000).map(record).collect();
        let bytes: usize = records.iter().map(String::len).sum();
        assert!((1400..1600).contains(&(bytes / records.len())), "{} bytes", bytes / records.len());
        let parsed: Vec<_> = records.iter().map(|text| json::parse(text.as_bytes(), json::Limits::DEFAULT).unwrap()).collect();
        let won = parsed.iter().filter(|record| record.get("status").and_then(|status| status.as_text()) == Some("won")).count();
        assert!((300..366).contains(&won), "{won} of 1000 are won");
        for record in &parsed {
            let fields = record.get("customFields").and_then(|fields| fields.as_list()).unwrap();
            let mut ids: Vec<_> = fields.iter().filter_map(|field| field.get("id")?.as_text()).collect();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), 10);
        }
        assert_eq!(records[7], record(7));
    }
}
