//! The compact record of an alert entity that the companion keeps: name forms as tokens, and facts as a few bytes.

use crate::model::{AlertEntity, Gender, Identifier, IdentifierKind, NameClass, PartialDate, PartyKind};
use crate::names::{Name, Tag, Token, Vowels};

/// All forms beyond this many of one entity are left out; the longest real entity seen has 122.
const FORMS_MAX: usize = 500;
/// Addresses of one entity that are compared.
const ADDRESSES_MAX: usize = 8;
/// An address is longer in no list we know; what is longer is cut.
const ADDRESS_BYTES_MAX: usize = 200;

/// What comparison needs of an alert entity, borrowed from the companion or from a fresh record.
#[derive(Debug, Clone, Default)]
pub struct EntityView<'a> {
    /// Person, organisation, vessel or unknown.
    pub kind: PartyKind,
    /// Gender where known.
    pub gender: Option<Gender>,
    /// Birth or incorporation dates.
    pub birth_dates: Vec<PartialDate>,
    /// Two-letter codes.
    pub countries: Vec<&'a str>,
    /// Kind and value.
    pub identifiers: Vec<(IdentifierKind, &'a str)>,
    /// Postal addresses as written, the first [`ADDRESSES_MAX`], cut to [`ADDRESS_BYTES_MAX`].
    pub addresses: Vec<&'a str>,
}

/// A name form in the record.
#[derive(Debug, Clone)]
pub(super) struct RecordForm {
    pub class: NameClass,
    pub name: Name,
}

/// An alert entity as the companion takes it in.
#[derive(Debug, Clone)]
pub(super) struct EntityRecord {
    pub forms: Vec<RecordForm>,
    pub facts: Vec<u8>,
}

impl EntityRecord {
    pub(super) fn new(entity: &AlertEntity) -> Self {
        let read = |form: &crate::model::NameForm| RecordForm { class: form.class, name: Name::new(&form.text) };
        let forms = entity.names.iter().take(FORMS_MAX).map(read).collect();
        Self { forms, facts: encode_facts(entity) }
    }

    /// Distinct token texts of all forms.
    pub(super) fn distinct_tokens(&self) -> Vec<&str> {
        let mut tokens: Vec<&str> = self.forms.iter().flat_map(|form| form.name.tokens().map(|token| token.text)).collect();
        tokens.sort_unstable();
        tokens.dedup();
        tokens
    }

    /// The bytes that travel through tantivy's document to the companion.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64);
        push_u16(&mut bytes, self.forms.len());
        for form in &self.forms {
            bytes.push(class_to_u8(form.class));
            bytes.push(form.name.tokens().len() as u8);
            for token in form.name.tokens() {
                push_u16(&mut bytes, usize::from(token_flags(&token)));
                push_u16(&mut bytes, token.text.len());
                bytes.extend_from_slice(token.text.as_bytes());
            }
        }
        bytes.extend_from_slice(&self.facts);
        bytes
    }
}

