//! Which tables and keys `sources.toml` has, each key with an example as it would be typed.

/// A table of the file.
pub(crate) struct Shape {
    /// How it is headed in the file.
    pub(crate) header: &'static str,
    /// Its keys, each with an example of its value.
    pub(crate) keys: &'static [(&'static str, &'static str)],
}

impl Shape {
    /// An example of the value of `key`, as it would be typed.
    pub(crate) fn example(&self, key: &str) -> &'static str {
        self.keys
            .iter()
            .find(|(name, _)| *name == key)
            .map_or("…", |(_, example)| *example)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.keys.iter().any(|(name, _)| *name == key)
    }
}

/// Every table below the top of the file.
pub(super) const TABLES: [&Shape; 11] = [
    &DIGEST,
    &MAIL,
    &DKIM,
    &SITE,
    &STORE,
    &FETCH,
    &TRANSCRIBE,
    &RULES,
    &SOURCE,
    &CREDENTIALS,
    &TRANSCRIPT,
];

pub(super) const FILE: Shape = Shape {
    header: "the file",
    keys: &[
        ("digest", "[digest]"),
        ("mail", "[mail]"),
        ("site", "[site]"),
        ("store", "[store]"),
        ("fetch", "[fetch]"),
        ("transcribe", "[transcribe]"),
        ("rules", "[rules]"),
        ("source", "[[source]]"),
    ],
};

pub(super) const DIGEST: Shape = Shape {
    header: "[digest]",
    keys: &[
        ("title", "\"Take Five\""),
        ("size", "5"),
        ("time_zone", "\"Europe/London\""),
        ("look_back", "\"3 days\""),
        ("max_per_source", "2"),
        ("max_per_entry", "1"),
        ("min_score", "0.0"),
        ("freshness", "0.1"),
        ("variety", "0.3"),
        ("thin_day", "\"shorter\""),
    ],
};

pub(super) const MAIL: Shape = Shape {
    header: "[mail]",
    keys: &[
        ("from", "\"Take Five <five@digest.example.org>\""),
        ("reply_to", "\"editor@digest.example.org\""),
        ("leave_address", "\"leave@digest.example.org\""),
        ("smtp", "\"smtp://user@mail.example.org:587\""),
        ("tls", "\"required\""),
        ("ca_file", "\"extra-ca.pem\""),
        ("list_id", "\"take-five.digest.example.org\""),
        ("postal_address", "\"1 Example Street, London\""),
        ("sendmail", "\"/usr/sbin/sendmail\""),
        ("outbox", "\"outbox\""),
        ("templates", "\"templates\""),
        ("on_unknown", "\"resend\""),
        ("bounce_address", "\"bounces@digest.example.org\""),
        ("connections", "2"),
        ("per_connection", "50"),
        ("per_second", "5"),
        ("budget", "\"30 minutes\""),
        ("final_dot_timeout", "\"10 minutes\""),
        ("dkim", "[mail.dkim]"),
    ],
};

pub(super) const DKIM: Shape = Shape {
    header: "[mail.dkim]",
    keys: &[
        ("domain", "\"digest.example.org\""),
        ("selector", "\"takefive\""),
        ("key_file", "\"dkim.pem\""),
    ],
};

pub(super) const SITE: Shape = Shape {
    header: "[site]",
    keys: &[
        ("base_url", "\"https://digest.example.org/\""),
        ("one_click", "true"),
    ],
};

pub(super) const STORE: Shape = Shape {
    header: "[store]",
    keys: &[
        ("path", "\"takefive.db\""),
        ("keep_documents", "\"90 days\""),
    ],
};

pub(super) const FETCH: Shape = Shape {
    header: "[fetch]",
    keys: &[
        ("in_flight", "64"),
        ("per_host", "2"),
        ("gap", "\"250 milliseconds\""),
        ("budget", "\"30 minutes\""),
        ("about", "\"https://digest.example.org/about\""),
        ("allow_networks", "[\"127.77.0.0/16\"]"),
    ],
};

pub(super) const TRANSCRIBE: Shape = Shape {
    header: "[transcribe]",
    keys: &[
        ("command", "[\"/usr/local/bin/speech-to-vtt\", \"{audio}\"]"),
        ("timeout", "\"2 hours\""),
        ("max_megabytes", "300"),
        ("max_per_run", "3"),
    ],
};

pub(super) const RULES: Shape = Shape {
    header: "[rules]",
    keys: &[("file", "\"my-rules.toml\"")],
};

pub(super) const SOURCE: Shape = Shape {
    header: "[[source]]",
    keys: &[
        ("name", "\"A Show\""),
        ("kind", "\"podcast\""),
        ("feed", "\"https://example.org/feed.xml\""),
        ("language", "\"en\""),
        ("weight", "1.0"),
        ("topics", "[\"strategy\"]"),
        ("selector", "\"article .body\""),
        ("transcript", "\"#transcript\""),
        (
            "credentials",
            "{ user = \"ann\", password_env = \"SHOW_PASSWORD\" }",
        ),
    ],
};

pub(super) const CREDENTIALS: Shape = Shape {
    header: "credentials = { … }",
    keys: &[
        ("user", "\"ann\""),
        ("password_env", "\"SHOW_PASSWORD\""),
        ("bearer_env", "\"SHOW_TOKEN\""),
    ],
};

pub(super) const TRANSCRIPT: Shape = Shape {
    header: "transcript = { … }",
    keys: &[
        ("selector", "\"#transcript\""),
        ("url", "\"https://example.org/episodes/{slug}/transcript\""),
    ],
};
