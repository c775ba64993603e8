//! Finds the name in a payment field that carries more than a name: account lines, numbered lines, references, care-of.

/// The part of a payment field that holds the name. Returns the whole text where nothing else is recognised in it.
///
/// Known shapes: `/ACC 123 NAME`, `1/NAME 2/ADDRESS 3/COUNTRY/TOWN` (SWIFT field 50F), `NAME C/O OTHER`, `NAME REF INV 1`.
pub fn name_in_field(text: &str) -> &str {
    let mut name = text.trim();
    if let Some(rest) = name.strip_prefix('/') {
        name = after_account(rest);
    }
    if let Some(rest) = name.strip_prefix("1/") {
        name = rest;
    }
    let upper = name.to_ascii_uppercase();
    let end = ENDS.iter().filter_map(|end| upper.find(end)).filter(|&at| at > 0).min();
    match end {
        Some(at) if name.is_char_boundary(at) && !name[..at].trim().is_empty() => name[..at].trim(),
        _ => name,
    }
}

/// What follows a name in one field.
const ENDS: &[&str] = &[
    " 2/",
    " 3/",
    " C/O ",
    " REF ",
    " REF: ",
    " INV ",
    " INVOICE ",
    " A/C ",
    " ACC ",
    " IBAN ",
    " DOB ",
    " TEL ",
    " PO BOX ",
    " P.O. BOX ",
];

/// Leaves out an account number, with or without the word for it: `ACC 386 NAME`, `6278451474 NAME`.
fn after_account(text: &str) -> &str {
    let mut rest = text.trim_start();
    while let Some((word, tail)) = rest.split_once(' ') {
        let is_number = word.bytes().any(|byte| byte.is_ascii_digit());
        let is_label = matches!(word.to_ascii_uppercase().as_str(), "ACC" | "ACCT" | "ACCOUNT" | "A/C" | "IBAN" | "NO");
        if !is_number && !is_label {
            break;
        }
        rest = tail.trim_start();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_found_in_payment_fields() {
        for (field, name) in [
            ("1/MR VALERI ABRAMOV 2/96 VIA ROMA 3/RU/MOSCOW", "MR VALERI ABRAMOV"),
            ("/ACC 3869945424 IDEALIST GMBH", "IDEALIST GMBH"),
            ("/6278451474 MR EDVARD DAHLBERG", "MR EDVARD DAHLBERG"),
            ("IRINA KOZHENKOVA C/O FIRST BANK LONDON", "IRINA KOZHENKOVA"),
            ("MANSOUR ABAHUSSAIN REF INV 81943", "MANSOUR ABAHUSSAIN"),
            ("Plain Name", "Plain Name"),
            ("/", ""),
        ] {
            assert_eq!(name_in_field(field), name, "{field}");
        }
    }
}
