//! Aligns two names token by token and scores how far they are the same: 0 to 1.
//!
//! Method: every pair of tokens, of glued neighbours and of an acronym with the words it stands for is an edge with a
//! similarity; the best edges are taken greedily; the score is the matched weight over the matched weight plus what was
//! left over on either side. Left over on both sides at once is a contradiction ("John SMITH" / "John BROWN") and costs more
//! than left over on one side (a missing middle name). Weights come from shipped tables, never from the list at hand.

use super::similarity::{is_cut_name, is_near_legal_word, token_similarity};
use super::tables::is_known_name;
use super::token::{Tag, Token};
use crate::model::TokenMatch;

/// Whether two names are compared as names of people or of organisations: it decides what a word left over costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameShape {
    /// Middle names come and go.
    Person,
    /// Every telling word counts.
    Organisation,
}

struct Costs {
    /// Of a unit of weight that only the party has.
    only_party: f32,
    /// Of a unit of weight that only the list has.
    only_listed: f32,
    /// More, of what is left over on both sides at once.
    contradiction: f32,
    /// Factor when the end moved to the front.
    rotated: f32,
    /// Factor for any other order.
    mixed: f32,
}

impl NameShape {
    fn costs(self) -> Costs {
        match self {
            Self::Person => Costs { only_party: 0.55, only_listed: 0.42, contradiction: 1.0, rotated: 0.99, mixed: 0.92 },
            Self::Organisation => Costs { only_party: 0.75, only_listed: 0.65, contradiction: 0.60, rotated: 0.98, mixed: 0.96 },
        }
    }
}

/// Tokens `party.0..party.0 + party.1` met tokens `listed.0..listed.0 + listed.1`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pairing {
    /// First token and token count on the party's side.
    pub party: (u8, u8),
    /// First token and token count on the list's side.
    pub listed: (u8, u8),
    /// How they met.
    pub how: TokenMatch,
    /// 0 to 1.
    pub similarity: f32,
    /// Weight in the score, in rare words.
    pub weight: f32,
}

/// The result of one comparison.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Alignment {
    /// 0 to 1.
    pub score: f32,
    /// What met what, best first.
    pub pairs: Vec<Pairing>,
    /// Bit i is set when token i of the party met nothing.
    pub party_left: u32,
    /// Bit j is set when token j of the list met nothing.
    pub listed_left: u32,
}

/// Compares names, reusing its memory.
#[derive(Debug, Default)]
pub struct Comparer {
    edges: Vec<Pairing>,
    glued: String,
    alignment: Alignment,
}

/// A payment field of 35 characters cuts names; a name this long may lack its end.
const CUT_LENGTHS: std::ops::RangeInclusive<usize> = 33..=35;

impl Comparer {
    /// Whether a name as written may have been cut at the end of a 35-character field.
    pub fn may_be_cut(raw: &str) -> bool {
        CUT_LENGTHS.contains(&raw.trim().chars().count())
    }

    /// Compares two names of at most [`super::Name::TOKENS_MAX`] tokens. `cut`: the party's name may lack its end.
    pub fn compare(&mut self, party: &[Token<'_>], listed: &[Token<'_>], shape: NameShape, cut: bool) -> &Alignment {
        let (party, listed) = (Shaped::new(party, shape), Shaped::new(listed, shape));
        let (party, listed) = (party.tokens(), listed.tokens());
        self.find_edges(party, listed, shape, cut);
        self.take_best_edges(party, listed);
        self.alignment.score = self.score(party, listed, shape, cut);
        &self.alignment
    }

    fn find_edges(&mut self, party: &[Token<'_>], listed: &[Token<'_>], shape: NameShape, cut: bool) {
        self.edges.clear();
        for (i, &a) in party.iter().enumerate() {
            for (j, &b) in listed.iter().enumerate() {
                let found = token_similarity(a, b)
                    .filter(|(_, how)| *how != TokenMatch::Nickname || shape == NameShape::Person)
                    .or_else(|| truncated(a, b, cut && i + 1 == party.len()));
                let found = found.or_else(|| (shape == NameShape::Person && party.len() > 1).then(|| cut_name(a, b)).flatten());
                if let Some((similarity, how)) = found {
                    self.edges.push(edge((i, 1), (j, 1), how, similarity, party, listed));
                }
            }
        }
        self.find_glued_edges(party, listed, false);
        self.find_glued_edges(listed, party, true);
        match shape {
            NameShape::Organisation => {
                self.find_acronym_edges(party, listed, false);
                self.find_acronym_edges(listed, party, true);
            }
            NameShape::Person => {
                self.find_joined_initials(party, listed, false);
                self.find_joined_initials(listed, party, true);
            }
        }
    }

