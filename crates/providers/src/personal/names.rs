//! What the names of fields say, in the languages that people name fields in.

use std::collections::HashMap;
use std::sync::OnceLock;

use salesdash_language::types::Personal;

/// Words of field names, run together and without accents, that say what the field holds. A name says it where it ends in one.
const TERMS: &[(Personal, &str)] = &[
    (
        Personal::EMAIL,
        "email emails emailaddress emailaddresses mail mailaddress emailadres mailadres emailadresse mailadresse courriel adressemail \
         adresseemail correo correoelectronico eposta epost indirizzoemail",
    ),
    (
        Personal::PHONE,
        "phone phones phonenumber phonenumbers phoneno phonenr telephone telephonenumber tel telnr telno telefoon telefoonnummer telefoonnr \
         telefon telefonnummer telefonnr telefono numerodetelephone numerotelephone mobile mobilephone mobilenumber mobiel mobielnummer \
         mobieltelefoonnummer mobil mobilnummer mobiltelefon handy handynummer gsm gsmnummer cell cellphone cellnumber fax faxnumber faxnummer \
         whatsapp whatsappnumber msisdn callerid callernumber calleenumber rawdigits fromnumber tonumber movil numeromovil",
    ),
    (
        Personal::NAME,
        "firstname lastname fullname givenname familyname surname middlename maidenname nickname fname lname realname preferredname initials \
         voornaam voornamen achternaam tussenvoegsel roepnaam volledigenaam voorletters vorname nachname familienname prenom nomdefamille \
         nomcomplet nombrecompleto primernombre apellido apellidos cognome nomecompleto contactperson contactpersoon ansprechpartner \
         ansprechperson",
    ),
    (
        Personal::ADDRESS,
        "address addresses addressline fulladdress adres adressen woonadres adresregel adresse adressen anschrift direccion indirizzo street \
         streetname streetaddress straat straatnaam strasse rue calle housenumber houseno huisnummer huisnr hausnummer postalcode postcode zip \
         zipcode plz codepostal codigopostal woonplaats wohnort domicile",
    ),
    (
        Personal::BIRTH_DATE,
        "dob birthdate birthday dateofbirth yearofbirth birthyear bday geboortedatum geboortedag geboortejaar verjaardag geburtsdatum geburtstag \
         datedenaissance datenaissance anneedenaissance fechadenacimiento fechanacimiento datadinascita",
    ),
    (
        Personal::IDENTIFIER,
        "bsn burgerservicenummer ssn socialsecuritynumber passport passportnumber passportno paspoort paspoortnummer nationalid \
         nationalidnumber identitynumber iban bankaccount bankaccountnumber rekeningnummer creditcard creditcardnumber cardnumber \
         driverslicense driverlicense rijbewijs licenseplate licenceplate kenteken kennzeichen ipaddress ipadres ipadresse ip clientip \
         remoteip username gebruikersnaam benutzername steuerid rijksregisternummer",
    ),
    (
        Personal::FREE_TEXT,
        "note notes notitie notities notiz notizen comment comments opmerking opmerkingen remark remarks bemerkung bemerkungen kommentar \
         kommentare commentaire commentaires comentario comentarios toelichting feedback transcript transcription message messagebody messagetext \
         bericht nachricht mensaje body bodytext bodyhtml",
    ),
    // What ends like a term and is none.
    (Personal::NONE, "macaddress webaddress siteaddress walletaddress serveraddress urladdress"),
];

/// Words at the end that say which of several, or in what form, and not what.
const QUALIFIERS: &[&str] = &[
    "home",
    "work",
    "private",
    "prive",
    "privat",
    "zakelijk",
    "primary",
    "secondary",
    "main",
    "alt",
    "alternative",
    "other",
    "original",
    "new",
    "old",
    "line",
    "raw",
    "formatted",
    "normalized",
    "e164",
    "international",
    "value",
    "text",
    "plain",
];

