//! Word lists of the alert reader. Source: everyday English of news agencies; our own selection.

/// Lower-case words that may stand inside a personal name.
#[rustfmt::skip]
pub(super) const PARTICLES: &[&str] = &[
    "de", "del", "della", "di", "da", "dos", "van", "von", "der", "den", "bin", "ben", "ibn", "bint", "al", "el", "la", "le",
    "ter", "zu", "y",
];

/// Words that join the parts of an organisation's name.
#[rustfmt::skip]
pub(super) const JOINERS: &[&str] = &[
    "of", "for", "and", "the", "de", "des", "du", "&",
];

/// Last or first words of organisation names.
#[rustfmt::skip]
pub(super) const ORGANISATION_WORDS: &[&str] = &[
    "bank", "court", "ministry", "office", "agency", "committee", "commission", "council", "company", "corporation", "group",
    "holding", "holdings", "party", "movement", "association", "union", "university", "police", "service", "bureau", "department",
    "fund", "foundation", "institute", "federation", "league", "front", "army", "brigade", "trust", "partners", "industries",
    "airlines", "shipping", "trading", "tribunal", "directorate", "authority", "center", "centre", "choice", "cartel", "capital",
    "ltd", "limited", "inc", "llc", "gmbh", "plc", "corp", "sa", "jsc", "ag", "club", "church", "parliament", "senate",
    "interpol", "europol", "treasury", "exchange", "network", "congress", "assembly", "organization", "organisation",
    "cooperative", "clinic", "hospital",
];

/// Titles that stand before a person's name and are not part of it.
#[rustfmt::skip]
pub(super) const TITLES: &[&str] = &[
    "president", "prime", "minister", "chancellor", "king", "queen", "prince", "princess", "senator", "governor", "mayor",
    "judge", "prosecutor", "general", "colonel", "captain", "ambassador", "professor", "dr", "mr", "mrs", "ms", "sir", "lord",
    "lady", "deputy", "foreign", "secretary", "attorney", "inspector", "chief", "detective", "director", "chairman", "ceo",
    "sheikh", "businessman", "oligarch", "banker", "lawyer", "leader", "vice", "former", "ex-president",
];

/// Words that open a sentence with a capital and are no names.
#[rustfmt::skip]
pub(super) const OPENERS: &[&str] = &[
    "the", "a", "an", "in", "on", "at", "his", "her", "their", "its", "he", "she", "they", "it", "this", "that", "these", "those",
    "according", "after", "before", "when", "while", "as", "by", "for", "from", "with", "but", "and", "or", "if", "since",
    "during", "earlier", "later", "last", "both", "two", "three", "four", "five", "several", "some", "many", "most", "all",
    "each", "no", "not", "once", "then", "there", "here", "however", "meanwhile", "also", "under", "over", "between", "among",
    "separately", "prosecutors", "police", "investigators", "authorities", "officials", "one", "another", "who", "what", "where",
    "how", "why", "which", "we", "i", "you", "to", "of", "despite", "although", "because", "such", "other", "recent", "local",
    "federal", "former", "court", "judges", "lawyers",
];

/// Months and days.
#[rustfmt::skip]
pub(super) const CALENDAR: &[&str] = &[
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
];

/// Adjectives of countries and religions, by their ends; enough to strip them from before a name.
#[rustfmt::skip]
pub(super) const ADJECTIVE_ENDS: &[&str] = &[
    "ian", "ish", "ese", "akh", "zbek", "jik", "yrgyz", "rench", "erman", "utch", "reek", "raqi", "emeni", "aeli", "abi", "ani",
    "wiss",
];

/// Towns and regions that news names most; countries come from the model.
#[rustfmt::skip]
pub(super) const TOWNS: &[&str] = &[
    "nur-sultan", "astana", "almaty", "moscow", "kyiv", "kiev", "london", "paris", "berlin", "new york", "washington", "brussels",
    "geneva", "zurich", "dubai", "istanbul", "ankara", "tehran", "baghdad", "beirut", "damascus", "cairo", "beijing", "hong kong",
    "tokyo", "delhi", "mumbai", "karachi", "lagos", "nairobi", "madrid", "rome", "vienna", "europe", "asia", "africa",
    "middle east", "european union", "united nations", "eu", "un", "u.s", "u.s.", "us", "uk", "u.k.",
];

/// Names that are media or platforms wherever they stand.
#[rustfmt::skip]
pub(super) const KNOWN_MEDIA: &[&str] = &[
    "le monde", "reuters", "afp", "bbc", "cnn", "the guardian", "guardian", "associated press", "ap", "bloomberg", "interfax",
    "tass", "ria novosti", "al jazeera", "new york times", "financial times", "washington post", "wall street journal",
    "der spiegel", "le figaro", "el pais", "kommersant", "rfe", "rl", "rfe/rl", "xinhua",
];

/// Words that make an organisation an official body.
#[rustfmt::skip]
pub(super) const KNOWN_PLATFORMS: &[&str] = &[
    "facebook", "twitter", "telegram", "youtube", "instagram", "whatsapp", "tiktok", "internet", "linkedin", "vkontakte", "x",
];

/// Words that make an organisation an official body.
#[rustfmt::skip]
pub(super) const OFFICIAL_WORDS: &[&str] = &[
    "court", "police", "ministry", "prosecutor", "tribunal", "interpol", "europol", "department", "bureau", "agency", "office",
    "parliament", "senate", "commission", "treasury", "directorate", "authority", "council",
];

/// Heads of state and of government, and ministers: politically exposed.
#[rustfmt::skip]
pub(super) const PEP_TITLES: &[&str] = &[
    "president", "prime", "chancellor", "king", "queen", "minister", "senator", "governor", "mayor",
];
