//! What the mentions of one entity say of it beside its part: its names, countries, birth date.

use super::coreference::Cluster;
use super::entities::Reading;
use super::facts;
use super::mentions::MentionKind;
use crate::model::{EntityRole, NameClass, NameForm, PartialDate, place};
use crate::names::is_known_name;

impl Reading<'_> {
    /// Canonical name first: the longest form that is no other name; then other full names, former ones, weak ones.
    pub(super) fn names(&self, cluster: &Cluster) -> Vec<NameForm> {
        let class_of = |number: usize| cluster.classes.iter().find(|(mention, _)| *mention == number).map(|(_, class)| *class);
        let mut forms: Vec<NameForm> = Vec::new();
        for &number in &cluster.mentions {
            let mention = &self.mentions[number];
            let text = mention.text.trim_start_matches("the ").trim_start_matches("The ").to_owned();
            if let Some(known) = forms.iter_mut().find(|form| form.text == text) {
                known.class = class_of(number).unwrap_or(known.class);
                continue;
            }
            forms.push(NameForm { text, class: class_of(number).unwrap_or(NameClass::Name) });
        }
        let latin = |text: &str| text.chars().filter(|c| c.is_alphabetic()).all(|c| (c as u32) < 0x250);
        // The script of the text is the script of the canonical name.
        let script = forms.first().map(|form| latin(&form.text));
        let canonical = forms
            .iter()
            .enumerate()
            .filter(|(_, form)| form.class == NameClass::Name && Some(latin(&form.text)) == script)
            .max_by_key(|(at, form)| (form.text.chars().count(), usize::MAX - at))
            .map_or(0, |(at, _)| at);
        if !forms.is_empty() {
            let first = forms.remove(canonical);
            for form in &mut forms {
                let short = cluster.kind == MentionKind::Person && !form.text.contains(' ');
                form.class = match form.class {
                    _ if short => NameClass::WeakAlias,
                    NameClass::Name => NameClass::Alias,
                    other => other,
                };
            }
            forms.insert(0, NameForm { class: NameClass::Name, ..first });
        }
        for (text, class) in &cluster.aliases {
            if !forms.iter().any(|form| form.text == *text) {
                forms.push(NameForm { text: text.clone(), class: *class });
            }
        }
        self.plain_forms(cluster, &mut forms);
        forms
    }

    /// Forms that stand in no text but mean the same: a name without its quoted nickname, an office without its district.
    fn plain_forms(&self, cluster: &Cluster, forms: &mut Vec<NameForm>) {
        let mut more: Vec<String> = Vec::new();
        for &number in &cluster.mentions {
            let mention = &self.mentions[number];
            if let Some(nickname) = &mention.nickname
                && let Some(at) = mention.text.find(nickname.as_str())
            {
                let (before, after) = (&mention.text[..at], &mention.text[at + nickname.len()..]);
                let quotes = |c: char| matches!(c, '"' | '“' | '”' | '\'' | '‘' | '’' | '«' | '»' | '(' | ')' | ' ');
                more.push(format!("{} {}", before.trim_end_matches(quotes), after.trim_start_matches(quotes)));
            }
            if cluster.known_as == Some(EntityRole::Official) {
                more.extend(mention.text.split_once(" for ").map(|(office, _)| office.to_owned()));
                let lead =
                    mention.text.split_once(' ').filter(|(first, rest)| place(&first.to_lowercase()).is_some() && rest.contains(' '));
                more.extend(lead.map(|(_, rest)| rest.to_owned()));
            }
        }
        for text in more {
            if !forms.iter().any(|form| form.text == text) {
                forms.push(NameForm { text, class: NameClass::Alias });
            }
        }
    }

    /// Countries of its sentences, the most often named first. Those that only want it are left out.
    pub(super) fn countries(&self, cluster: &Cluster, wanted_by: &[String]) -> Vec<String> {
        let mut counts: Vec<(String, usize)> = Vec::new();
        let mut sentences: Vec<usize> = cluster.mentions.iter().map(|&number| self.mentions[number].sentence).collect();
        sentences.dedup();
        for &sentence in &sentences {
            let first = self.mentions.partition_point(|mention| mention.sentence < sentence);
            let last = self.mentions.partition_point(|mention| mention.sentence <= sentence);
            for mention in self.mentions[first..last].iter().filter(|mention| mention.kind == MentionKind::Place) {
                let Some((_, code)) = place(&mention.text.to_lowercase()) else { continue };
                match counts.iter_mut().find(|(known, _)| known == code) {
                    Some((_, count)) => *count += 1,
                    None => counts.push((code.to_owned(), 1)),
                }
            }
        }
        counts.retain(|(code, count)| *count > 1 || !wanted_by.contains(code));
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts.into_iter().map(|(code, _)| code).collect()
    }

    /// A birth date that stands nearer after this name than after any other of its sentence.
    pub(super) fn birth_date(&self, cluster: &Cluster) -> Option<PartialDate> {
        cluster.mentions.iter().find_map(|&number| {
            let mention = &self.mentions[number];
            let sentence = &self.sentences[mention.sentence];
            let next_person = self.mentions[number + 1..]
                .iter()
                .find(|other| {
                    other.sentence == mention.sentence
                        && other.kind == MentionKind::Person
                        && !cluster.mentions.iter().any(|&own| self.mentions[own] == **other)
                })
                .map_or(sentence.end, |other| other.range.start);
            facts::births(&self.text[mention.range.end..next_person]).first().map(|(_, date)| *date)
        })
    }

    /// Places are no entities; one that looks like somebody's name (`Nur-Sultan`) is kept to show why it never hits.
    pub(super) fn may_be_a_person(&self, cluster: &Cluster) -> bool {
        let first = cluster.mentions.first().map_or("", |&number| &self.mentions[number].text);
        first.contains('-') && first.to_lowercase().split('-').any(is_known_name)
    }
}