/// Words for somebody.
const PEOPLE: &[&str] = &[
    "contact",
    "person",
    "people",
    "user",
    "owner",
    "customer",
    "client",
    "lead",
    "agent",
    "employee",
    "member",
    "assignee",
    "author",
    "sender",
    "recipient",
    "attendee",
    "participant",
    "invitee",
    "invite",
    "creator",
    "caller",
    "callee",
    "patient",
    "student",
    "host",
    "guest",
    "organizer",
    "organiser",
    "manager",
    "rep",
    "salesrep",
    "representative",
    "advisor",
    "consultant",
    "subscriber",
    "respondent",
    "candidate",
    "applicant",
    "buyer",
    "seller",
    "by",
    "klant",
    "gebruiker",
    "medewerker",
    "eigenaar",
    "deelnemer",
    "verkoper",
    "adviseur",
    "afspraakmaker",
    "kunde",
    "benutzer",
    "mitarbeiter",
    "teilnehmer",
    "verkaufer",
    "kontakt",
    "personne",
    "utilisateur",
    "vendeur",
    "cliente",
    "persona",
    "usuario",
    "vendedor",
    "contacto",
    "profile",
];

/// Words for something that has a name and is nobody.
const THINGS: &[&str] = &[
    "company",
    "organization",
    "organisation",
    "org",
    "account",
    "business",
    "employer",
    "bedrijf",
    "bedrijfsnaam",
    "firma",
    "unternehmen",
    "entreprise",
    "societe",
    "empresa",
    "azienda",
    "brand",
    "store",
    "shop",
    "location",
    "office",
    "branch",
    "team",
    "group",
    "department",
    "pipeline",
    "stage",
    "status",
    "product",
    "item",
    "article",
    "sku",
    "plan",
    "service",
    "package",
    "calendar",
    "workflow",
    "automation",
    "campaign",
    "source",
    "medium",
    "board",
    "list",
    "column",
    "project",
    "segment",
    "category",
    "type",
    "tag",
    "label",
    "event",
    "file",
    "folder",
    "channel",
    "page",
    "form",
    "app",
    "application",
    "integration",
    "city",
    "country",
    "state",
    "region",
    "province",
    "timezone",
    "currency",
    "language",
    "role",
    "domain",
    "host",
    "server",
    "repository",
    "repo",
    "branch",
    "browser",
    "device",
    "field",
    "property",
    "number",
    "line",
    "queue",
    "trigger",
    "pulse",
];

/// Names of fields that say nothing: what they hold is said by what they are in.
const EMPTY_WORDS: &[&str] =
    &["value", "values", "text", "raw", "content", "current", "previous", "old", "new", "versions", "data", "items", "answer"];

/// Words for the name of something or somebody.
const NAME_WORDS: &[&str] = &["name", "names", "naam", "namen", "nom", "nombre", "nome", "displayname"];

/// Words at the beginning that make a count or a yes-or-no of what follows.
const COUNTS: &[&str] = &["num", "count", "total", "has", "is", "aantal", "anzahl"];

/// Names of the place in an address, which are personal beside a street or a postal code only.
const TOWNS: &[&str] = &["city", "town", "plaats", "stad", "ort", "stadt", "ville", "ciudad", "citta", "place", "suburb", "district"];

/// A letter without its accent, for the letters of western European languages.
pub(crate) const fn plain(letter: char) -> char {
    match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'è' | 'é' | 'ê' | 'ë' | 'ę' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ł' => 'l',
        'ñ' | 'ń' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => 'o',
        'ś' | 'š' | 'ş' => 's',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        'ğ' => 'g',
        'ı' => 'i',
        other => other,
    }
}

/// The name of a field, taken apart into words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Words(Vec<String>);

