//! Secrets that are recognized by their format alone.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::REDACTED;
use super::pattern::pattern;

/// Access tokens of well-known services, JSON web tokens, and HTTP credentials. The first group is kept.
static TOKENS: LazyLock<Regex> = LazyLock::new(|| {
    let forms = [
        r"A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}",
        r"AIza[\w-]{30,}",
        r"AGE-SECRET-KEY-1[A-Z0-9]{20,}",
        r"GOCSPX-[\w-]{20,}",
        r"SG\.[\w-]{16,}\.[\w-]{16,}",
        r"dckr_pat_[\w-]{20,}",
        r"dop_v1_[0-9a-f]{40,}",
        r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*",
        r"eyJ[\w+/-]{40,}={0,2}",
        r"gh[oprsu]_[A-Za-z0-9]{20,}",
        r"github_pat_\w{20,}",
        r"gl(?:pat|dt|rt|ft|ptt|oas)-[\w-]{16,}",
        r"hf_[A-Za-z0-9]{17,}",
        r"npm_[A-Za-z0-9]{30,}",
        r"nvapi-[\w-]{30,}",
        r"pypi-[\w-]{40,}",
        r"r8_[A-Za-z0-9]{30,}",
        r"[rsp]k_(?:live|test)_[A-Za-z0-9]{16,}",
        r"sk-[\w-]*[0-9][\w-]*",
        r"wandb_v1_[\w-]{16,}",
        r"xapp-[\w-]{10,}",
        r"xox[a-z]-[\w-]{10,}",
        r"ya29\.[\w-]{20,}",
        r"hooks\.slack\.com/services/[\w/]{20,}",
        r"discord(?:app)?\.com/api/webhooks/[\w/-]{20,}",
    ];
    // Only the character before may be non-ASCII: Unicode classes make the pattern a hundred times larger.
    let sent = r"(?i:(bearer|basic|token)\s+)[\w.~+/-]{20,}=*";
    pattern(&format!(r"(^|[^\w-])(?-u:{})|(?-u:\b{sent})", forms.join("|")))
});

/// User and password before the host in a URL.
static URLS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"([A-Za-z][A-Za-z0-9+.-]*)://([^\s/?#"'`<>@]*(?:@[^\s/?#"'`<>@]*)*)@"#));

/// Secrets in the command lines of well-known programs. The first group is kept.
static COMMANDS: LazyLock<Regex> = LazyLock::new(|| {
    let forms = [
        r#"curl\b.*\s(?:-u|--user)[ =]?["']?[^\s:"']+:)[^\s"']+"#,
        r#"(?:mysql|mysqldump|mariadb)\b.*\s-p)[^\s"']+"#,
        r#"sshpass\s+-p\s*)[^\s"']+"#,
        r#"wandb\s+login\s+(?:--\S+\s+)*)[0-9a-f]{40}"#,
    ];
    pattern(&format!(r"\b(?:({})", forms.join("|(")))
});

/// The minimum length of an access token, in bytes.
const SHORTEST: usize = 20;

/// Redacts users and passwords in URLs, and words in the format of an access token.
pub fn redacted(text: &str) -> Cow<'_, str> {
    let url = |found: &Captures| match (&found[1], &found[2]) {
        // SSH needs the user, and a user without a password is no secret.
        ("ssh" | "git+ssh" | "sftp", user) if !user.contains(':') => found[0].to_owned(),
        (scheme, _) => format!("{scheme}://"),
    };
    let command = |found: &Captures| {
        let kept = found.iter().skip(1).flatten().next().map_or("", |kept| kept.as_str());
        format!("{kept}{REDACTED}")
    };
    let clean = replaced(&URLS, replaced(&COMMANDS, text.into(), command), url);
    replaced(&TOKENS, clean, |found: &Captures| {
        if let Some(scheme) = found.get(2) {
            return format!("{} {REDACTED}", scheme.as_str());
        }
        let before = found.get(1).map_or("", |before| before.as_str());
        match found[0].len() - before.len() < SHORTEST {
            true => found[0].to_owned(),
            false => format!("{before}{REDACTED}"),
        }
    })
}

fn replaced<'a>(pattern: &Regex, text: Cow<'a, str>, by: impl Fn(&Captures) -> String) -> Cow<'a, str> {
    match pattern.replace_all(&text, by) {
        // Nothing was replaced: keep the text, borrowed or owned.
        Cow::Borrowed(_) => text,
        Cow::Owned(changed) => Cow::Owned(changed),
    }
}

/// Whether `text` contains a private key, or lines from the middle of one.
pub fn contains_private_key(text: &str) -> bool {
    let begins = |line: &str| {
        (line.contains("-----BEGIN ") && line.contains("PRIVATE KEY")) || line.contains("PuTTY-User-Key-File-")
    };
    let mut encoded = 0;
    text.lines().any(|line| {
        encoded = if is_encoded(line.trim_start_matches(['+', '-', ' '])) { encoded + 1 } else { 0 };
        begins(line) || encoded == 2
    })
}

/// Whether a line has the width of a line in a key file, and contains uppercase and lowercase letters and digits.
fn is_encoded(line: &str) -> bool {
    let line = line.trim_end();
    let has = |what: fn(&char) -> bool| line.chars().any(|c| what(&c));
    [64, 70, 76].contains(&line.len())
        && line.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/')
        && has(char::is_ascii_uppercase)
        && has(char::is_ascii_lowercase)
        && has(char::is_ascii_digit)
}
