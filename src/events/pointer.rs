//! JSON Pointers (RFC 6901) with `*` for "every element of this list".

use serde_json::Value;

/// A parsed pointer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pointer {
    written: String,
    parts: Vec<String>,
}

impl Pointer {
    /// Reads `""` (the value itself) or `/a/b/*/c`; `~1` stands for `/` and `~0` for `~`.
    ///
    /// # Errors
    /// When it does not start with `/`.
    pub fn parse(text: &str) -> Result<Self, String> {
        if !text.is_empty() && !text.starts_with('/') {
            return Err(format!("\"{text}\" is no JSON Pointer: it must be empty or start with /, e.g. /debtor/name or /parties/*"));
        }
        let parts = text.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
        Ok(Self { written: text.to_owned(), parts })
    }

    /// What `other` points at, seen from what this one points at.
    pub fn join(&self, other: &Self) -> Self {
        let parts = self.parts.iter().chain(&other.parts).cloned().collect();
        Self { written: format!("{}{}", self.written, other.written), parts }
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// Every value it points at, with the path of each: `*` is replaced by the number of the element. Nulls are left out.
    pub fn find<'v>(&self, value: &'v Value, base: &str) -> Vec<(String, &'v Value)> {
        let mut found = vec![(base.to_owned(), value)];
        for part in &self.parts {
            let mut next = Vec::new();
            for (path, value) in found {
                match value {
                    Value::Array(items) if part == "*" => {
                        next.extend(items.iter().enumerate().map(|(number, item)| (format!("{path}/{number}"), item)));
                    }
                    // A single element where a list may stand: producers often leave the list away for one.
                    single if part == "*" => next.push((path, single)),
                    Value::Array(items) => {
                        let item = part.parse::<usize>().ok().and_then(|number| items.get(number));
                        next.extend(item.map(|item| (format!("{path}/{part}"), item)));
                    }
                    Value::Object(fields) => {
                        next.extend(fields.get(part).map(|item| (format!("{path}/{}", part.replace('~', "~0").replace('/', "~1")), item)));
                    }
                    _ => {}
                }
            }
            found = next;
        }
        found.retain(|(_, value)| !value.is_null());
        found
    }

    /// The texts it points at; numbers count as text, lists of texts as several.
    pub fn texts(&self, value: &Value, base: &str) -> Vec<(String, String)> {
        let mut texts = Vec::new();
        for (path, found) in self.find(value, base) {
            match found {
                Value::String(text) if !text.trim().is_empty() => texts.push((path, text.trim().to_owned())),
                Value::Number(number) => texts.push((path, number.to_string())),
                Value::Array(items) => {
                    let all = items.iter().enumerate().filter_map(|(number, item)| Some((number, item.as_str()?.trim())));
                    texts.extend(
                        all.filter(|(_, text)| !text.is_empty()).map(|(number, text)| (format!("{path}/{number}"), text.to_owned())),
                    );
                }
                _ => {}
            }
        }
        texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn stars_stand_for_every_element_or_the_only_one() {
        let value = json!({"a": [{"n": "x"}, {"n": 7}, {"n": null}], "b": {"n": "y"}, "t": ["p", "", "q"], "s/l": "z"});
        let texts = |pointer: &str| Pointer::parse(pointer).expect("a pointer").texts(&value, "");
        assert_eq!(texts("/a/*/n"), [("/a/0/n".to_owned(), "x".to_owned()), ("/a/1/n".to_owned(), "7".to_owned())]);
        assert_eq!(texts("/b/*/n"), [("/b/n".to_owned(), "y".to_owned())]);
        assert_eq!(texts("/a/1/n").len(), 1);
        assert_eq!(texts("/t"), [("/t/0".to_owned(), "p".to_owned()), ("/t/2".to_owned(), "q".to_owned())]);
        assert_eq!(texts("/s~1l"), [("/s~1l".to_owned(), "z".to_owned())]);
        assert!(texts("/none/*/n").is_empty() && Pointer::parse("a").is_err());
    }
}
