//! Plain facts beside a name: age, birth date, ship number, who wants somebody, amounts of money.

use crate::model::{PartialDate, place};
use regex::Regex;
use std::sync::LazyLock;

#[allow(clippy::unwrap_used, reason = "constant patterns, compiled by every test")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap()
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

static AGE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?:,| \(|, aged| \(aged)\s*(\d{1,2})(?:,|\)|\.|;| and\b| years old|-year-old|$)"));
static AGE_BEFORE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(\d{1,2})-year-old (?:[\w'-]+ ){0,4}$"));
static BORN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:born|d\.?o\.?b\.?|date of birth|birth date|born on|родился|родилась)[\s:]*(?:on |in )?(?:(\d{1,2})(?:st|nd|rd|th)? ([a-z]{3})[a-z]*\.?,? (\d{4})|([a-z]{3})[a-z]*\.? (\d{1,2}),? (\d{4})|(\d{4})-(\d{2})-(\d{2})|(\d{1,2})[./](\d{1,2})[./](\d{4})|([a-z]{3})[a-z]*\.? (\d{4})|(\d{4}))",
    )
});
static SHIP_NUMBER: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^.{0,12}?\bIMO\b[\s:#]*(?:number |no\.? )?(\d{7})"));
static WANTED_BY: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bwanted (?:by|in) (?:the )?([^.;:]{2,120})"));
static AMOUNT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:US|C|A|HK|S|NZ)?[$€£¥₦₹₽]\s?\d[\d,.]*\d?(?:\s?(?:million|billion|trillion|thousand|crore|lakh|bn|m|k)\b)?|\b(?:N|R|Rs\.?|RM|USD|EUR|GBP|AED|CHF)\s?\d[\d,.]*(?:\s?(?:million|billion|trillion|crore|lakh|bn|m)\b)?|\b\d[\d,.]*\s?(?:million |billion |trillion |thousand |crore )?(?:dollars|euros|pounds|francs|kroner|kronor|rubles|roubles|yuan|rupees|reais|leva|pesos|rand|naira|shillings|dirhams|lira|hryvnias?|tenge|rials?|ringgit|baht|won|yen)\b",
    )
});

/// Age in years that stands right after a name, or right before it.
pub(super) fn age(before: &str, after: &str) -> Option<u8> {
    let found = AGE.captures(after).or_else(|| AGE_BEFORE.captures(before))?;
    found.get(1)?.as_str().parse().ok().filter(|age| (10..=99).contains(age))
}

/// A date of birth with where it stands.
pub(super) fn births(text: &str) -> Vec<(usize, PartialDate)> {
    let month = |name: &str| MONTHS.iter().position(|month| name.to_lowercase().starts_with(month)).map(|at| at + 1);
    let read = |found: &regex::Captures<'_>| {
        let part = |number: usize| found.get(number).map(|part| part.as_str());
        let written = match (part(1), part(4), part(7), part(10), part(13), part(15)) {
            (Some(day), ..) => format!("{}-{:02}-{day:0>2}", part(3)?, month(part(2)?)?),
            (_, Some(name), ..) => format!("{}-{:02}-{:0>2}", part(6)?, month(name)?, part(5)?),
            (_, _, Some(year), ..) => format!("{year}-{}-{}", part(8)?, part(9)?),
            (_, _, _, Some(day), ..) => format!("{}-{:0>2}-{day:0>2}", part(12)?, part(11)?),
            (_, _, _, _, Some(name), _) => format!("{}-{:02}", part(14)?, month(name)?),
            (.., Some(year)) => year.to_owned(),
            _ => return None,
        };
        PartialDate::parse(&written)
    };
    BORN.captures_iter(text).filter_map(|found| Some((found.get(0)?.start(), read(&found)?))).collect()
}

/// The IMO number of a ship, seven digits, right after its name.
pub(super) fn ship_number(after: &str) -> Option<&str> {
    SHIP_NUMBER.captures(after)?.get(1).map(|number| number.as_str())
}

/// Countries that want somebody, two-letter codes, from a sentence in lower case.
pub(super) fn wanted_by(lower: &str) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    for found in WANTED_BY.captures_iter(lower).filter_map(|found| found.get(1)) {
        let words: Vec<&str> = found.as_str().split([' ', ',']).filter(|word| !word.is_empty()).collect();
        let mut at = 0;
        while at < words.len() && !matches!(words[at], "on" | "for" | "over" | "since" | "after" | "who" | "to" | "as") {
            let length = (1..=3).rev().find(|length| at + length <= words.len() && place(&words[at..at + length].join(" ")).is_some());
            if let Some(code) = length.and_then(|length| place(&words[at..at + length].join(" "))).map(|(_, code)| code.to_owned())
                && !codes.contains(&code)
            {
                codes.push(code);
            }
            at += length.unwrap_or(1);
        }
    }
    codes
}

/// Most amounts kept of one text.
const AMOUNTS_MAX: usize = 20;

/// Amounts of money as written, without repeats.
pub(super) fn amounts(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for amount in AMOUNT.find_iter(text).map(|amount| amount.as_str().trim_end_matches(['.', ','])) {
        if !found.iter().any(|known| known == amount) && found.len() < AMOUNTS_MAX {
            found.push(amount.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_births_ships_and_amounts() {
        assert_eq!(age("", ", 58, who worked"), Some(58));
        assert_eq!(age("the 44-year-old businessman ", " left"), Some(44));
        assert_eq!(age("", ", 2019, he"), None);
        for (text, date) in [
            ("born April 14, 1969, has", "1969-04-14"),
            ("(born 3 May 1970)", "1970-05-03"),
            ("DOB: 1970-05-03", "1970-05-03"),
            ("date of birth 03.05.1970", "1970-05-03"),
            ("born in 1961 in", "1961"),
        ] {
            assert_eq!(births(text).first().map(|(_, date)| date.to_string()), Some(date.to_owned()), "{text}");
        }
        assert_eq!(ship_number(" (IMO 9254321) is"), Some("9254321"));
        assert_eq!(
            amounts("some $5 billion and N3.2 billion, 5 million Swiss, 30 million leva, $5 billion"),
            ["$5 billion", "N3.2 billion", "30 million leva"]
        );
    }

    #[test]
    fn whoever_wants_somebody_is_a_country() {
        assert_eq!(wanted_by("who is wanted by kazakhstan, russia, and ukraine on suspicion of"), ["kz", "ru", "ua"]);
        assert_eq!(wanted_by("wanted in the united states for fraud in france"), ["us"]);
    }
}
