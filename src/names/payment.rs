//! Finds the names in a payment field that carries more than one name: account lines, numbered lines, references, addresses,
//! two holders, a name with its alias.
//!
//! Known shapes: `/ACC 123 NAME`, `/123456 NAME TOWN`, `1/NAME 2/ADDRESS 3/COUNTRY/TOWN` (SWIFT field 50F), `BENEF NAME A/C 123`,
//! `REF INV 1 NAME`, `PAYMENT INV 1 NAME`, `NAME C/O OTHER`, `NAME REF INV 1`, `NAME 58 CALLE MAYOR LONDON GB`, `NAME AND NAME`, `NAME AKA NAME`,
//! `NAME (FORMERLY NAME)`. Anything else is taken whole. The words that part them stand in `data/field_words.txt`.

use super::tables::{FieldWord, TABLES};
use super::token::Tag;

/// Words of a phrase in `field_words.txt`, at most.
const PHRASE_WORDS_MAX: usize = 4;
/// No field has more words than this before its second name.
const FIELD_WORDS_MAX: usize = 32;
/// Shorter words in brackets are acronyms that many share.
const BRACKETED_LETTERS_MIN: usize = 5;
/// A field is read in at most so many other ways.
const READINGS_MAX: usize = 4;

/// The part of a payment field that holds the name; the whole text where nothing else is recognised in it.
pub fn name_in_field(text: &str) -> &str {
    let whole = text.trim();
    if !whole.bytes().any(|byte| byte.is_ascii_digit() || byte == b'/') && !has_field_words(whole) {
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
    name = without_edges(name);
    name = until_address(name);
    if is_field {
        name = without_town(name);
    }
    if name.trim().is_empty() { whole } else { name.trim() }
}

/// Other names in a field: each of two holders, the party behind `C/O`, what follows a reference, what stands before and after
/// `alias` or `formerly`, the name without what is in brackets. Empty for nearly all fields. [`name_in_field`] applies to each of them.
pub fn other_names_in_field(text: &str) -> Vec<String> {
    if !text.contains('(') && !has_field_words(text) {
        return Vec::new();
    }
    let mut found: Vec<String> = Vec::new();
    let mut add = |name: &str| {
        let name = name.trim_matches(|c: char| !c.is_alphanumeric());
        if found.len() < READINGS_MAX && name.chars().filter(|c| c.is_alphabetic()).count() >= 3 && !found.iter().any(|known| known == name)
        {
            found.push(name.to_owned());
        }
    };
    if let Some((before, inside, after)) = brackets(text) {
        // `Bank (China)` is not `Bank`.
        if is_whole_name(before) || !TABLES.word(&plain(inside)).place {
            add(&format!("{} {}", before.trim_end(), after.trim_start()));
        }
        let words = words(inside);
        let marker = words.first().and_then(|_| phrase_at(&words, 0)).filter(|(_, kind)| *kind == FieldWord::Alias);
        if let Some((count, _)) = marker {
            also_called(before, words.get(count).map_or("", |(at, _)| &inside[*at..]), &mut add);
        }
        return found;
    }
    let words = words(text);
    for place in 1..words.len().min(FIELD_WORDS_MAX).saturating_sub(1) {
        let Some((count, kind)) = phrase_at(&words, place) else { continue };
        let Some((after, _)) = words.get(place + count) else { break };
        let (before, after) = (text[..words[place].0].trim_end(), &text[*after..]);
        match kind {
            FieldWord::Alias => {
                add(before);
                also_called(before, after, &mut add);
                break;
            }
            FieldWord::Joint if is_whole_name(before) && is_whole_name(after) => {
                add(before);
                add(after);
                break;
            }
            FieldWord::Party => add(after),
            // `PAYMENT INV 12345 NAME`: what stands before the reference may be no name, and what follows it one.
            FieldWord::Reference | FieldWord::Label => {
                let value = words[place + count..].iter().take_while(|(_, word)| has_digit(word)).count();
                if let Some((after, _)) = words.get(place + count + value).filter(|_| value > 0)
                    && is_name_behind(&text[*after..])
                {
                    add(&text[*after..]);
                }
            }
            _ => {}
        }
    }
    found
}

/// Other names in a name of a list, and whether each proves little: as [`other_names_in_field`], but nothing is left out that
/// says where an organisation is (`Bank (China)` is not `Bank`); and of an organisation what stands in brackets at the end, where
/// that is made of its words: `Compania General de Mineria (MINERVEN)`.
pub fn other_names_on_list(text: &str, organisation: bool) -> Vec<(String, bool)> {
    let found = || other_names_in_field(text).into_iter().map(|name| (name, false));
    let Some((before, inside, after)) = brackets(text).filter(|_| organisation) else { return found().collect() };
    let word = plain(inside);
    if TABLES.word(&word).place {
        return Vec::new();
    }
    let first = word.chars().next();
    let made_of_it = before.split_whitespace().any(|other| other.to_lowercase().chars().next() == first);
    let in_capitals = inside.chars().all(char::is_uppercase) && inside.chars().count() >= BRACKETED_LETTERS_MIN;
    let unknown = TABLES.word(&word).tag.is_none() && TABLES.legal_form(&word).is_none();
    let acronym = after.trim().is_empty() && in_capitals && made_of_it && unknown;
    found().chain(acronym.then(|| (inside.to_owned(), true))).collect()
}

/// `Helena Brandvold, née Kjelstrup` is called Helena Kjelstrup; a name of several words stands for itself.
fn also_called(before: &str, after: &str, add: &mut impl FnMut(&str)) {
    if after.split_whitespace().count() == 1
        && let Some((given, _)) = before.trim_end_matches([' ', ',']).rsplit_once(' ')
    {
        add(&format!("{given} {after}"));
    }
    add(after);
}

/// Two words or more that begin with no word of an address.
fn is_name_behind(text: &str) -> bool {
    let words: Vec<String> = text.split_whitespace().take(FIELD_WORDS_MAX).map(plain).collect();
    let of_address = |word: &String| TABLES.word(word).street || TABLES.word(word).place || has_digit(word);
    words.len() >= 2 && !words.iter().take(2).any(of_address)
}

/// Two words or more that may be a person: no word of an organisation among them.
fn is_whole_name(text: &str) -> bool {
    let facts = |word: &str| TABLES.word(&plain(word));
    let of_company = |word: &str| facts(word).tag == Some(Tag::Generic) || TABLES.legal_form(&plain(word)).is_some();
    let words = || text.split_whitespace().take(FIELD_WORDS_MAX);
    words().filter(|word| facts(word).tag != Some(Tag::Honorific)).count() >= 2 && !words().any(of_company)
}

/// Whether a phrase of `field_words.txt` may begin somewhere, without memory: nearly every name has none.
fn has_field_words(text: &str) -> bool {
    let mut lower = [0u8; 16];
    text.split_ascii_whitespace().any(|word| {
        let word = word.trim_matches(EDGES);
        let Some(lower) = lower.get_mut(..word.len()) else { return false };
        lower.copy_from_slice(word.as_bytes());
        lower.make_ascii_lowercase();
        std::str::from_utf8(lower).is_ok_and(|word| TABLES.starts_field_phrase(word))
    })
}

/// `before (inside) after`.
fn brackets(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('(')?;
    let (inside, after) = rest.split_once(')').unwrap_or((rest, ""));
    Some((before, inside, after))
}

/// Words with where they start.
fn words(text: &str) -> Vec<(usize, &str)> {
    text.split_whitespace().map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word)).collect()
}