/// Walks the bytes of [`EntityRecord::encode`]: `form` is called once a form with its class and tokens; returns the facts.
pub(super) fn decode<'a>(bytes: &'a [u8], mut form: impl FnMut(NameClass, &[Token<'a>])) -> Option<&'a [u8]> {
    let mut reader = Reader { bytes };
    let mut tokens = Vec::new();
    for _ in 0..reader.u16()? {
        let class = class_from_u8(reader.u8()?);
        tokens.clear();
        for _ in 0..reader.u8()? {
            let flags = reader.u16()? as u16;
            let length = reader.u16()?;
            tokens.push(token_from_flags(reader.text(length)?, flags));
        }
        form(class, &tokens);
    }
    Some(reader.bytes)
}

fn encode_facts(entity: &AlertEntity) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.push(kind_to_u8(entity.kind));
    bytes.push(match entity.gender {
        None => 0,
        Some(Gender::Female) => 1,
        Some(Gender::Male) => 2,
    });
    let dates = &entity.birth_dates[..entity.birth_dates.len().min(255)];
    bytes.push(dates.len() as u8);
    dates.iter().for_each(|date| bytes.extend_from_slice(&date.to_bits().to_le_bytes()));
    let countries: Vec<_> = entity.countries.iter().filter(|country| country.len() == 2).take(255).collect();
    bytes.push(countries.len() as u8);
    countries.iter().for_each(|country| bytes.extend_from_slice(country.as_bytes()));
    let identifiers = &entity.identifiers[..entity.identifiers.len().min(255)];
    bytes.push(identifiers.len() as u8);
    for identifier in identifiers {
        let value = &identifier.value.as_bytes()[..identifier.value.len().min(255)];
        bytes.push(identifier_to_u8(identifier.kind));
        bytes.push(value.len() as u8);
        bytes.extend_from_slice(value);
    }
    let addresses = &entity.addresses[..entity.addresses.len().min(ADDRESSES_MAX)];
    bytes.push(addresses.len() as u8);
    for address in addresses {
        let address = kept_of(address);
        bytes.push(address.len() as u8);
        bytes.extend_from_slice(address.as_bytes());
    }
    bytes
}

fn kept_of(address: &str) -> &str {
    &address[..address.floor_char_boundary(ADDRESS_BYTES_MAX)]
}

pub(super) fn decode_facts(bytes: &[u8]) -> Option<EntityView<'_>> {
    let mut reader = Reader { bytes };
    let kind = kind_from_u8(reader.u8()?);
    let gender = match reader.u8()? {
        1 => Some(Gender::Female),
        2 => Some(Gender::Male),
        _ => None,
    };
    let mut view = EntityView { kind, gender, ..EntityView::default() };
    for _ in 0..reader.u8()? {
        view.birth_dates.push(PartialDate::from_bits(u32::from_le_bytes(reader.take(4)?.try_into().ok()?)));
    }
    for _ in 0..reader.u8()? {
        view.countries.push(reader.text(2)?);
    }
    for _ in 0..reader.u8()? {
        let kind = identifier_from_u8(reader.u8()?);
        let length = usize::from(reader.u8()?);
        view.identifiers.push((kind, reader.text(length)?));
    }
    for _ in 0..reader.u8()? {
        let length = usize::from(reader.u8()?);
        view.addresses.push(reader.text(length)?);
    }
    Some(view)
}

/// The kind alone, without reading the other facts.
pub(super) fn kind_of(facts: &[u8]) -> PartyKind {
    kind_from_u8(facts.first().copied().unwrap_or(0))
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }
    fn u8(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }
    fn u16(&mut self) -> Option<usize> {
        self.take(2).map(|bytes| usize::from(u16::from_le_bytes([bytes[0], bytes[1]])))
    }
    fn text(&mut self, length: usize) -> Option<&'a str> {
        std::str::from_utf8(self.take(length)?).ok()
    }
}

fn push_u16(bytes: &mut Vec<u8>, number: usize) {
    bytes.extend_from_slice(&(number as u16).to_le_bytes());
}

/// Tag in bits 0..4, syllabic in bit 4, what is known of the vowels in bits 5..7, weight in bits 8..16.
pub(super) fn token_flags(token: &Token<'_>) -> u16 {
    u16::from(token.weight) << 8 | (token.vowels as u16) << 5 | u16::from(token.syllabic) << 4 | token.tag as u16
}

pub(super) fn token_from_flags(text: &str, flags: u16) -> Token<'_> {
    Token {
        text,
        tag: Tag::from_u8((flags & 0xF) as u8),
        weight: (flags >> 8) as u8,
        vowels: Vowels::from_u8((flags >> 5 & 3) as u8),
        syllabic: flags >> 4 & 1 == 1,
    }
}

pub(super) fn class_to_u8(class: NameClass) -> u8 {
    match class {
        NameClass::Name => 0,
        NameClass::Alias => 1,
        NameClass::Previous => 2,
        NameClass::WeakAlias => 3,
        NameClass::Text => 4,
    }
}

pub(super) fn class_from_u8(number: u8) -> NameClass {
    match number {
        0 => NameClass::Name,
        1 => NameClass::Alias,
        2 => NameClass::Previous,
        4 => NameClass::Text,
        _ => NameClass::WeakAlias,
    }
}

fn kind_to_u8(kind: PartyKind) -> u8 {
    match kind {
        PartyKind::Unknown => 0,
        PartyKind::Person => 1,
        PartyKind::Organisation => 2,
        PartyKind::Vessel => 3,
    }
}

