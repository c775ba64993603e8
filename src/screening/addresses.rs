//! Whether two postal addresses, as written, are one place. No gazetteer: words and numbers that both have.

use crate::model::{TokenMatch, country_code};
use crate::names::{Heard, Name, Tag, Token, is_street_word, token_similarity};

/// Words so alike are the same word in another spelling or script.
const SAME_WORD: f32 = 0.85;
/// A number of so many digits tells by itself: a postal code, a post box.
const TELLING_DIGITS_MIN: usize = 3;
/// So many digits are a postal code of one place.
const POSTAL_CODE_DIGITS_MIN: usize = 5;
/// Of the words of the shorter address both must have this share.
const SHARED_MIN: f32 = 0.6;

/// How two addresses stand to each other, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum AddressRelation {
    /// A number in common, and most words of the shorter one.
    Same,
    /// A town or a street in common, or a postal code.
    SamePlace,
}

/// The address of the list that is nearest to the party's; `None` when they have nothing in common. That a party lives elsewhere
/// proves nothing: people move, and have several addresses.
pub(super) fn nearest<'a>(party: &str, listed: &[&'a str]) -> Option<(&'a str, AddressRelation)> {
    if listed.is_empty() || party.trim().is_empty() {
        return None;
    }
    let party = Address::read(party);
    let related = listed.iter().filter_map(|&address| Some((address, party.relation(&Address::read(address))?)));
    related.min_by_key(|(_, relation)| *relation)
}

/// The words and numbers of an address without its country, which is a fact of its own, and without words for streets.
struct Address {
    name: Name,
}

impl Address {
    fn read(text: &str) -> Self {
        let parts = text.split([',', ';', '\n']).map(str::trim).filter(|part| country_code(part).is_none());
        Self { name: Name::new(&parts.collect::<Vec<_>>().join(" ")) }
    }

    fn numbers(&self) -> impl Iterator<Item = &str> {
        self.name.tokens().map(|token| token.text).filter(|text| has_digit(text))
    }

    fn words(&self) -> Vec<Token<'_>> {
        let tells = |token: &Token<'_>| token.text.len() > 2 && !has_digit(token.text) && !is_street_word(token.text);
        self.name.tokens().filter(tells).map(|token| Token { tag: Tag::Word, ..token }).collect()
    }

    fn relation(&self, other: &Self) -> Option<AddressRelation> {
        let (mine, theirs) = (self.words(), other.words());
        let theirs: Vec<Heard<'_>> = theirs.into_iter().map(Heard::new).collect();
        let alike = |how| matches!(how, TokenMatch::Same | TokenMatch::Typo | TokenMatch::SpellingVariant | TokenMatch::Translation);
        let same = |a: &Heard<'_>, b: &Heard<'_>| token_similarity(a, b).is_some_and(|(score, how)| score >= SAME_WORD && alike(how));
        let words = mine.iter().filter(|&&word| theirs.iter().any(|other| same(&Heard::new(word), other))).count();
        let shorter = mine.len().min(theirs.len());
        let most_words = words > 0 && words as f32 >= SHARED_MIN * shorter as f32;
        let digits = self.numbers().filter(|number| other.numbers().any(|listed| listed == *number));
        let digits = digits.map(|number| number.bytes().filter(u8::is_ascii_digit).count()).max().unwrap_or(0);
        if most_words && (digits >= TELLING_DIGITS_MIN || digits > 0 && words >= 2) {
            Some(AddressRelation::Same)
        } else if most_words || digits >= POSTAL_CODE_DIGITS_MIN {
            Some(AddressRelation::SamePlace)
        } else {
            None
        }
    }
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_the_same_as_a_postman_would_say() {
        let same = Some(AddressRelation::Same);
        let place = Some(AddressRelation::SamePlace);
        for (party, listed, relation) in [
            ("12 Rue des Lilas, 75011 Paris, FR", "12, rue des Lilas, Paris, France", same),
            ("Harbour House 7, Valletta", "7 Harbour House, Valletta VLT 1171, Malta", same),
            ("P.O. Box 5182, Dubai", "PO Box 5182, Dubai, United Arab Emirates", same),
            ("ul. Lesnaya 14, Kazan", "ул. Лесная, 14, Казань, Россия", same),
            ("Lesnaja 14, Kazan", "12 Lesnaya Street, Kazan", place),
            ("Tehran", "No. 9, Seventh Street, Tehran, Iran", place),
            ("81 Elm Road, 90210", "4 Oak Lane, 90210", place),
            ("12 Main Street, Springfield", "12 Main Street, Boston", None),
            ("Paris, France", "Lyon, France", None),
            ("France", "Lyon, France", None),
            ("14", "14", None),
            ("", "Lyon", None),
        ] {
            assert_eq!(nearest(party, &[listed]).map(|(_, found)| found), relation, "{party} / {listed}");
            assert_eq!(nearest(listed, &[party]).map(|(_, found)| found), relation, "{listed} / {party}");
        }
    }

    #[test]
    fn the_nearest_of_several_counts() {
        let listed = ["Kazan", "14 Lesnaya, Kazan"];
        assert_eq!(nearest("Lesnaya 14, Kazan", &listed), Some((listed[1], AddressRelation::Same)));
    }
}
