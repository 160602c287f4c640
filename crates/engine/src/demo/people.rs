//! The made-up people, teams and products of the sample tenant. Nobody of this name is meant.

/// Someone who sells in the sample tenant.
#[derive(Clone, Copy, Debug)]
pub struct Seller {
    /// The name.
    pub name: &'static str,
    /// The part of the e-mail address before `@sunnyside.example`.
    pub mailbox: &'static str,
    /// The team.
    pub team: &'static str,
    /// The id in the CRM.
    pub crm_id: &'static str,
    /// The id in the telephone system.
    pub phone_id: &'static str,
    /// How many of a hundred opportunities that are still open after a stage go on.
    pub skill: u64,
}

const fn seller(
    name: &'static str,
    mailbox: &'static str,
    team: &'static str,
    crm_id: &'static str,
    phone_id: &'static str,
    skill: u64,
) -> Seller {
    Seller { name, mailbox, team, crm_id, phone_id, skill }
}

/// The sellers.
pub const SELLERS: [Seller; 12] = [
    seller("Alba Waterhoen", "alba", "North", "usr_k3f9a2", "ext-201", 84),
    seller("Bram Zilverspar", "bram", "North", "usr_p8d1c7", "ext-202", 78),
    seller("Cato Regenboog", "cato", "North", "usr_z5h2m0", "ext-203", 71),
    seller("Daan Kwikstaart", "daan", "North", "usr_q7w4e1", "ext-204", 66),
    seller("Elin Maanzaad", "elin", "South", "usr_t2y6u8", "ext-205", 88),
    seller("Faas Windveer", "faas", "South", "usr_i9o3p5", "ext-206", 74),
    seller("Gijs Duindoorn", "gijs", "South", "usr_a1s7d4", "ext-207", 69),
    seller("Hana Klaproos", "hana", "South", "usr_f6g8h2", "ext-208", 80),
    seller("Ivo Bosuil", "ivo", "Business", "usr_j4k0l9", "ext-209", 77),
    seller("Jade Zeewier", "jade", "Business", "usr_x3c5v7", "ext-210", 82),
    seller("Kees Morgenster", "kees", "Business", "usr_b2n6m1", "ext-211", 63),
    seller("Lara Sneeuwuil", "lara", "Business", "usr_r8t4y3", "ext-212", 75),
];

/// What is sold: article number, name, lowest and highest price in whole euros.
pub const PRODUCTS: [(&str, &str, u64, u64); 6] = [
    ("SOLAR-10", "Solar roof, 10 panels", 5_200, 6_800),
    ("SOLAR-16", "Solar roof, 16 panels", 7_900, 9_900),
    ("BATTERY-10", "Home battery, 10 kWh", 5_900, 7_400),
    ("HEATPUMP", "Heat pump", 9_800, 14_500),
    ("CHARGER", "Charging point", 1_150, 1_750),
    ("SERVICE", "Service contract, five years", 480, 720),
];

/// Made-up first names of contacts.
pub const FIRST: [&str; 20] = [
    "Mila", "Noor", "Otis", "Puck", "Quin", "Roos", "Sem", "Tess", "Uma", "Vince", "Wies", "Xander", "Yara", "Zeno", "Abel", "Bente",
    "Casper", "Doris", "Eef", "Fenna",
];
/// Made-up last names of contacts.
pub const LAST: [&str; 20] = [
    "Appelboom",
    "Bloemhof",
    "Citroenvlinder",
    "Dennenburg",
    "Eikelaar",
    "Fijnhout",
    "Grasveld",
    "Heuvelrug",
    "Jachthoorn",
    "Kersentuin",
    "Lindelaan",
    "Molenwiek",
    "Notenhof",
    "Olmenbos",
    "Perenhout",
    "Roggeveld",
    "Sterrenwacht",
    "Tulpenveld",
    "Vuursteen",
    "Wilgenroos",
];
/// Places that do not exist.
pub const CITIES: [&str; 8] =
    ["Zonnedijk", "Meerlandum", "Oosterveste", "Kalmthoven", "Duinrode", "Wolkendam", "Bergweide", "Lichtenhaven"];
