//! Aligns two names token by token and scores how far they are the same: 0 to 1.
//!
//! Method: every pair of tokens, of glued neighbours and of an acronym with the words it stands for is an edge with a
//! similarity; the best edges are taken greedily; the score is the matched weight over the matched weight plus what was
//! left over on either side. Left over on both sides at once is a contradiction ("John SMITH" / "John BROWN") and costs more
//! than left over on one side (a missing middle name). Weights come from shipped tables, never from the list at hand.

use super::heard::Heard;
use super::mandarin::{is_mandarin_syllable, mandarin_similarity};
use super::scoring::score;
use super::similarity::{NEARLY_SOUNDS_ALIKE, is_cut_name, token_similarity};
use super::sound::skeleton;
use super::token::{Tag, Token, Vowels, join_to_a_word, joined_initials};
use crate::model::TokenMatch;

/// Whether two names are compared as names of people or of organisations: it decides what a word left over costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameShape {
    /// Middle names come and go.
    Person,
    /// Every telling word counts.
    Organisation,
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

/// Letters that words spell prove little: the search looks for an acronym only where a list gives it as a name.
const ACRONYM_SIMILARITY: f32 = 0.6;

/// Fewer letters written together must be the very word.
pub const GLUED_SPELLING_LETTERS_MIN: usize = 6;

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
        self.alignment.score = score(&self.alignment, party, listed, shape, cut);
        &self.alignment
    }

    fn find_edges(&mut self, party: &[Token<'_>], listed: &[Token<'_>], shape: NameShape, cut: bool) {
        self.edges.clear();
        let listed_heard: Vec<Heard<'_>> = listed.iter().map(|&token| Heard::new(token)).collect();
        for (i, &token) in party.iter().enumerate() {
            let heard_a = &Heard::new(token);
            for (j, heard_b) in listed_heard.iter().enumerate() {
                let (a, b) = (heard_a.token, heard_b.token);
                let found = token_similarity(heard_a, heard_b)
                    .filter(|(_, how)| match how {
                        TokenMatch::Nickname => shape == NameShape::Person,
                        TokenMatch::Translation => shape == NameShape::Organisation,
                        // `Sparta V` is not `Sparta VI`, nor `Lady R` `Lady Rose`.
                        TokenMatch::Initial if shape == NameShape::Organisation => i + 1 < party.len() && j + 1 < listed.len(),
                        _ => true,
                    })
                    .or_else(|| truncated(a, b, cut && i + 1 == party.len()));
                let found = found.or_else(|| (shape == NameShape::Person && party.len() > 1).then(|| cut_name(a, b)).flatten());
                let found = found.or_else(|| (shape == NameShape::Person).then(|| chinese(a, b)).flatten());
                if let Some((similarity, how)) = found {
                    self.edges.push(edge((i, 1), (j, 1), how, similarity, party, listed));
                }
            }
        }
        self.find_glued_edges(party, listed, shape, false);
        self.find_glued_edges(listed, party, shape, true);
        match shape {
            NameShape::Organisation => {
                self.find_acronym_edges(party, listed, false);
                self.find_acronym_edges(listed, party, true);
            }
            NameShape::Person => self.find_joined_initials(party, listed),
        }
    }

    /// Two or three neighbours of `apart`, written together, against one token of `whole`.
    fn find_glued_edges(&mut self, apart: &[Token<'_>], whole: &[Token<'_>], shape: NameShape, swapped: bool) {
        for start in 0..apart.len() {
            for count in 2..=3.min(apart.len() - start) {
                let parts = &apart[start..start + count];
                // The search looks for `IAC` of a party that writes `I A C`, not the other way round.
                let listed_letters = swapped && parts.iter().all(|part| part.tag == Tag::Initial);
                if listed_letters
                    || !join_to_a_word(parts)
                    || parts.last().is_some_and(|part| part.tag == Tag::Particle && !part.syllabic)
                    || parts.iter().any(|part| matches!(part.tag, Tag::LegalForm | Tag::Number))
                {
                    continue;
                }
                let length: usize = parts.iter().map(|part| part.text.len()).sum();
                let syllables = shape == NameShape::Person && is_written(parts) && parts.iter().all(|part| is_mandarin_syllable(part.text));
                for (j, token) in whole.iter().enumerate() {
                    // What is one of them already is not both together: `P Properties` is not `Properties` joined.
                    if parts.iter().any(|part| part.text == token.text) {
                        continue;
                    }
                    let vowels = parts.iter().map(|part| part.vowels).max().unwrap_or_default();
                    let vowelless = token.is_vowelless() || vowels == Vowels::Missing;
                    if token.tag == Tag::LegalForm {
                        continue;
                    }
                    self.glued.clear();
                    self.glued.extend(parts.iter().map(|part| part.text));
                    let chinese = syllables && is_written(&[*token]);
                    if let Some(similarity) = chinese.then(|| mandarin_similarity(&self.glued, token.text)).flatten() {
                        self.push_edge((start, count), (j, 1), similarity, apart, whole, swapped);
                        continue;
                    }
                    if !vowelless && token.text.len().abs_diff(length) > 1 {
                        continue;
                    }
                    let glued =
                        Token { text: &self.glued, tag: Tag::Word, weight: 100, vowels, syllabic: parts.iter().any(|part| part.syllabic) };
                    let whole_word = Token { tag: Tag::Word, ..*token };
                    let similarity = match token_similarity(&Heard::new(glued), &Heard::new(whole_word)) {
                        Some((similarity, _)) if glued.text == whole_word.text => similarity * 0.98,
                        Some((similarity, TokenMatch::Nickname)) => similarity * 0.98,
                        // The search knows glued words by their letters and consonants only.
                        Some((NEARLY_SOUNDS_ALIKE, TokenMatch::SpellingVariant)) if skeleton(glued.text) != skeleton(whole_word.text) => {
                            continue;
                        }
                        Some((similarity, TokenMatch::SpellingVariant | TokenMatch::Typo)) if length >= GLUED_SPELLING_LETTERS_MIN => {
                            similarity * 0.97
                        }
                        _ => continue,
                    };
                    self.push_edge((start, count), (j, 1), similarity, apart, whole, swapped);
                }
            }
        }
    }

    /// Words written together on one side.
    fn push_edge(
        &mut self,
        parts: (usize, usize),
        one: (usize, usize),
        similarity: f32,
        apart: &[Token<'_>],
        whole: &[Token<'_>],
        swapped: bool,
    ) {
        self.edges.push(match swapped {
            true => edge(one, parts, TokenMatch::Joined, similarity, whole, apart),
            false => edge(parts, one, TokenMatch::Joined, similarity, apart, whole),
        });
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
                        edge((start, letters.len()), (i, 1), TokenMatch::Abbreviation, ACRONYM_SIMILARITY, long, short)
                    } else {
                        edge((i, 1), (start, letters.len()), TokenMatch::Abbreviation, ACRONYM_SIMILARITY, short, long)
                    };
                    self.edges.push(found);
                }
            }
        }
    }

    /// `TE Wetherell` of a payment against `Thomas Edmund Wetherell`.
    fn find_joined_initials(&mut self, party: &[Token<'_>], listed: &[Token<'_>]) {
        let initials = joined_initials(party);
        for (i, token) in party.iter().enumerate().filter(|(i, _)| initials >> i & 1 == 1) {
            let letters = token.text.as_bytes();
            for (start, words) in listed.windows(letters.len()).enumerate() {
                let begins =
                    |(word, &letter): (&Token<'_>, &u8)| word.tag == Tag::Word && word.text.len() >= 3 && word.text.as_bytes()[0] == letter;
                if words.iter().zip(letters).all(begins) {
                    self.edges.push(edge((i, 1), (start, letters.len()), TokenMatch::Initial, 0.60, party, listed));
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

/// Whether one may be a pet name of the other, made by cutting it.
fn cut_name(a: Token<'_>, b: Token<'_>) -> Option<(f32, TokenMatch)> {
    let words = a.tag == Tag::Word && b.tag == Tag::Word && !a.is_vowelless() && !b.is_vowelless() && !a.syllabic && !b.syllabic;
    (words && is_cut_name(a.text, b.text)).then_some((0.80, TokenMatch::Nickname))
}

/// Whether the two are one Chinese name in the two spellings.
fn chinese(a: Token<'_>, b: Token<'_>) -> Option<(f32, TokenMatch)> {
    let similarity = if is_written(&[a, b]) { mandarin_similarity(a.text, b.text)? } else { return None };
    Some((similarity, TokenMatch::SpellingVariant))
}

/// Words as their owners write them, not read from another script.
fn is_written(tokens: &[Token<'_>]) -> bool {
    tokens.iter().all(|token| token.tag == Tag::Word && !token.syllabic && token.vowels == Vowels::Written)
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

pub(super) fn mask(at: (u8, u8)) -> u32 {
    ((1u64 << at.1) - 1) as u32 * (1 << at.0)
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
            ("Aziz Haqqani", "Abdul Aziz Haqqani"),
            ("Mao Tse-tung", "Mao Zedong"),
            ("HSU CHIH-MING", "Xu Zhiming"),
            ("Saif al-Din Harrani", "Saifuddin Harrani"),
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
            ("Ahmad bin Hasan al-Harrani", "Hasan bin Ahmad al-Harrani"),
            ("习近朋", "习近平"),
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
            ("SPARTA V", "Sparta VI"),
            ("LADY R", "Lady Rose"),
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
