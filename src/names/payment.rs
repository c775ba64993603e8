//! Finds the name in a payment field that carries more than a name: account lines, numbered lines, references, addresses.
//!
//! Known shapes: `/ACC 123 NAME`, `/123456 NAME TOWN`, `1/NAME 2/ADDRESS 3/COUNTRY/TOWN` (SWIFT field 50F), `BENEF NAME A/C 123`,
//! `NAME C/O OTHER`, `NAME REF INV 1`, `NAME 58 CALLE MAYOR LONDON GB`. Anything else is taken whole.

use super::tables::TABLES;

/// The part of a payment field that holds the name; the whole text where nothing else is recognised in it.
pub fn name_in_field(text: &str) -> &str {
    let whole = text.trim();
    if !whole.bytes().any(|byte| byte.is_ascii_digit() || byte == b'/') && !starts_with_label(whole) && !has_end(whole) {
        return whole;
    }
    let mut name = whole;
    let mut is_field = false;
    if let Some(rest) = name.strip_prefix('/') {
        name = after_account(rest);
        is_field = true;
    }
    if let Some(rest) = name.strip_prefix("1/") {
        name = rest;
    }
    while let Some((_, rest)) = name.split_once(' ').filter(|(label, _)| is_label(label)) {
        name = rest.trim_start();
    }
    name = until_end(name);
    name = until_address(name);
    if is_field {
        name = without_town(name);
    }
    if name.trim().is_empty() { whole } else { name.trim() }
}

/// What follows a name in one field.
const ENDS: &[&str] = &[
    " 2/",
    " 3/",
    " C/O ",
    " REF ",
    " REF: ",
    " REF:",
    " INV ",
    " INVOICE ",
    " A/C ",
    " ACC ",
    " ACCT ",
    " IBAN ",
    " DOB ",
    " TEL ",
    " PO BOX ",
    " P.O. BOX ",
    " PASSPORT ",
];
const LABELS: &[&str] =
    &["BENEF", "BENEFICIARY", "BNF", "BEN", "PAYEE", "ORDERING", "REMITTER", "DEBTOR", "CREDITOR", "B/O", "ATTN", "FAO"];

fn is_label(word: &str) -> bool {
    let word = word.trim_end_matches([':', '.']);
    LABELS.iter().any(|label| label.eq_ignore_ascii_case(word))
}

fn starts_with_label(text: &str) -> bool {
    text.split_once(' ').is_some_and(|(first, _)| is_label(first))
}

fn has_end(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    ENDS.iter().any(|end| upper.contains(end))
}

fn until_end(name: &str) -> &str {
    let upper = name.to_ascii_uppercase();
    let end = ENDS.iter().filter_map(|end| upper.find(end)).filter(|&at| at > 0).min();
    end.map_or(name, |at| name[..at].trim())
}

/// `NAME 58 CALLE MAYOR LONDON GB` ends before 58: a house number with a word of the street, or a country code at the end.
fn until_address(name: &str) -> &str {
    let words: Vec<(usize, &str)> = name.split_whitespace().map(|word| (word.as_ptr() as usize - name.as_ptr() as usize, word)).collect();
    let is_code = |word: &str| word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    for (place, (at, word)) in words.iter().enumerate().skip(1) {
        let rest = &words[place + 1..];
        let is_number = word.len() <= 5 && word.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
        let is_street = |word: &&str| TABLES.word(&word.trim_end_matches(['.', ',']).to_ascii_lowercase()).street;
        let street_follows = rest.iter().take(4).any(|(_, word)| is_street(word));
        let ends_in_country = rest.len() >= 2 && rest.last().is_some_and(|(_, word)| is_code(word));
        if is_number && (street_follows || ends_in_country) {
            return name[..*at].trim();
        }
    }
    name
}

/// Behind an account line the town follows the name: `GOLDEN STAR CO DAMASCUS`.
fn without_town(name: &str) -> &str {
    match name.rsplit_once(' ') {
        Some((rest, last)) if TABLES.word(&last.to_ascii_lowercase()).place => rest.trim_end(),
        _ => name,
    }
}

/// Leaves out an account number, with or without the word for it: `ACC 386 NAME`, `6278451474 NAME`.
fn after_account(text: &str) -> &str {
    let mut rest = text.trim_start();
    while let Some((word, tail)) = rest.split_once(' ') {
        let is_number = word.bytes().any(|byte| byte.is_ascii_digit());
        let is_label = matches!(word.to_ascii_uppercase().as_str(), "ACC" | "ACCT" | "ACCOUNT" | "A/C" | "IBAN" | "NO");
        if !is_number && !is_label {
            break;
        }
        rest = tail.trim_start();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_found_in_payment_fields() {
        for (field, name) in [
            ("1/MR VALERI ABRAMOV 2/96 VIA ROMA 3/RU/MOSCOW", "MR VALERI ABRAMOV"),
            ("/ACC 3869945424 IDEALIST GMBH", "IDEALIST GMBH"),
            ("/6278451474 MR EDVARD DAHLBERG", "MR EDVARD DAHLBERG"),
            ("/8689051634 GOLDEN STAR CO DAMASCUS", "GOLDEN STAR CO"),
            ("IRINA KOZHENKOVA C/O FIRST BANK LONDON", "IRINA KOZHENKOVA"),
            ("MANSOUR ABAHUSSAIN REF INV 81943", "MANSOUR ABAHUSSAIN"),
            ("BENEF MR MAHMOUD MEHRI A/C 3478972464", "MR MAHMOUD MEHRI"),
            ("ABIGAIL TAPIA ORTEGA 110 HIGH ST CULIACAN MX", "ABIGAIL TAPIA ORTEGA"),
            ("MOHAMMAD SOLTAN 1 NEVSKY PR TEHRAN IR", "MOHAMMAD SOLTAN"),
            ("Plain Name", "Plain Name"),
            ("Brigade 313", "Brigade 313"),
            ("Factory 256 Limited", "Factory 256 Limited"),
            ("11420 CORP", "11420 CORP"),
            ("/", "/"),
            ("Straße 7 Ä/Ö REF ü", "Straße 7 Ä/Ö"),
        ] {
            assert_eq!(name_in_field(field), name, "{field}");
        }
    }
}
