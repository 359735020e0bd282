//! Keys that name a secret.

/// What a key says of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It is a secret.
    Secret,
    /// It is a secret or a piece of text: `token` is also a word of those who work on text.
    Token,
    /// It is a secret if it looks as if it were drawn at random.
    Key,
}

/// Words that make every key a secret that has them, without `_`, `-` and `.`.
const SECRETS: [&str; 25] = [
    "accesskey",
    "accountkey",
    "apikey",
    "authkey",
    "authorization",
    "connectionstring",
    "credential",
    "deploykey",
    "encryptionkey",
    "licensekey",
    "masterkey",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "passwort",
    "privatekey",
    "secret",
    "servicekey",
    "sessionkey",
    "sharedkey",
    "signingkey",
    "sshkey",
    "storagekey",
    "subscriptionkey",
];

/// Last words of keys that say something about tokens, and are none.
const ABOUT_TOKENS: [&str; 18] = [
    "class",
    "count",
    "dim",
    "embedding",
    "embeddings",
    "file",
    "format",
    "id",
    "ids",
    "index",
    "length",
    "limit",
    "name",
    "pattern",
    "size",
    "type",
    "types",
    "url",
];

/// What `key` says of the value that is assigned to it; `None` if it names no secret.
pub fn class(key: &str) -> Option<Class> {
    let lower = key.to_lowercase();
    let joined: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
    let last = lower.rsplit(['_', '-', '.']).next().unwrap_or(&lower);
    if SECRETS.iter().any(|word| joined.contains(word)) || ["pass", "pw", "pwd"].contains(&last) {
        return Some(Class::Secret);
    }
    // A tokenizer, and what it has tokenized, is none.
    let is_token = joined.replace("tokeni", "").contains("token") && !ABOUT_TOKENS.contains(&last);
    if is_token || last == "bearer" {
        return Some(Class::Token);
    }
    (last == "key").then_some(Class::Key)
}
