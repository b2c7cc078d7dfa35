//! Whoever joins is written down once, and whoever leaves has left.

use crate::shelter::Shelter;
use crate::shelter::address;
use crate::shelter::edition_of;
use crate::shelter::joined;
use crate::shelter::noon;
use crate::shelter::today;
use takefive::model::NotAnAddress;
use takefive::outside::store::Added;
use takefive::outside::store::SubscriberStatus;
use takefive::settings::OnUnknown;
use takefive::subscriptions;
use takefive::subscriptions::BadLine;
use takefive::subscriptions::Imported;
use takefive::subscriptions::LIST_BYTES_MAX;
use takefive::subscriptions::ReadListError;
use takefive::subscriptions::read_list;

use crate::world::due;

fn addresses(bytes: &[u8]) -> Vec<String> {
    let list = read_list(bytes).unwrap();
    assert_eq!(list.bad_lines, []);
    let addresses = list.addresses.iter();
    addresses
        .map(|address| address.as_str().to_owned())
        .collect()
}

#[test]
fn a_list_has_one_address_a_line_and_comments() {
    let text = b"# our readers\nann@example.org\r\n\n  ben@example.org  # met in May\n#cat@example.org\na#b@example.org";
    assert_eq!(
        addresses(text),
        ["ann@example.org", "ben@example.org", "a#b@example.org"]
    );
}

#[test]
fn a_table_has_its_addresses_in_the_column_email() {
    let expected = ["ann@example.org", "ben@example.org"];
    for table in [
        "email\nann@example.org\nben@example.org\n",
        "Name,EMAIL,City\n\"Ann, the first\",ann@example.org,Leeds\nBen, ben@example.org ,York\n",
        "\u{feff}\"E-mail Address\";Name\r\nann@example.org;Ann\r\n\"ben@example.org\";\"Ben\nof two lines\"\r\n",
        "# exported\n\nname\tEmail\nAnn\tann@example.org\n# gone\tgone@example.org\nBen\tben@example.org\n",
    ] {
        assert_eq!(addresses(table.as_bytes()), expected, "{table}");
    }
}

#[test]
fn a_list_from_a_spreadsheet_in_utf_16_is_read() {
    let mut bytes = vec![0xff, 0xfe];
    bytes.extend(
        "email\nann@example.org\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes),
    );
    assert_eq!(addresses(&bytes), ["ann@example.org"]);
}

#[test]
fn bad_lines_are_told_by_number_and_do_not_hold_up_the_good_ones() {
    let list =
        read_list(b"ann@example.org\n\nben at example.org\nc d@example.org\ndan@example.org\n")
            .unwrap();
    assert_eq!(list.addresses.len(), 2);
    let shape = NotAnAddress::Shape;
    let character = NotAnAddress::Character;
    assert_eq!(
        list.bad_lines,
        [
            BadLine {
                line: 3,
                problem: shape
            },
            BadLine {
                line: 4,
                problem: character
            },
        ]
    );
    let told = list.bad_lines[0].to_string();
    assert!(told.starts_with("line 3: "), "{told}");
    assert!(!told.contains("ben"), "{told}");

    let table = read_list(b"name,email\nAnn,ann@example.org\n\"Ben\nof two lines\",nobody\nCat\nDan,dan@example.org\n").unwrap();
    assert_eq!(table.addresses.len(), 2);
    let lines: Vec<_> = table.bad_lines.iter().map(|bad| bad.line).collect();
    assert_eq!(lines, [3, 5]);
}

#[test]
fn bytes_of_another_encoding_are_a_bad_line_not_a_wrong_address() {
    let list =
        read_list(b"name,email\nJos\xe9,ann@example.org\nBen,jos\xe9@example.org\n").unwrap();
    assert_eq!(list.addresses.len(), 1);
    assert_eq!(list.bad_lines.len(), 1);
}

#[test]
fn an_address_named_twice_is_counted_and_taken_once() {
    let list = read_list(b"ann@example.org\nANN@example.org\nben@example.org\n").unwrap();
    assert_eq!(list.addresses.len(), 2);
    assert_eq!(list.repeated, 1);
}

#[test]
fn a_list_that_is_too_large_is_refused() {
    let mut bytes = vec![b'#'; LIST_BYTES_MAX];
    assert_eq!(read_list(&bytes).unwrap().addresses, []);
    bytes.push(b'#');
    assert_eq!(read_list(&bytes).unwrap_err(), ReadListError::TooLarge);
}

#[test]
fn an_import_says_what_became_of_each_address() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    joined(&mut store, "ann@example.org");
    joined(&mut store, "ben@example.org");
    let cat = joined(&mut store, "cat@example.org");
    subscriptions::leave(&mut store, &address("ben@example.org"), noon()).unwrap();
    store.suppress(cat, "550 5.1.1", noon()).unwrap();
    let list =
        read_list(b"Ann@example.org\nben@example.org\ncat@example.org\ndan@example.org\n").unwrap();
    let imported = subscriptions::import(&mut store, &list, noon()).unwrap();
    let one_each = Imported {
        new: 1,
        already: 1,
        suppressed: 1,
        stay_away: 1,
    };
    assert_eq!(imported, one_each);
    let rows = subscriptions::list(&store).unwrap();
    let statuses: Vec<_> = rows.iter().map(|row| row.status).collect();
    let active = SubscriberStatus::Active;
    assert_eq!(
        statuses,
        [
            active,
            SubscriberStatus::Left,
            SubscriberStatus::Suppressed,
            active
        ]
    );
    let sources: Vec<String> = shelter
        .raw()
        .prepare("SELECT source FROM consent ORDER BY rowid")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(
        sources,
        ["command line", "command line", "command line", "import"]
    );
}

#[test]
fn whoever_leaves_has_left_and_can_come_back() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    let ann = address("ann@example.org");
    let Added::New(id) = subscriptions::add(&mut store, &ann, noon()).unwrap() else {
        panic!("ann is new");
    };
    assert!(subscriptions::leave(&mut store, &ann, noon()).unwrap());
    assert!(!subscriptions::leave(&mut store, &ann, noon()).unwrap());
    assert_eq!(
        subscriptions::add(&mut store, &ann, noon()).unwrap(),
        Added::Back(id)
    );
}

#[test]
fn a_token_lets_its_bearer_leave_and_nobody_else() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    joined(&mut store, "ann@example.org");
    let ben = joined(&mut store, "ben@example.org");
    edition_of(&mut store, today(), 1);
    store.enrol(today()).unwrap();
    let waiting = due(&store, today(), noon(), OnUnknown::Skip);
    let token = waiting[0].subscriber.leave_token.reveal();
    for wrong in [
        "",
        "%",
        &token[1..],
        &token.to_lowercase().repeat(9),
        "x' OR '1'='1",
    ] {
        assert!(!subscriptions::leave_by_token(&mut store, wrong, noon()).unwrap());
    }
    assert!(subscriptions::leave_by_token(&mut store, token, noon()).unwrap());
    assert!(!subscriptions::leave_by_token(&mut store, token, noon()).unwrap());
    let waiting = due(&store, today(), noon(), OnUnknown::Skip);
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].subscriber.id, ben);
}
