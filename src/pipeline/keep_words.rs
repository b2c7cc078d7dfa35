//! The words of an edition's mail, set by the templates of now and kept, until somebody's message was begun with them.

use crate::model::Digest;
use crate::model::MailWords;
use crate::model::PROGRAM_VERSION;
use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::outside::store::WordsOrigin;
use crate::settings::LetterheadWords;
use crate::settings::Settings;
use crate::stages::compose_email::ComposeError;
use crate::stages::compose_email::Letterhead;
use crate::stages::compose_email::Templates;
use crate::stages::compose_email::set_words;

/// The words of an edition's mail: those that messages were begun with, or newly set and kept. Whoever corrects a template
/// before the first message has it in all of them. The outer error is the store's.
pub(super) fn keep_words(
    digest: &Digest,
    settings: &Settings,
    templates: &Templates,
    store: &mut Store,
) -> Result<Result<MailWords, ComposeError>, StoreError> {
    if let Some(words) = store.final_mail_words(digest.date)? {
        return Ok(Ok(words));
    }
    let letterhead = Letterhead {
        mail: &settings.mail,
        site: settings.site.as_ref(),
    };
    let words = match set_words(digest, &letterhead, templates) {
        Ok(words) => words,
        Err(error) => return Ok(Err(error)),
    };
    let origin = WordsOrigin {
        program: PROGRAM_VERSION.to_owned(),
        templates_sha256: templates.sha256().to_owned(),
        letterhead: LetterheadWords::of(&settings.mail, settings.site.as_ref()),
    };
    store.set_mail_words(digest.date, &words, &origin)?;
    Ok(Ok(words))
}