/// What stands around a word and is no part of it.
const EDGES: [char; 7] = [':', '.', ',', ';', '-', '(', ')'];

/// A word as `field_words.txt` has it.
fn plain(word: &str) -> String {
    word.trim_matches(EDGES).to_lowercase()
}

/// The phrase of `field_words.txt` that begins at a word, the longest first: how many words it has and what it says.
fn phrase_at(words: &[(usize, &str)], place: usize) -> Option<(usize, FieldWord)> {
    let first = plain(words[place].1);
    if !TABLES.starts_field_phrase(&first) {
        return None;
    }
    (1..=PHRASE_WORDS_MAX.min(words.len() - place)).rev().find_map(|count| {
        let phrase = words[place..place + count].iter().map(|(_, word)| plain(word)).collect::<Vec<_>>().join(" ");
        Some((count, TABLES.field_phrase(&phrase)?))
    })
}

/// Leaves out labels and references in front of a name, and all from the first of them behind it.
fn without_edges(text: &str) -> &str {
    let words = words(text);
    let mut start = 0;
    let mut referenced = false;
    while start < words.len() {
        let number = has_digit(words[start].1);
        match phrase_at(&words, start) {
            Some((count, kind @ (FieldWord::Label | FieldWord::Reference | FieldWord::Party))) => {
                referenced |= kind == FieldWord::Reference || has_digit(words[start].1);
                start += count;
            }
            // `REF INV 88172 NAME`
            _ if referenced && number => start += 1,
            _ => break,
        }
    }
    // Nothing but labels: a name that looks like them.
    if start >= words.len() {
        return text;
    }
    let is_end = |place: usize| {
        let numbered = words[place].1.starts_with("2/") || words[place].1.starts_with("3/");
        let phrase = phrase_at(&words, place);
        match phrase {
            _ if numbered => true,
            // `C/O`, `PO BOX`, `TEL 020 7`, `EMAIL a@b`, `INV. 7`; but not `Bank of Tel Aviv`, `John Swift`, `Order of Malta`.
            Some((count, FieldWord::Label | FieldWord::End | FieldWord::Reference | FieldWord::Party)) => {
                let telling = words[place].1.contains('/') || words[place].1.ends_with(':') || plain(words[place].1) == "ref";
                let value = |word: &str| has_digit(word) || word.contains('@');
                telling || words[place..].iter().skip(count).take(2).any(|(_, word)| value(word))
            }
            Some((count, FieldWord::Department)) => place + count == words.len(),
            _ => false,
        }
    };
    let end = (start + 1..words.len()).find(|&place| is_end(place));
    text[words[start].0..end.map_or(text.len(), |place| words[place].0)].trim_end_matches([' ', ',', '-'])
}

