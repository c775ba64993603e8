//! Identifiers of people, companies and vessels, by kind, in a form in which equal ones are equal bytes.

use serde::{Deserialize, Serialize};

/// What issued an identifier. `Other` stands for a number of unknown kind and agrees with every kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentifierKind {
    /// Passport number.
    Passport,
    /// National identity number.
    National,
    /// Tax number.
    Tax,
    /// Company registration number.
    Registration,
    /// ISO 13616 account number.
    Iban,
    /// ISO 17442 legal entity identifier.
    Lei,
    /// ISO 9362 bank code.
    Bic,
    /// IMO ship number.
    Imo,
    /// Crypto-asset wallet address.
    Wallet,
    /// Any other account number.
    Account,
    /// Kind not known.
    Other,
}

impl IdentifierKind {
    /// The kind a field name stands for, in our own words, FollowTheMoney's or common payment words; `None` = no identifier field.
    pub fn of_field(field: &str) -> Option<Self> {
        let plain: String = field.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        Some(match plain.as_str() {
            "passport" | "passportnumber" => Self::Passport,
            "national" | "nationalid" | "nationalidnumber" => Self::National,
            "tax" | "taxnumber" | "inncode" | "inn" | "vatcode" | "tin" => Self::Tax,
            "registration" | "registrationnumber" | "ogrncode" | "companynumber" => Self::Registration,
            "iban" => Self::Iban,
            "lei" | "leicode" => Self::Lei,
            "bic" | "swiftbic" | "swift" => Self::Bic,
            "imo" | "imonumber" => Self::Imo,
            "wallet" | "publickey" | "cryptowallet" => Self::Wallet,
            "account" | "accountnumber" => Self::Account,
            "other" | "id" | "idnumber" | "innumber" | "number" | "document" | "documentnumber" => Self::Other,
            _ => return None,
        })
    }

    /// How the kind is called in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Passport => "passport number",
            Self::National => "national identity number",
            Self::Tax => "tax number",
            Self::Registration => "registration number",
            Self::Iban => "IBAN",
            Self::Lei => "LEI",
            Self::Bic => "BIC",
            Self::Imo => "IMO number",
            Self::Wallet => "wallet address",
            Self::Account => "account number",
            Self::Other => "identity number",
        }
    }

    /// Whether the two kinds can name the same document.
    pub fn agrees_with(self, other: Self) -> bool {
        self == other || self == Self::Other || other == Self::Other
    }
}

/// One identifier. The value holds upper-case letters and digits only, so equal identifiers are equal strings.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identifier {
    /// What issued it.
    pub kind: IdentifierKind,
    /// Letters and digits, upper case (a wallet address keeps its case).
    pub value: String,
}

impl Identifier {
    /// Fewer characters than this cannot tell two parties apart, so they are not evidence.
    pub const LENGTH_MIN: usize = 5;

    /// `None` when fewer than [`Self::LENGTH_MIN`] letters and digits, no digit at all in a number (a BIC may have none), or what
    /// people type where they have no number: 0000000, 123456789, XXXXX1.
    pub fn new(kind: IdentifierKind, raw: &str) -> Option<Self> {
        let mut value: String = raw.chars().filter(char::is_ascii_alphanumeric).collect();
        if kind != IdentifierKind::Wallet {
            value.make_ascii_uppercase();
        }
        if kind == IdentifierKind::Imo {
            value = value.trim_start_matches("IMO").to_owned();
        }
        // The branch code of a head office: the same bank with and without it.
        if kind == IdentifierKind::Bic && value.len() == 11 && value.ends_with("XXX") {
            value.truncate(8);
        }
        let has_digit = value.bytes().any(|byte| byte.is_ascii_digit());
        let telling = value.len() >= Self::LENGTH_MIN && (has_digit || kind == IdentifierKind::Bic) && !stands_for_nothing(&value);
        telling.then_some(Self { kind, value })
    }
}

/// Nearly all of it one character, or the digits counted up.
fn stands_for_nothing(value: &str) -> bool {
    let mut counts = [0usize; 256];
    value.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    counts.iter().any(|count| count + 1 >= value.len()) || "01234567890".contains(value)
}