fn kind_from_u8(number: u8) -> PartyKind {
    match number {
        1 => PartyKind::Person,
        2 => PartyKind::Organisation,
        3 => PartyKind::Vessel,
        _ => PartyKind::Unknown,
    }
}

const IDENTIFIER_KINDS: [IdentifierKind; 11] = [
    IdentifierKind::Other,
    IdentifierKind::Passport,
    IdentifierKind::National,
    IdentifierKind::Tax,
    IdentifierKind::Registration,
    IdentifierKind::Iban,
    IdentifierKind::Lei,
    IdentifierKind::Bic,
    IdentifierKind::Imo,
    IdentifierKind::Wallet,
    IdentifierKind::Account,
];

fn identifier_to_u8(kind: IdentifierKind) -> u8 {
    IDENTIFIER_KINDS.iter().position(|&known| known == kind).unwrap_or(0) as u8
}

fn identifier_from_u8(number: u8) -> IdentifierKind {
    IDENTIFIER_KINDS.get(usize::from(number)).copied().unwrap_or(IdentifierKind::Other)
}

impl<'a> EntityView<'a> {
    /// The same view from the full record, for comparing two records without an index.
    pub fn of(entity: &'a AlertEntity) -> Self {
        Self {
            kind: entity.kind,
            gender: entity.gender,
            birth_dates: entity.birth_dates.clone(),
            countries: entity.countries.iter().map(String::as_str).collect(),
            identifiers: entity.identifiers.iter().map(|Identifier { kind, value }| (*kind, value.as_str())).collect(),
            addresses: entity.addresses.iter().take(ADDRESSES_MAX).map(|address| kept_of(address)).collect(),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::{NameForm, Tier};

    pub(in crate::index) fn entity(id: &str, names: &[&str]) -> AlertEntity {
        let names = names.iter().map(|text| NameForm { text: (*text).to_owned(), class: NameClass::Name }).collect();
        AlertEntity {
            id: id.to_owned(),
            alert_key: format!("test/{id}"),
            subject_key: format!("test/{id}"),
            alert_id: id.to_owned(),
            list: "test".to_owned(),
            datasets: Vec::new(),
            kind: PartyKind::Person,
            names,
            birth_dates: vec![PartialDate { year: 1963, month: 5, day: 16 }],
            countries: vec!["kz".to_owned()],
            addresses: vec!["14 Lesnaya, Kazan".to_owned()],
            gender: Some(Gender::Male),
            identifiers: Identifier::new(IdentifierKind::Passport, "N 1234567").into_iter().collect(),
            topics: Vec::new(),
            tier: Tier::High,
            role: None,
            accusation: Default::default(),
            text: None,
            quote: None,
            alert_time_ms: 0,
        }
    }

    #[test]
    fn a_record_reads_back_as_written() {
        let entity = entity("1", &["Mukhtar Ablyazov", "نسرين"]);
        let bytes = EntityRecord::new(&entity).encode();
        let mut forms = Vec::new();
        let facts = decode(&bytes, |class, tokens| {
            forms.push((class, tokens.iter().map(|token| (token.text.to_owned(), token.vowels)).collect::<Vec<_>>()));
        });
        assert_eq!(forms[0].1, [("mukhtar".to_owned(), Vowels::Written), ("ablyazov".to_owned(), Vowels::Written)]);
        assert_eq!(forms[1].1, [("nisrin".to_owned(), Vowels::ByHabit)]);
        let view = decode_facts(facts.expect("facts")).expect("a view");
        assert_eq!(view.birth_dates, entity.birth_dates);
        assert_eq!(view.countries, ["kz"]);
        assert_eq!(view.identifiers, [(IdentifierKind::Passport, "N1234567")]);
        assert_eq!(view.addresses, ["14 Lesnaya, Kazan"]);
    }

    #[test]
    fn cut_off_bytes_are_refused_not_read() {
        let bytes = EntityRecord::new(&entity("1", &["Mukhtar Ablyazov"])).encode();
        for length in 0..bytes.len() {
            let view = decode(&bytes[..length], |_, _| {}).and_then(decode_facts);
            assert!(view.is_none(), "{length} of {} bytes were read", bytes.len());
        }
    }
}