fn has_digit(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
}

/// `NAME 58 CALLE MAYOR LONDON GB` ends before 58: a house number with a word of the street, or a country code at the end;
/// `NAME SRL AV CORRIENTES 1234` before the street that a number follows.
fn until_address(name: &str) -> &str {
    if !name.bytes().any(|byte| byte.is_ascii_digit()) {
        return name;
    }
    let words = words(name);
    let is_code = |word: &str| word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_street = |word: &&str| TABLES.word(&plain(word)).street;
    let is_number = |word: &str| word.len() <= 5 && word.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
    for (place, (at, word)) in words.iter().enumerate().skip(1) {
        let rest = &words[place + 1..];
        let street_follows = rest.iter().take(4).any(|(_, word)| is_street(word));
        let ends_in_country = rest.len() >= 2 && rest.last().is_some_and(|(_, word)| is_code(word));
        let behind_a_form = TABLES.legal_form(&plain(words[place - 1].1)).is_some();
        let numbered_street = behind_a_form && is_street(word) && rest.iter().take(4).any(|(_, word)| is_number(word));
        if is_number(word) && (street_follows || ends_in_country) || numbered_street {
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
            ("REF INV 88172 VELIMIR STOJKANOVIC", "VELIMIR STOJKANOVIC"),
            ("ATTN MR OSCAR LINDENCRONA ACCOUNTS DEPT", "MR OSCAR LINDENCRONA"),
            ("GOROSTIAGA SRL AV CORRIENTES 1234 BUENOS AIRES", "GOROSTIAGA SRL"),
            ("Sovereign Order of Malta", "Sovereign Order of Malta"),
            ("JOHN SWIFT", "JOHN SWIFT"),
            ("BANK OF TEL AVIV", "BANK OF TEL AVIV"),
            ("DUAL SIM PHONE TRADING LLC", "DUAL SIM PHONE TRADING LLC"),
            ("ANNA EXAMPLE TEL 0207 123", "ANNA EXAMPLE"),
            ("RAMON SENDER", "RAMON SENDER"),
            ("Factory 256 Limited", "Factory 256 Limited"),
            ("11420 CORP", "11420 CORP"),
            ("/", "/"),
            ("Straße 7 Ä/Ö REF ü", "Straße 7 Ä/Ö"),
        ] {
            assert_eq!(name_in_field(field), name, "{field}");
        }
    }

    #[test]
    fn a_field_with_two_names_is_read_in_several_ways() {
        for (field, names) in [
            ("SAMUEL OYELARAN OR GRACE OYELARAN", &["SAMUEL OYELARAN", "GRACE OYELARAN"][..]),
            ("Helena Brandvold (née Kjelstrup)", &["Helena Brandvold", "Helena Kjelstrup", "Kjelstrup"]),
            ("Lucinda Marquand aka Lucy Tremayne", &["Lucinda Marquand", "Lucy Tremayne"]),
            ("Zelmora Shipping Services (Dubai Branch)", &["Zelmora Shipping Services"]),
            ("MT Corvane Spirit (ex Amberlythe)", &["MT Corvane Spirit", "MT Corvane Amberlythe", "Amberlythe"]),
            ("PAYMENT INV 12345 ZELMORA TRANS LLC", &["ZELMORA TRANS LLC"]),
            ("ZELMORA SHIPPING C/O CORVANE AIR", &["CORVANE AIR"]),
            ("ANNA EXAMPLE REF INV 81943 PO 12", &[]),
            ("ANNA EXAMPLE A/C 3478972464 HIGH STREET LONDON", &[]),
            ("Import and Export Company", &[]),
            ("Marks and Spencer", &[]),
            ("Anna Example", &[]),
        ] {
            assert_eq!(other_names_in_field(field), names, "{field}");
        }
    }
}