impl Words {
    /// Takes apart `firstName`, `first_name`, `First name`, `IPAddress2`.
    pub(crate) fn of(name: &str) -> Self {
        #[derive(Clone, Copy, PartialEq)]
        enum Class {
            Upper,
            Lower,
            Digit,
            Other,
        }
        let class = |letter: char| match letter {
            _ if letter.is_numeric() => Class::Digit,
            _ if letter.is_uppercase() => Class::Upper,
            _ if letter.is_alphabetic() => Class::Lower,
            _ => Class::Other,
        };
        let letters: Vec<char> = name.chars().collect();
        let mut words: Vec<String> = Vec::new();
        let mut before = Class::Other;
        for (index, letter) in letters.iter().enumerate() {
            let now = class(*letter);
            let next_is_lower = letters.get(index + 1).is_some_and(|next| class(*next) == Class::Lower);
            let begins = match (before, now) {
                (_, Class::Other) => false,
                (Class::Other, _) | (Class::Lower, Class::Upper) => true,
                // `IPAddress`: the last capital belongs to the next word.
                (Class::Upper, Class::Upper) => next_is_lower,
                (Class::Digit, Class::Digit) | (Class::Lower | Class::Upper, Class::Lower) => false,
                (_, Class::Digit) | (Class::Digit, _) => true,
            };
            if begins {
                words.push(String::new());
            }
            if now != Class::Other
                && let Some(word) = words.last_mut()
            {
                // The sharp s has no plain letter of its own.
                match *letter {
                    'ß' => word.push_str("ss"),
                    letter => word.extend(letter.to_lowercase().map(plain)),
                }
            }
            before = now;
        }
        Self(words)
    }

    /// Whether the name says nothing, as `value` does.
    pub(crate) fn say_nothing(&self) -> bool {
        matches!(&self.0[..], []) || matches!(&self.0[..], [only] if EMPTY_WORDS.contains(&only.as_str()))
    }

    /// The category that the name says, whatever it stands in.
    pub(crate) fn category(&self) -> Option<Personal> {
        let mut words = &self.0[..];
        if self.count_something() {
            return None;
        }
        loop {
            if let Some(category) = term(words) {
                return Some(category).filter(|category| !category.is_none());
            }
            let (last, rest) = words.split_last()?;
            let number = last.bytes().all(|byte| byte.is_ascii_digit());
            if rest.is_empty() || !(number || QUALIFIERS.contains(&last.as_str()) || is_one_of(PEOPLE, last)) {
                return None;
            }
            words = rest;
        }
    }

    /// Where the name ends in a word for a name: the words before it, which say whose.
    pub(crate) fn whose_name(&self) -> Option<Self> {
        let (last, rest) = self.0.split_last()?;
        NAME_WORDS.contains(&last.as_str()).then(|| Self(rest.to_vec()))
    }

    /// The words run together.
    pub(crate) fn joined(&self) -> String {
        self.0.concat()
    }

    /// Whether there are no words.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the name is that of somebody.
    pub(crate) fn are_somebody(&self) -> bool {
        let is_id = |word: &String| matches!(word.as_str(), "id" | "ids");
        self.0.last().is_some_and(|last| is_one_of(PEOPLE, last)) && !self.count_something() && !self.0.iter().any(is_id)
    }

    fn count_something(&self) -> bool {
        self.0.len() > 1 && self.0.first().is_some_and(|first| COUNTS.contains(&first.as_str()))
    }

    /// Whether the name is one of a phone that can as well be that of a device.
    pub(crate) fn may_be_a_device(&self) -> bool {
        self.0.last().is_some_and(|last| matches!(last.as_str(), "mobile" | "mobil" | "cell" | "handy" | "mobiel"))
    }

    /// Whether the name is that of something that is nobody.
    pub(crate) fn are_something(&self) -> bool {
        self.0.iter().any(|word| is_one_of(THINGS, word)) && !self.are_somebody()
    }

    /// Whether the name is that of a town.
    pub(crate) fn are_a_town(&self) -> bool {
        self.0.last().is_some_and(|last| TOWNS.contains(&last.as_str()))
    }
}

