//! Mistakes in an operator's templates are told with file and line, before any digest.

use std::collections::BTreeMap;

use takefive::stages::compose_email::TemplateError;
use takefive::stages::compose_email::Templates;

fn mistake_in(files: &[(&str, &str)]) -> TemplateError {
    let own: BTreeMap<String, Vec<u8>> = files
        .iter()
        .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
        .collect();
    match Templates::new(&own) {
        Ok(_) => panic!("taken: {files:?}"),
        Err(error) => error,
    }
}

#[test]
fn a_mistake_is_told_with_file_and_line_and_what_was_meant() {
    for (file, text, line, problem) in [
        (
            "digest.html",
            "<p>\n{% if title %}\n{{ date | }}</p>",
            3,
            "syntax error",
        ),
        (
            "digest.html",
            "\n{% for insight in insights %}",
            2,
            "syntax error",
        ),
        (
            "digest.txt",
            "one\ntwo {{ tittle }}",
            2,
            "`tittle` is undefined; did you mean title?",
        ),
        (
            "digest.txt",
            "{% for insight in insights %}\n{{ insight.hedline }}{% endfor %}",
            2,
            "`insight.hedline` is undefined; did you mean headline?",
        ),
        (
            "digest.txt",
            "{{ insights[3].headline }}",
            1,
            "`insights[3]` is undefined",
        ),
        (
            "digest.html",
            "{{ title | shout }}",
            1,
            "filter shout is unknown",
        ),
        ("subject.txt", "{% include 'gone.txt' %}", 1, "gone.txt"),
        ("subject.txt", "\n \n", 1, "empty subject"),
        ("digest.htm", "<p>", 1, "did you mean digest.html?"),
        ("Digest.html", "<p>", 1, "did you mean digest.html?"),
        (
            "mail.html",
            "<p>",
            1,
            "the templates are subject.txt, digest.txt, digest.html",
        ),
    ] {
        let error = mistake_in(&[(file, text)]);
        assert_eq!((error.file.as_str(), error.line), (file, line), "{error}");
        assert!(error.problem.contains(problem), "{error}");
        assert!(
            error.to_string().starts_with(&format!("{file}:{line}: ")),
            "{error}"
        );
    }
}

#[test]
fn a_mistake_in_a_file_that_is_included_is_told_there() {
    let error = mistake_in(&[
        ("digest.html", "{% include 'list.html' %}"),
        (
            "list.html",
            "\n{% for insight in insights %}{% include 'card.html' %}{% endfor %}",
        ),
        ("card.html", "\n\n<p>{{ insight.sorce }}</p>"),
    ]);
    assert_eq!(
        (error.file.as_str(), error.line),
        ("card.html", 3),
        "{error}"
    );
    assert!(error.problem.contains("did you mean source?"), "{error}");
}

#[test]
fn a_template_that_would_never_end_is_stopped_soon() {
    for (text, problem) in [
        (
            "{% for a in range(50000) %}{% for b in range(50000) %}x{% endfor %}{% endfor %}",
            "takes too long",
        ),
        ("{{ 'x' * 1000000000 }}", "takes too long"),
        ("{% include 'digest.html' %}", "recursion limit"),
        (
            "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
            "recursion limit",
        ),
    ] {
        let error = mistake_in(&[("digest.html", text)]);
        assert!(error.problem.contains(problem), "{error}");
    }
}

#[test]
fn a_template_of_its_size_is_filled() {
    // what the largest edition takes, and a good deal more
    let text = "{% for n in range(2000) %}{{ title }} {{ insights[0].quote }}\n{% endfor %}";
    let own = BTreeMap::from([("digest.txt".to_owned(), text.into())]);
    Templates::new(&own).expect("two thousand lines are taken");
}

#[test]
fn a_file_that_is_not_utf_8_is_told_with_the_line_where_it_is_not() {
    let latin = b"one\ntwo\ncaf\xe9 {{ title }}".to_vec();
    let error = Templates::new(&BTreeMap::from([("digest.txt".to_owned(), latin.clone())]))
        .expect_err("it is not UTF-8");
    assert_eq!((error.file.as_str(), error.line), ("digest.txt", 3));
    assert!(error.problem.contains("UTF-8"), "{error}");
    // with the mark that some editors write
    let marked = "\u{FEFF}{{ title }}: {{ insights[0].headline }}".into();
    Templates::new(&BTreeMap::from([("subject.txt".to_owned(), marked)])).expect("a text");
    // what is plainly no template may be anything
    let picture = BTreeMap::from([
        ("logo.png".to_owned(), latin),
        ("notes.md".to_owned(), "{{".into()),
    ]);
    Templates::new(&picture).expect("neither is read");
    let included = BTreeMap::from([
        ("notes.md".to_owned(), "{{".into()),
        ("digest.txt".to_owned(), "{% include 'notes.md' %}".into()),
    ]);
    let error = Templates::new(&included).expect_err("now it is");
    assert_eq!(error.file, "notes.md");
}