/// Whether a value is what its kind allows: the check digits of IBAN, LEI and IMO number, the shape of a BIC; of other kinds
/// nothing is known. A value that fails is a slip of the pen or something else in the wrong field, and proves little.
///
/// Sources: ISO 13616-1 and ISO 17442-1 (both by ISO 7064 MOD 97-10), IMO resolutions A.1117(30) for ships and
/// MSC.160(78) for companies, ISO 9362.
pub fn check_digits_hold(kind: IdentifierKind, value: &str) -> bool {
    let bytes = value.as_bytes();
    let country = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_alphabetic);
    match kind {
        IdentifierKind::Iban => {
            (15..=34).contains(&bytes.len()) && country(&bytes[..2]) && mod_97(bytes[4..].iter().chain(&bytes[..4])) == 1
        }
        IdentifierKind::Lei => bytes.len() == 20 && mod_97(bytes.iter()) == 1,
        IdentifierKind::Imo => {
            let digits: Vec<u32> = value.chars().filter_map(|c| c.to_digit(10)).collect();
            let sum = |weights: [u32; 6]| digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum::<u32>();
            // Ships and companies have numbers of their own kinds, under one name.
            let ship = || sum([7, 6, 5, 4, 3, 2]) % 10;
            let company = || (11 - sum([8, 6, 4, 2, 9, 7]) % 11) % 10;
            bytes.len() == 7 && digits.len() == 7 && (ship() == digits[6] || company() == digits[6])
        }
        IdentifierKind::Bic => matches!(bytes.len(), 8 | 11) && country(&bytes[4..6]),
        _ => true,
    }
}

/// Letters count as two digits, A = 10; the number they make, modulo 97.
fn mod_97<'a>(bytes: impl Iterator<Item = &'a u8>) -> u32 {
    bytes.fold(0, |rest, byte| match char::from(*byte).to_digit(36) {
        Some(digit @ 0..=9) => (rest * 10 + digit) % 97,
        Some(letter) => (rest * 100 + letter) % 97,
        None => rest,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spacing_case_and_prefixes_do_not_matter() {
        let iban = |raw| Identifier::new(IdentifierKind::Iban, raw).map(|id| id.value);
        assert_eq!(iban("de89 3704 0044 0532 0130 00"), iban("DE89370400440532013000"));
        assert_eq!(Identifier::new(IdentifierKind::Imo, "IMO 9187629").map(|id| id.value).as_deref(), Some("9187629"));
        assert_eq!(Identifier::new(IdentifierKind::Bic, "BKCHCNBJXXX").map(|id| id.value).as_deref(), Some("BKCHCNBJ"));
    }

    #[test]
    fn a_slip_of_the_pen_fails_the_check() {
        use IdentifierKind::{Bic, Iban, Imo, Lei, Passport};
        for (kind, right, wrong) in [
            (Iban, "DE89370400440532013000", "DE89370400440532013001"),
            (Iban, "GB29NWBK60161331926819", "GB29NWBK6016133192"),
            (Lei, "5493001KJTIIGC8Y1R12", "5493001KJTIIGC8Y1R21"),
            (Imo, "9074729", "9074792"),
            (Imo, "0289239", "0289235"),
            (Bic, "DEUTDEFF500", "DEUTDEFF50"),
        ] {
            assert!(check_digits_hold(kind, right) && !check_digits_hold(kind, wrong), "{kind:?}");
        }
        assert!(check_digits_hold(Passport, "N1234567") && !check_digits_hold(Iban, "") && !check_digits_hold(Imo, "ABCDEFG"));
    }

    #[test]
    fn what_stands_for_no_number_is_no_evidence() {
        for raw in ["0000000", "123456789", "XXXXX1", "1234567", "99999-99990"] {
            assert_eq!(Identifier::new(IdentifierKind::Other, raw), None, "{raw}");
        }
        assert!(Identifier::new(IdentifierKind::Other, "1112113").is_some());
        // Linear in its length: nothing bounds an identifier of an event but the record.
        assert!(Identifier::new(IdentifierKind::Other, &"12".repeat(500_000)).is_some());
    }

    #[test]
    fn too_short_or_wordy_values_are_no_evidence() {
        assert_eq!(Identifier::new(IdentifierKind::Passport, "12"), None);
        assert_eq!(Identifier::new(IdentifierKind::Other, "unknown"), None);
    }
}