/// Whether a word, or its singular, is in a list.
fn is_one_of(list: &[&str], word: &str) -> bool {
    list.contains(&word) || word.strip_suffix('s').is_some_and(|singular| list.contains(&singular))
}

/// The category of the longest term that the words end in.
fn term(words: &[String]) -> Option<Personal> {
    static TABLE: OnceLock<HashMap<&'static str, Personal>> = OnceLock::new();
    let table =
        TABLE.get_or_init(|| TERMS.iter().flat_map(|(category, terms)| terms.split_whitespace().map(|term| (term, *category))).collect());
    (0..words.len()).find_map(|start| table.get(words[start..].concat().as_str()).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(category: Option<&str>, names: &[&str]) {
        for name in names {
            let said = Words::of(name).category().map(|category| category.to_string());
            assert_eq!(said.as_deref(), category, "{name}: {:?}", Words::of(name));
        }
    }

    #[test]
    fn names_are_taken_apart() {
        let words = |name| Words::of(name).0.join(" ");
        assert_eq!(words("firstName"), "first name");
        assert_eq!(words("FIRST_NAME"), "first name");
        assert_eq!(words("IPAddress2"), "ip address 2");
        assert_eq!(words("Budget (EUR)"), "budget eur");
        assert_eq!(words("contactID"), "contact id");
        assert_eq!(words("Straße"), "strasse");
        assert_eq!(words("Prénom du client"), "prenom du client");
        assert_eq!(words("__"), "");
    }

    #[test]
    fn names_say_what_a_field_holds() {
        check(
            Some("email"),
            &[
                "email",
                "e-mail",
                "E-mailadres",
                "emailAddress",
                "contact_email",
                "cc_email",
                "email_2",
                "workEmail",
                "email_contact",
                "Your email",
            ],
        );
        check(
            Some("phone"),
            &["phone", "phoneNumber", "phone_number", "Telefoonnummer", "mobile", "phone2", "phone_work", "raw_digits", "telefon privat"],
        );
        check(
            Some("name"),
            &["first_name", "firstName", "firstname", "LAST NAME", "voornaam", "contactFirstName", "full_name", "Prénom", "Nachname"],
        );
        check(
            Some("address"),
            &["address", "address1", "address_line_1", "street", "Straße", "postalCode", "billing_street", "fullAddress", "huisnummer"],
        );
        check(Some("birth date"), &["dob", "dateOfBirth", "geboortedatum", "birth_date", "Geburtsdatum", "date de naissance"]);
        check(Some("identifier"), &["bsn", "ip_address", "clientIp", "IBAN", "userName", "username"]);
        check(Some("free text"), &["notes", "comment", "opmerkingen", "next_activity_note", "message"]);
        check(
            None,
            &[
                "id",
                "name",
                "email_status",
                "emailVerified",
                "email_messages_count",
                "phone_id",
                "notes_count",
                "num_notes",
                "is_email",
                "mac_address",
                "address_id",
                "city",
                "company_name",
                "pipeline",
                "stage",
                "mobile_app_version",
                "title",
                "last_outgoing_mail_time",
                "created_at",
                "ship",
                "description",
            ],
        );
    }

    #[test]
    fn names_say_whose_name_it_is() {
        let whose = |name: &str| Words::of(name).whose_name();
        assert!(whose("owner_name").is_some_and(|whose| whose.are_somebody()));
        assert!(whose("name").is_some_and(|whose| whose.is_empty()));
        assert!(whose("calendarName").is_some_and(|whose| whose.are_something() && !whose.are_somebody()));
        assert!(whose("named").is_none());
        assert!(Words::of("participants").are_somebody());
        assert!(Words::of("created_by").are_somebody());
        assert!(!Words::of("num_associated_contacts").are_somebody());
        assert!(!Words::of("user_ids_of_all_owners").are_somebody());
    }
}
