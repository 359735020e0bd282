//! The report as one HTML page that needs no other file and no network.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value, context};

use super::markdown::capitalized;
use super::model::Document;

/// The templates by name. Those that end in `.html` are escaped.
const TEMPLATES: [(&str, &str); 4] = [
    ("page.html", include_str!("html/page.html")),
    ("blocks.html", include_str!("html/blocks.html")),
    ("style", include_str!("html/style.html")),
    ("sort", include_str!("html/sort.html")),
];

/// The complete page, with the figures inlined.
///
/// # Panics
///
/// Never for a document: the templates are part of the program, and use only what a document has.
pub fn html(document: &Document) -> String {
    const TESTED: &str = "the templates are part of the program and tested";
    let mut templates = Environment::new();
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    templates.set_syntax(syntax.expect(TESTED));
    templates.add_filter("capitalized", |text: &str| capitalized(text));
    templates.add_filter("base64", |text: &str| STANDARD.encode(text));
    templates.add_filter("visible", |text: &str| crate::screen::visible(text).into_owned());
    for (name, source) in TEMPLATES {
        templates.add_template(name, source).expect(TESTED);
    }
    let page = templates.get_template("page.html").expect(TESTED);
    page.render(context! { document => Value::from(Serde(document)) }).expect(TESTED)
}
