//! What white space on the way may not change: the relaxed form of fields and bodies (RFC 6376 §3.4.2, §3.4.4).

/// A header field as it stands in a message, perhaps over several lines.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'a> {
    name: &'a [u8],
    value: &'a [u8],
}

impl Field<'_> {
    /// Whether it has this name, in whatever case.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name
            .trim_ascii_end()
            .eq_ignore_ascii_case(name.as_bytes())
    }
}

/// Header and body of a message, without the empty line between them.
pub(super) fn halves(message: &[u8]) -> (&[u8], &[u8]) {
    let gap = b"\r\n\r\n";
    match message.windows(gap.len()).position(|window| window == gap) {
        Some(at) => (&message[..at], &message[at + gap.len()..]),
        None => (message, &[]),
    }
}

/// The fields of a header, in their order.
pub(super) fn fields(header: &[u8]) -> Vec<Field<'_>> {
    let mut fields = Vec::new();
    let mut rest = header;
    while !rest.is_empty() {
        let end = end_of_field(rest);
        let (field, after) = rest.split_at(end);
        rest = after.get(2..).unwrap_or_default();
        if let Some(colon) = field.iter().position(|byte| *byte == b':') {
            fields.push(Field {
                name: &field[..colon],
                value: &field[colon + 1..],
            });
        }
    }
    fields
}

/// Where the first line ends that no folded one follows.
fn end_of_field(header: &[u8]) -> usize {
    header
        .windows(3)
        .position(|window| window.starts_with(b"\r\n") && !is_space(window[2]))
        .unwrap_or_else(|| header.strip_suffix(b"\r\n").unwrap_or(header).len())
}

/// `name:value` in lower case and unfolded, runs of white space as one space, none at the ends; no line end.
pub(super) fn canonical_field(field: &Field<'_>) -> Vec<u8> {
    let mut canonical = field.name.trim_ascii_end().to_ascii_lowercase();
    canonical.push(b':');
    let words = field
        .value
        .split(|byte| is_space(*byte) || matches!(byte, b'\r' | b'\n'))
        .filter(|word| !word.is_empty());
    for (nth, word) in words.enumerate() {
        if nth > 0 {
            canonical.push(b' ');
        }
        canonical.extend(word);
    }
    canonical
}

/// The body, runs of white space within a line as one space, none at the ends of lines, no empty lines at its end.
pub(super) fn canonical_body(body: &[u8]) -> Vec<u8> {
    let mut canonical = Vec::with_capacity(body.len() + 2);
    let mut end = 0; // of the last line that is not empty
    let mut rest = body;
    while !rest.is_empty() {
        let line_end = rest.windows(2).position(|window| window == b"\r\n");
        let line = &rest[..line_end.unwrap_or(rest.len())];
        rest = line_end.map_or(&[], |at| &rest[at + 2..]);
        let start = canonical.len();
        let mut after_space = false;
        for byte in line {
            if is_space(*byte) {
                after_space = true;
                continue;
            }
            if after_space {
                canonical.push(b' ');
                after_space = false;
            }
            canonical.push(*byte);
        }
        let is_empty = canonical.len() == start;
        canonical.extend(b"\r\n");
        if !is_empty {
            end = canonical.len();
        }
    }
    canonical.truncate(end);
    canonical
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}
