//! The words of the domain as plain data: party, event, alert entity, hit, policy. No behaviour beyond reading and writing itself.

mod alert;
mod countries;
mod date;
mod event;
mod hit;
mod identifier;
mod party;
mod policy;
mod unreadable;

pub use alert::{Accusation, AlertEntity, AlertText, EntityRole, NameClass, NameForm, NamedPlace, Override, Stage, Tier};
pub use countries::{PlaceKind, country_code, place};
pub use date::PartialDate;
pub use event::{Event, EventKind, FreeText};
pub use hit::{AlertSummary, DocumentEvidence, Evidence, FactEvidence, FactKind, Grade, Hit, NameEvidence, TokenEvidence, TokenMatch};
pub use identifier::{Identifier, IdentifierKind, check_digits_hold};
pub use party::{Gender, Party, PartyKind};
pub use policy::{Policy, WhenStale};
pub use unreadable::Unreadable;
