//! Dates as lists know them: a year, perhaps a month, perhaps a day.

use serde::{Deserialize, Serialize};

/// A date of known precision. Month is 1..=12 and day 1..=31, or 0 where unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PartialDate {
    /// Four-digit year.
    pub year: u16,
    /// 1..=12, 0 = unknown.
    pub month: u8,
    /// 1..=31, 0 = unknown.
    pub day: u8,
}

impl PartialDate {
    /// Reads `1963`, `1963-05`, `1963-05-16` (also with `/` or `.`), `16/05/1963`, `19630516` and a trailing time part.
    /// `None` when no plausible year (1850 to 2100) is there.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().split(['T', ' ']).next()?;
        let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
        let number = |part: &str| part.parse::<u16>().ok();
        match parts.as_slice() {
            [all] if all.len() == 8 && all.is_ascii() => Self::checked(number(&all[..4])?, number(&all[4..6])?, number(&all[6..])?),
            [year] => Self::checked(number(year)?, 0, 0),
            [year, month] if year.len() == 4 => Self::checked(number(year)?, number(month)?, 0),
            [month, year] if year.len() == 4 => Self::checked(number(year)?, number(month)?, 0),
            [year, month, day] if year.len() == 4 => Self::checked(number(year)?, number(month)?, number(day)?),
            [day, month, year] if year.len() == 4 => Self::checked(number(year)?, number(month)?, number(day)?),
            _ => None,
        }
    }

    fn checked(year: u16, month: u16, day: u16) -> Option<Self> {
        let plausible = (1850..=2100).contains(&year) && month <= 12 && day <= 31;
        plausible.then_some(Self { year, month: month as u8, day: day as u8 })
    }

    /// Four bytes that [`Self::from_bits`] reads again; used by the index.
    pub fn to_bits(self) -> u32 {
        u32::from(self.year) << 16 | u32::from(self.month) << 8 | u32::from(self.day)
    }

    /// The inverse of [`Self::to_bits`].
    pub fn from_bits(bits: u32) -> Self {
        Self { year: (bits >> 16) as u16, month: (bits >> 8) as u8, day: bits as u8 }
    }
}

impl std::fmt::Display for PartialDate {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.month, self.day) {
            (0, _) => write!(out, "{:04}", self.year),
            (month, 0) => write!(out, "{:04}-{month:02}", self.year),
            (month, day) => write!(out, "{:04}-{month:02}-{day:02}", self.year),
        }
    }
}

impl From<PartialDate> for String {
    fn from(date: PartialDate) -> Self {
        date.to_string()
    }
}

impl TryFrom<String> for PartialDate {
    type Error = String;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or_else(|| format!("\"{text}\" is not a date: write it as YYYY, YYYY-MM or YYYY-MM-DD"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_with_the_precision_they_have() {
        for (text, expected) in [
            ("1963", "1963"),
            ("1963-05", "1963-05"),
            ("1963-05-16", "1963-05-16"),
            ("16/05/1963", "1963-05-16"),
            ("19630516", "1963-05-16"),
            ("1963-05-16T00:00:00Z", "1963-05-16"),
        ] {
            assert_eq!(PartialDate::parse(text).map(|date| date.to_string()).as_deref(), Some(expected), "{text}");
        }
        for nonsense in ["", "May", "19-5-16", "1963-13-01", "3", "1963-05-16-01"] {
            assert_eq!(PartialDate::parse(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn bits_round_trip() {
        let date = PartialDate::parse("1963-05-16").expect("a date");
        assert_eq!(PartialDate::from_bits(date.to_bits()), date);
    }
}