    /// Two or three neighbours of `apart`, written together, against one token of `whole`.
    fn find_glued_edges(&mut self, apart: &[Token<'_>], whole: &[Token<'_>], swapped: bool) {
        for start in 0..apart.len() {
            for count in 2..=3.min(apart.len() - start) {
                let parts = &apart[start..start + count];
                if parts.iter().any(|part| matches!(part.tag, Tag::LegalForm | Tag::Number)) {
                    continue;
                }
                let length: usize = parts.iter().map(|part| part.text.len()).sum();
                for (j, token) in whole.iter().enumerate() {
                    let vowelless = token.vowelless || parts.iter().any(|part| part.vowelless);
                    if token.tag == Tag::LegalForm || !vowelless && token.text.len().abs_diff(length) > 1 || length < 4 {
                        continue;
                    }
                    self.glued.clear();
                    self.glued.extend(parts.iter().map(|part| part.text));
                    let glued = Token {
                        text: &self.glued,
                        tag: Tag::Word,
                        weight: 100,
                        vowelless: parts.iter().any(|part| part.vowelless),
                        syllabic: parts.iter().any(|part| part.syllabic),
                    };
                    let whole_word = Token { tag: Tag::Word, ..*token };
                    let similarity = match token_similarity(glued, whole_word) {
                        Some((similarity, _)) if glued.text == whole_word.text => similarity * 0.98,
                        Some((similarity, TokenMatch::Nickname)) => similarity * 0.98,
                        Some((similarity, TokenMatch::SpellingVariant | TokenMatch::Typo)) if length >= 6 => similarity * 0.97,
                        _ => continue,
                    };
                    let found = if swapped {
                        edge((j, 1), (start, count), TokenMatch::Joined, similarity, whole, apart)
                    } else {
                        edge((start, count), (j, 1), TokenMatch::Joined, similarity, apart, whole)
                    };
                    self.edges.push(found);
                }
            }
        }
    }

    /// One token of three to six letters against the first letters of as many words.
    fn find_acronym_edges(&mut self, short: &[Token<'_>], long: &[Token<'_>], swapped: bool) {
        for (i, token) in short.iter().enumerate() {
            let letters = token.text.as_bytes();
            if token.tag != Tag::Word || !(3..=6).contains(&letters.len()) || long.len() < letters.len() {
                continue;
            }
            for start in 0..=long.len() - letters.len() {
                let words = &long[start..start + letters.len()];
                let spelled = words
                    .iter()
                    .zip(letters)
                    .all(|(word, &letter)| word.text.as_bytes()[0] == letter && matches!(word.tag, Tag::Word | Tag::Generic));
                if spelled {
                    let found = if swapped {
                        edge((start, letters.len()), (i, 1), TokenMatch::Abbreviation, 0.85, long, short)
                    } else {
                        edge((i, 1), (start, letters.len()), TokenMatch::Abbreviation, 0.85, short, long)
                    };
                    self.edges.push(found);
                }
            }
        }
    }

