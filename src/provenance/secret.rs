//! Taking secrets out of text that is kept.

use std::borrow::Cow;

/// Beginnings of tokens that well-known services give out.
const TOKENS: [&str; 11] =
    ["AKIA", "ASIA", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "hf_", "sk-", "xoxb-", "xoxp-"];

/// What stands for what was taken out.
const REDACTED: &str = "[redacted]";

/// Names of files whose text is never kept, whatever they hold.
const PRIVATE: [&str; 9] =
    [".env", ".netrc", ".npmrc", ".pgpass", ".pypirc", "id_ecdsa", "id_ed25519", "id_rsa", "kaggle.json"];

/// Endings of such files.
const PRIVATE_ENDINGS: [&str; 5] = [".key", ".pem", ".p12", ".pfx", ".kdbx"];

/// `text` without the user and password of its URLs, and without words that look like an access token.
pub fn redacted(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let word_end = |c: char| c.is_whitespace() || "\"'`<>()[]{},;=".contains(c);
    for piece in text.split_inclusive(word_end) {
        let end = piece.char_indices().next_back().filter(|(_, c)| word_end(*c)).map_or(piece.len(), |(at, _)| at);
        let (word, rest) = piece.split_at(end);
        clean.push_str(&redacted_word(word));
        clean.push_str(rest);
    }
    clean
}

fn redacted_word(word: &str) -> Cow<'_, str> {
    if let Some((scheme, rest)) = word.split_once("://") {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        if let Some(at) = authority.rfind('@') {
            return Cow::Owned(format!("{scheme}://{}", &rest[at + 1..]));
        }
    }
    let token = TOKENS.iter().find_map(|token| word.find(token)).filter(|at| word.len() - at >= 20);
    match token {
        Some(at) if word[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric()) => {
            Cow::Owned(format!("{}{REDACTED}", &word[..at]))
        }
        _ => Cow::Borrowed(word),
    }
}

/// Whether a file of that name may hold a secret as a whole.
pub fn is_private(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    PRIVATE.contains(&name) || name.starts_with(".env.") || PRIVATE_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_and_passwords_of_urls_are_taken_out() {
        assert_eq!(redacted("https://me:s3cret@example.org/flowers.git"), "https://example.org/flowers.git");
        assert_eq!(redacted("https://token@example.org:8080/a?b=c@d"), "https://example.org:8080/a?b=c@d");
        assert_eq!(redacted("git@example.org:me/flowers.git"), "git@example.org:me/flowers.git");
        assert_eq!(redacted("see https://example.org/a@b"), "see https://example.org/a@b");
    }

    #[test]
    fn access_tokens_are_taken_out_and_words_are_left() {
        let token = format!("hf_{}", "a1B2".repeat(8));
        assert_eq!(redacted(&format!("export TOKEN={token} # mine")), "export TOKEN=[redacted] # mine");
        assert_eq!(redacted(&format!("\"{token}\"")), "\"[redacted]\"");
        for plain in ["half_width", "task-sk-learn", "hf_small", "AKIA", "shelf_1234567890123456789012345"] {
            assert_eq!(redacted(plain), plain);
        }
    }

    #[test]
    fn files_of_keys_are_private() {
        assert!(is_private("deploy/.env") && is_private(".env.local") && is_private("a/server.pem"));
        assert!(!is_private("src/environment.rs") && !is_private("keys.toml"));
    }
}
