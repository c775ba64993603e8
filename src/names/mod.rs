//! Pure text: when are two names the same?
//!
//! `normalise` turns a name into tokens, the same way for a party and for the list, `word` says of each what it is;
//! `similarity` compares two tokens by their letters (`edits`), their sound (`sound`) and their groups, each found out once
//! (`heard`); `compare` aligns two names, `scoring` makes a score from 0 to 1 of it. `payment` finds the names in a payment field,
//! `scripts` and `translation` read other scripts, `mandarin` knows the two spellings of Chinese names.
//! All tables are shipped with the program (`data/`), so that a score never depends on the list at hand.

mod compare;
mod edits;
mod heard;
mod mandarin;
mod normalise;
mod payment;
mod scoring;
mod scripts;
mod similarity;
mod sound;
mod tables;
mod token;
mod translation;
mod word;

pub use compare::{Alignment, Comparer, GLUED_SPELLING_LETTERS_MIN, NameShape, Pairing};
pub use edits::{edit_budget, has_digit, letters_of};
pub use heard::Heard;
pub use mandarin::{CHINESE_SPELLINGS, is_mandarin_syllable, mandarin_respellings};
pub use normalise::Name;
pub use payment::{name_in_field, other_names_in_field, other_names_on_list};
pub use scoring::{FORGIVEN_SHARE, FORGIVEN_WEIGHT_MIN, ONE_WORD_FACTOR, WHOLE_LEFT_MAX, enough_told, kunya_weight};
pub use similarity::{cut_name_stem, dropped_r_spellings, is_cut_name, is_near_legal_word, token_similarity, without_glued_form};
pub use sound::{Sketch, Sound, skeleton, skeleton_of_consonants};
pub use tables::{equivalents, fingerprint, is_known_name, is_street_word};
pub use token::{Tag, Token, Vowels, join_to_a_word, joined_initials};
pub use word::{after_merged_abd, is_patronymic};