    /// `TE Wetherell` against `Thomas Edmund Wetherell`: two or three letters that are no name.
    fn find_joined_initials(&mut self, short: &[Token<'_>], long: &[Token<'_>], swapped: bool) {
        for (i, token) in short.iter().enumerate() {
            let letters = token.text.as_bytes();
            if token.tag != Tag::Word || !(2..=3).contains(&letters.len()) || token.syllabic || is_known_name(token.text) {
                continue;
            }
            for (start, words) in long.windows(letters.len()).enumerate() {
                let begins =
                    |(word, &letter): (&Token<'_>, &u8)| word.tag == Tag::Word && word.text.len() >= 3 && word.text.as_bytes()[0] == letter;
                if words.iter().zip(letters).all(begins) {
                    let count = letters.len();
                    self.edges.push(if swapped {
                        edge((start, count), (i, 1), TokenMatch::Initial, 0.60, long, short)
                    } else {
                        edge((i, 1), (start, count), TokenMatch::Initial, 0.60, short, long)
                    });
                }
            }
        }
    }

    fn take_best_edges(&mut self, party: &[Token<'_>], listed: &[Token<'_>]) {
        // Letters that spell an acronym are taken only from words that met nothing better.
        let worth = |edge: &Pairing| match edge.how {
            TokenMatch::Abbreviation if edge.party.1 + edge.listed.1 > 2 => 0.01 * edge.weight,
            _ => edge.similarity * edge.similarity * edge.weight,
        };
        let distance = |edge: &Pairing| edge.party.0.abs_diff(edge.listed.0);
        self.edges.sort_unstable_by(|a, b| {
            worth(b).total_cmp(&worth(a)).then(distance(a).cmp(&distance(b))).then((a.party, a.listed).cmp(&(b.party, b.listed)))
        });
        let alignment = &mut self.alignment;
        alignment.pairs.clear();
        alignment.party_left = mask((0, party.len() as u8));
        alignment.listed_left = mask((0, listed.len() as u8));
        for edge in &self.edges {
            let (on_party, on_listed) = (mask(edge.party), mask(edge.listed));
            if alignment.party_left & on_party == on_party && alignment.listed_left & on_listed == on_listed {
                alignment.party_left &= !on_party;
                alignment.listed_left &= !on_listed;
                alignment.pairs.push(*edge);
            }
        }
    }

    fn score(&self, party: &[Token<'_>], listed: &[Token<'_>], shape: NameShape, cut: bool) -> f32 {
        let alignment = &self.alignment;
        let costs = shape.costs();
        let (mut matched, mut weight, mut told) = (0.0, 0.0, 0.0);
        let (mut telling_pairs, mut full_words, mut inexact, mut nicknames) = (0, 0, 0, 0);
        for pair in &alignment.pairs {
            matched += pair.weight * pair.similarity;
            weight += pair.weight;
            let (tag, party_tag) = (telling_tag(listed, pair.listed), telling_tag(party, pair.party));
            if tag == Tag::Initial || party_tag == Tag::Initial {
                // `Michael K. Simpson` is not Kimberly Simpson: an initial proves nothing while a name on its side is left over.
                let (left, tokens) = if tag == Tag::Initial { (alignment.listed_left, listed) } else { (alignment.party_left, party) };
                if tag != party_tag && has_word_left(tokens, left) {
                    matched -= pair.weight * pair.similarity * INITIAL_UNPROVEN;
                    continue;
                }
            }
            if matches!(tag, Tag::Word | Tag::Number | Tag::Generic | Tag::Initial) {
                told += pair.weight * pair.similarity;
                telling_pairs += pair.party.1.max(pair.listed.1);
                let is_initial = pair.how == TokenMatch::Initial;
                full_words += u8::from(!is_initial && tag != Tag::Generic);
                match pair.how {
                    TokenMatch::Typo | TokenMatch::SpellingVariant if pair.similarity < 0.95 => inexact += 1,
                    // Written together and misspelled at once: as many words as were joined.
                    TokenMatch::Joined if pair.similarity < 0.95 => inexact += pair.party.1.max(pair.listed.1),
                    TokenMatch::Nickname => nicknames += 1,
                    _ => {}
                }
            }
        }
        if weight == 0.0 || told == 0.0 {
            return 0.0;
        }
        let listed_left = alignment.listed_left & !cut_off(alignment, party.len(), cut);
        let mut left_party = left_over(party, alignment.party_left);
        let mut left_listed = left_over(listed, listed_left);
        if shape == NameShape::Organisation {
            left_party -= misspelled_forms(party, alignment.party_left);
            left_listed -= misspelled_forms(listed, listed_left);
        } else {
            left_party -= left_kunya(party, alignment.party_left);
            left_listed -= left_kunya(listed, listed_left);
            // Three names or more in order, and one side has some more: middle names are dropped.
            if telling_pairs >= 3 && left_party.min(left_listed) < 0.1 && order(&alignment.pairs) == Order::Same {
                left_party *= 0.6;
                left_listed *= 0.6;
            }
        }
        let mut score = matched
            / (weight
                + costs.only_party * left_party
                + costs.only_listed * left_listed
                + costs.contradiction * left_party.min(left_listed));
        score *= match order(&alignment.pairs) {
            Order::Same => 1.0,
            Order::Rotated => costs.rotated,
            Order::Mixed => costs.mixed,
        };
        let numbers = (has_left(party, alignment.party_left, is_number), has_left(listed, alignment.listed_left, is_number));
        // `Star 2` is not `Star`; but a person may be the second of his name without saying so.
        if numbers.0 && numbers.1 || shape == NameShape::Organisation && (numbers.0 || numbers.1) {
            score *= 0.75;
        }
        if has_left(party, alignment.party_left, is_generation) && has_left(listed, alignment.listed_left, is_generation) {
            score *= 0.75;
        }
        // One common word proves nothing where either side has more to say.
        let tells_more = telling_count(party).max(telling_count(listed)) >= 2;
        if tells_more && (telling_pairs < 2 || full_words == 0) {
            let cut_short = cut && alignment.party_left == 0;
            let whole = cut_short || shape == NameShape::Organisation && left_party + left_listed < 0.75 * told;
            score *= if whole { 0.97 } else { 0.70 };
        }
        // Every further word that only resembles makes a chance resemblance likelier; most of all where it is the only word.
        if inexact > 0 && telling_pairs == inexact + nicknames {
            let letters = party.iter().map(|token| token.text.len()).max().unwrap_or(0);
            score *= match (telling_pairs, nicknames, letters) {
                (2.., 0, _) => 0.95,
                (2.., ..) => 0.88,
                (_, _, 8..) => 0.94,
                _ => 0.86,
            };
        }
        if nicknames > 0 {
            // A pet name of every word, or of one beside a name left over, is more likely somebody else's.
            let all = nicknames >= 2 && telling_pairs == nicknames;
            let left = has_word_left(party, alignment.party_left) || has_word_left(listed, listed_left);
            score *= if all { 0.85 } else { 1.0 } * if left { 0.95 } else { 1.0 };
        }
        // How much was told at all: two rare words tell more than one frequent one.
        score * (1.0 - 0.34 * f32::exp(-1.5 * told))
    }
}

/// Share of an initial's worth that is taken back when it proves nothing.
const INITIAL_UNPROVEN: f32 = 0.6;

fn has_word_left(tokens: &[Token<'_>], left: u32) -> bool {
    tokens.iter().enumerate().any(|(index, token)| left >> index & 1 == 1 && token.tag == Tag::Word && token.weight >= 50)
}

/// Tokens as they count for one shape of name: a title in front is a word of a company's name (`Arch Consulting`).
struct Shaped<'t, 'a> {
    plain: &'t [Token<'a>],
    changed: Option<Vec<Token<'a>>>,
}

impl<'t, 'a> Shaped<'t, 'a> {
    fn new(plain: &'t [Token<'a>], shape: NameShape) -> Self {
        let has_titles = shape == NameShape::Organisation && plain.iter().any(|token| token.tag == Tag::Honorific);
        let as_word = |token: &Token<'a>| if token.tag == Tag::Honorific { Token { tag: Tag::Word, weight: 60, ..*token } } else { *token };
        Self { plain, changed: has_titles.then(|| plain.iter().map(as_word).collect()) }
    }

