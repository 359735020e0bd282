//! Keys that name a secret.

/// What a key implies about its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyClass {
    /// The value is a secret.
    Secret,
    /// The value is a secret or a piece of text: in text processing, a token is a word.
    Token,
    /// The value is a secret if it seems to be random.
    Key,
}

/// A key that contains one of these words names a secret; `_`, `-` and `.` are ignored.
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

/// Last words of keys that describe tokens and are no secret.
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

/// What `key` implies about its value; `None` if it does not name a secret.
pub fn key_class(key: &str) -> Option<KeyClass> {
    let lower = key.to_lowercase();
    let joined: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
    let last = lower.rsplit(['_', '-', '.']).next().unwrap_or(&lower);
    if SECRETS.iter().any(|word| joined.contains(word)) || ["pass", "pw", "pwd"].contains(&last) {
        return Some(KeyClass::Secret);
    }
    // A tokenizer and tokenized text are no secrets.
    let is_token = joined.replace("tokeni", "").contains("token") && !ABOUT_TOKENS.contains(&last);
    if is_token || last == "bearer" {
        return Some(KeyClass::Token);
    }
    (last == "key").then_some(KeyClass::Key)
}
