//! Puts a verdict into structured evidence and one sentence. Rendered for hits only: it costs microseconds.

use super::judge::{Verdict, align, round};
use crate::model::{
    Accusation, AlertEntity, DocumentEvidence, EntityRole, Evidence, FactEvidence, NameClass, NameEvidence, Party, TokenEvidence,
    TokenMatch,
};
use crate::names::{Comparer, Name, Pairing, Tag};

/// Why the verdict is what it is.
pub(super) fn evidence(comparer: &mut Comparer, party: &Party, entity: &AlertEntity, verdict: &Verdict) -> Evidence {
    let (mine, listed, alignment) = align(comparer, party, entity, verdict);
    let total: f32 = alignment.pairs.iter().map(|pair| pair.weight).sum();
    let tokens = alignment
        .pairs
        .iter()
        .map(|pair: &Pairing| TokenEvidence {
            party: words(&mine, pair.party),
            listed: words(&listed, pair.listed),
            how: pair.how,
            similarity: round(pair.similarity),
            weight: round(pair.weight / total),
        })
        .collect();
    let form = entity.names.get(verdict.form);
    Evidence {
        name: NameEvidence {
            listed: form.map_or_else(String::new, |form| form.text.clone()),
            class: verdict.class,
            score: round(verdict.name_score),
            tokens,
            only_party: left_over(&mine, alignment.party_left),
            only_listed: left_over(&listed, alignment.listed_left),
        },
        facts: verdict.facts.iter().map(|fact| FactEvidence { effect: round(fact.effect), ..fact.clone() }).collect(),
        document: entity.role.zip(entity.quote.clone()).map(|(role, quote)| DocumentEvidence {
            role,
            quote,
            accusation: entity.accusation.clone(),
        }),
    }
}

/// The evidence as one sentence for someone who decides on a payment.
pub(super) fn sentence(party: &Party, entity: &AlertEntity, evidence: &Evidence) -> String {
    let name = &evidence.name;
    let class = match name.class {
        NameClass::Name => "the listed name",
        NameClass::Alias => "the listed alias",
        NameClass::Previous => "the listed former name",
        NameClass::WeakAlias => "the listed weak alias",
        NameClass::Text => "the text of an alert, which says",
    };
    let mut text = format!("\"{}\" {} {class} \"{}\"", party.name.trim(), how_alike(name), name.listed);
    if name.listed != entity.caption() {
        text.push_str(&format!(" of {}", entity.caption()));
    }
    text.push_str(&format!(" (list {})", entity.list));
    for token in name.tokens.iter().filter(|token| token.how != TokenMatch::Same && token.how != TokenMatch::LegalForm) {
        text.push_str(&format!("; {} {} {}", token.party, match_words(token.how), token.listed));
    }
    if !name.only_party.is_empty() {
        text.push_str(&format!("; not on the list: {}", name.only_party.join(" ")));
    }
    if !name.only_listed.is_empty() {
        text.push_str(&format!("; not in the event: {}", name.only_listed.join(" ")));
    }
    for fact in &evidence.facts {
        text.push_str(&format!("; {} ({} / {})", fact.how, fact.party, fact.listed));
    }
    if let Some(document) = &evidence.document {
        text.push_str(&format!("; {}{} in: '{}'", role_words(document.role), accusation_words(&document.accusation), document.quote));
    }
    text.push('.');
    text
}

fn how_alike(name: &NameEvidence) -> &'static str {
    let all_same = name.tokens.iter().all(|token| matches!(token.how, TokenMatch::Same | TokenMatch::LegalForm));
    match (name.tokens.is_empty(), all_same && name.only_party.is_empty() && name.only_listed.is_empty()) {
        (true, _) => "has nothing in common with",
        (_, true) => "has the same words as",
        _ => "resembles",
    }
}

fn match_words(how: TokenMatch) -> &'static str {
    match how {
        TokenMatch::Same => "is",
        TokenMatch::Typo => "may be a misspelling of",
        TokenMatch::SpellingVariant => "is another spelling of",
        TokenMatch::Nickname => "stands for",
        TokenMatch::Initial => "is an initial that fits",
        TokenMatch::Truncated => "is cut off from",
        TokenMatch::Joined => "is written together or apart as",
        TokenMatch::Abbreviation => "abbreviates",
        TokenMatch::Translation => "means the same as",
        TokenMatch::LegalForm => "is the legal form",
    }
}

/// ` (embezzlement, murder; convicted in absentia; wanted by kz, ru)`, or nothing.
fn accusation_words(accusation: &Accusation) -> String {
    let mut parts = Vec::new();
    if !accusation.offences.is_empty() {
        parts.push(accusation.offences.join(", "));
    }
    if let Some(stage) = accusation.stage {
        parts.push(format!("{}{}", stage.as_str(), if accusation.in_absentia { " in absentia" } else { "" }));
    }
    if !accusation.wanted_by.is_empty() {
        parts.push(format!("wanted by {}", accusation.wanted_by.join(", ")));
    }
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join("; ")) }
}

fn role_words(role: EntityRole) -> &'static str {
    match role {
        EntityRole::Subject => "named as the subject of the alert",
        EntityRole::Associate => "named as an associate",
        EntityRole::Victim => "named as a victim",
        EntityRole::Official => "named as an official",
        EntityRole::Lawyer => "named as a lawyer",
        EntityRole::Witness => "named as a witness",
        EntityRole::Media => "named as a news source",
        EntityRole::Platform => "named as a platform",
        EntityRole::Pep => "named as a politically exposed person",
        EntityRole::Employer => "named as an employer",
        EntityRole::Place => "named as a place",
        EntityRole::Mentioned => "mentioned",
    }
}

fn words(name: &Name, (first, count): (u8, u8)) -> String {
    let tokens: Vec<&str> = name.tokens().skip(usize::from(first)).take(usize::from(count)).map(|token| token.text).collect();
    tokens.join(" ")
}

fn left_over(name: &Name, left: u32) -> Vec<String> {
    name.tokens()
        .enumerate()
        .filter(|(index, token)| left >> index & 1 == 1 && !matches!(token.tag, Tag::LegalForm | Tag::Honorific))
        .map(|(_, token)| token.text.to_owned())
        .collect()
}