    fn tokens(&self) -> &[Token<'a>] {
        self.changed.as_deref().unwrap_or(self.plain)
    }
}

/// Weight to take back from words left over that are a legal form, or a word of a long one, misspelled.
fn misspelled_forms(tokens: &[Token<'_>], left: u32) -> f32 {
    let left_words =
        tokens.iter().enumerate().filter(|(index, token)| left >> index & 1 == 1 && token.tag == Tag::Word && token.weight >= 50);
    left_words.filter(|(index, token)| *index > 0 && is_near_legal_word(token.text)).map(|(_, token)| token.share() * 0.9).sum()
}

/// Whether one may be a pet name of the other, made by cutting it.
fn cut_name(a: Token<'_>, b: Token<'_>) -> Option<(f32, TokenMatch)> {
    let words = a.tag == Tag::Word && b.tag == Tag::Word && !a.vowelless && !b.vowelless && !a.syllabic && !b.syllabic;
    (words && is_cut_name(a.text, b.text)).then_some((0.80, TokenMatch::Nickname))
}

/// Whether the two may be the same word cut at the end of a field.
fn truncated(a: Token<'_>, b: Token<'_>, at_end: bool) -> Option<(f32, TokenMatch)> {
    let is_cut = at_end && b.text.len() > a.text.len() && b.text.starts_with(a.text) && b.tag != Tag::LegalForm;
    is_cut.then_some((0.90, TokenMatch::Truncated))
}

fn edge(
    party_at: (usize, usize),
    listed_at: (usize, usize),
    how: TokenMatch,
    similarity: f32,
    party: &[Token<'_>],
    listed: &[Token<'_>],
) -> Pairing {
    let sum = |tokens: &[Token<'_>], at: (usize, usize)| tokens[at.0..at.0 + at.1].iter().map(Token::share).sum::<f32>();
    Pairing {
        party: (party_at.0 as u8, party_at.1 as u8),
        listed: (listed_at.0 as u8, listed_at.1 as u8),
        how,
        similarity,
        weight: (sum(party, party_at) + sum(listed, listed_at)) / 2.0,
    }
}

/// What kind of words met: of several, the kind that tells most (`van den Broecke` is a word, not a particle).
fn telling_tag(tokens: &[Token<'_>], at: (u8, u8)) -> Tag {
    let tags = tokens[usize::from(at.0)..usize::from(at.0 + at.1)].iter().map(|token| token.tag);
    let tells = |tag: &Tag| match tag {
        Tag::Word => 4,
        Tag::Generic => 3,
        Tag::Number => 2,
        Tag::Initial => 1,
        Tag::LegalForm | Tag::Honorific | Tag::Particle => 0,
    };
    tags.max_by_key(tells).unwrap_or(Tag::Word)
}

fn mask(at: (u8, u8)) -> u32 {
    ((1u64 << at.1) - 1) as u32 * (1 << at.0)
}

fn left_over(tokens: &[Token<'_>], left: u32) -> f32 {
    tokens.iter().enumerate().filter(|(index, _)| left >> index & 1 == 1).map(|(_, token)| token.share()).sum()
}

fn has_left(tokens: &[Token<'_>], left: u32, is: fn(&Token<'_>) -> bool) -> bool {
    tokens.iter().enumerate().any(|(index, token)| left >> index & 1 == 1 && is(token))
}

fn is_number(token: &Token<'_>) -> bool {
    token.tag == Tag::Number
}

/// Father and son: `Jr.` against `Sr.` or `III`.
fn is_generation(token: &Token<'_>) -> bool {
    matches!(token.text, "jr" | "jnr" | "junior" | "sr" | "snr" | "senior" | "2" | "3" | "4")
}

/// Weight to take back from a kunya that only one side has: `Abu Yazan Mustafa al-Khattabi` signs as Mustafa al-Khattabi.
fn left_kunya(tokens: &[Token<'_>], left: u32) -> f32 {
    let is_left = |index: usize| left >> index & 1 == 1;
    let starts = |token: &Token<'_>| matches!(token.text, "abu" | "abou" | "aboo" | "umm" | "oum");
    let kunyas = tokens.windows(2).enumerate().filter(|(index, pair)| starts(&pair[0]) && is_left(*index) && is_left(index + 1));
    kunyas.map(|(_, pair)| 0.7 * (pair[0].share() + pair[1].share())).sum()
}

fn telling_count(tokens: &[Token<'_>]) -> usize {
    tokens.iter().filter(|token| matches!(token.tag, Tag::Word | Tag::Generic)).count()
}

/// How the words of one side stand against those of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Same,
    /// The end moved to the front, as in `SURNAME, Given`.
    Rotated,
    Mixed,
}

fn order(pairs: &[Pairing]) -> Order {
    let mut places = [(0u8, 0u8); 32];
    let count = pairs.len().min(places.len());
    for (place, pair) in places.iter_mut().zip(pairs) {
        *place = (pair.party.0, pair.listed.0);
    }
    let places = &mut places[..count];
    places.sort_unstable();
    let descents = (0..count).filter(|&at| places[at].1 > places[(at + 1) % count].1).count();
    match descents {
        0 | 1 if count < 2 || places[0].1 < places[count - 1].1 => Order::Same,
        0 | 1 => Order::Rotated,
        _ => Order::Mixed,
    }
}

/// Listed tokens behind the one that the party's last token met: a cut-off name lacks just those.
fn cut_off(alignment: &Alignment, party_tokens: usize, cut: bool) -> u32 {
    let last = alignment.pairs.iter().find(|pair| usize::from(pair.party.0 + pair.party.1) == party_tokens);
    match last {
        Some(pair) if cut => !mask((0, pair.listed.0 + pair.listed.1)),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::Name;
    use proptest::prelude::*;

    fn score(a: &str, b: &str, shape: NameShape) -> f32 {
        let (party, listed) = (Name::new(a), Name::new(b));
        let (party, listed): (Vec<_>, Vec<_>) = (party.tokens().collect(), listed.tokens().collect());
        Comparer::default().compare(&party, &listed, shape, Comparer::may_be_cut(a)).score
    }

    #[test]
    fn people_who_are_the_same() {
        for (a, b) in [
            ("ABLYAZOV MUKHTAR", "Mukhtar Ablyazov"),
            ("Mukhtar Kabulovich Ablyazov", "Mukhtar Ablyazov"),
            ("Мухтар Аблязов", "Mukhtar Ablyazov"),
            ("MR MUKHTAR ABLIAZOV", "Mukhtar Ablyazov"),
            ("M. Ablyazov", "Mukhtar Ablyazov"),
            ("Mohamed Al Fayed", "Muhammad al-Fayid"),
            ("Abd al-Rahman Yasin", "Abdurahman Yassin"),
            ("Alizeaiter", "Ali ZEAITER"),
            ("Bill Browder", "William Browder"),
            ("محمد حسين", "Muhammad Hussein"),
            ("Khaslid Shaikh MOHAMMDE", "Khalid Shaikh MOHAMMED"),
        ] {
            assert!(score(a, b, NameShape::Person) >= 0.70, "{a} / {b}: {}", score(a, b, NameShape::Person));
        }
    }

    #[test]
    fn people_who_are_not() {
        for (a, b) in [
            ("Mukhtar Ablyazov", "Mukhtar Ashrafi"),
            ("John Smith", "Mukhtar Ablyazov"),
            ("Ablyazov", "Mukhtar Ablyazov"),
            ("Kazakhstan", "Democratic Choice of Kazakhstan"),
            ("Mohamed Ali", "Mohamed Hassan Omar"),
            ("Chun LI", "Chun ZHANG"),
        ] {
            assert!(score(a, b, NameShape::Person) < 0.70, "{a} / {b}: {}", score(a, b, NameShape::Person));
        }
    }

    #[test]
    fn organisations() {
        for (a, b) in [
            ("OOO Transservis", "Transservis, Limited Liability Company"),
            ("CHINA NATIONAL OFFSHORE OIL CORPORA", "CHINA NATIONAL OFFSHORE OIL CORPORATION"),
            ("SPACE RESEARCH CENTER IRAN", "IRAN SPACE RESEARCH CENTER"),
            ("PETRO IRAN DEVELOPMENT COMPANY", "PETROIRAN DEVELOPMENT COMPANY"),
        ] {
            assert!(score(a, b, NameShape::Organisation) >= 0.70, "{a} / {b}: {}", score(a, b, NameShape::Organisation));
        }
        for (a, b) in [
            ("11420 CORP", "CORP"),
            ("Auverland International Trading Co Ltd", "Rahimi International Trading Co Ltd"),
            ("Mathews Oil and Gas Services Company", "Persia Oil and Gas Services Company"),
        ] {
            assert!(score(a, b, NameShape::Organisation) < 0.70, "{a} / {b}: {}", score(a, b, NameShape::Organisation));
        }
    }

    proptest! {
        #[test]
        fn any_text_scores_between_0_and_1(a in "\\PC{0,40}", b in "\\PC{0,40}") {
            for shape in [NameShape::Person, NameShape::Organisation] {
                let score = score(&a, &b, shape);
                prop_assert!((0.0..=1.0).contains(&score), "{score}");
            }
        }

        #[test]
        fn case_does_not_matter(a in "[A-Za-z]{2,10} [A-Za-z]{2,10}", b in "[A-Za-z]{2,10} [A-Za-z]{2,10}") {
            prop_assert_eq!(score(&a, &b, NameShape::Person), score(&a.to_uppercase(), &b.to_lowercase(), NameShape::Person));
        }
    }
}
