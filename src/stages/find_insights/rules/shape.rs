//! Which tables and keys a file of rules has, each key with an example as it would be typed.

use crate::settings::Shape;

/// Every table a file of rules can have.
pub(super) const TABLES: [&Shape; 4] = [&WORDS, &RULE, &REFUSE, &TOPIC];

pub(super) const FILE: Shape = Shape {
    header: "the file",
    keys: &[
        ("replace", "[\"topic\"]"),
        ("words", "[words]"),
        ("rule", "[[rule]]"),
        ("refuse", "[[refuse]]"),
        ("topic", "[[topic]]"),
    ],
};

pub(super) const WORDS: Shape = Shape {
    header: "[words]",
    keys: &[
        ("common", "\"the of and\""),
        ("you", "\"you your\""),
        ("me", "\"i me my\""),
        ("us", "\"we us our\""),
        ("past", "\"was did went\""),
        ("fillers", "\"um uh\""),
        ("hedges", "\"maybe perhaps\""),
        ("states", "\"is are\""),
        ("denials", "\"not never\""),
        ("thens", "\"so then\""),
        ("parts", "\"intro outro\""),
        ("verbs", "\"is are make\""),
        ("lead_ins", "[\"so\", \"i think that\"]"),
        ("noises", "\"um uh\""),
        ("asides", "[\"you know\"]"),
        ("stumbles", "\"the i we\""),
    ],
};

pub(super) const RULE: Shape = Shape {
    header: "[[rule]]",
    keys: &[
        ("name", "\"comparison\""),
        ("reason", "\"It weighs one thing against another.\""),
        ("weight", "0.3"),
        ("fit", "false"),
        ("weight_min", "0.1"),
        ("weight_max", "0.5"),
        ("phrases", "[\"better than\"]"),
        ("pattern", "'''\\b(?:more|less) (?:\\w+ )?than\\b'''"),
        ("place", "\"first\""),
        ("shape", "\"words\""),
        ("share", "\"you\""),
        ("position", "\"sentences-before\""),
        ("evidence", "\"title-words\""),
        ("at_least", "1"),
        ("at_most", "3"),
        ("yes", "[\"A sentence on which it fires.\"]"),
        ("no", "[\"A sentence on which it does not.\"]"),
    ],
};

pub(super) const REFUSE: Shape = Shape {
    header: "[[refuse]]",
    keys: &[
        ("name", "\"greeting\""),
        ("reason", "\"It greets.\""),
        ("reach", "\"sentence\""),
        ("phrases", "[\"welcome back\"]"),
        ("pattern", "'''\\bwelcome (?:back )?to\\b'''"),
        ("yes", "[\"A sentence that it refuses.\"]"),
        ("no", "[\"A sentence that it lets pass.\"]"),
        ("off", "true"),
    ],
};

pub(super) const TOPIC: Shape = Shape {
    header: "[[topic]]",
    keys: &[
        ("name", "\"pricing\""),
        ("phrases", "[\"price\", \"discount*\"]"),
        ("yes", "[\"A sentence about it.\"]"),
        ("no", "[\"A sentence about something else.\"]"),
        ("off", "true"),
    ],
};
