//! Files whose name shows that they are private.

/// Names of files whose content is never stored.
const NAMES: [&str; 33] = [
    ".boto",
    ".cdsapirc",
    ".dockercfg",
    ".git-credentials",
    ".htpasswd",
    ".my.cnf",
    ".netrc",
    ".npmrc",
    ".passwd",
    ".pgpass",
    ".pypirc",
    ".renviron",
    ".s3cfg",
    ".token",
    ".vault-token",
    "_netrc",
    "api_key",
    "api_key.txt",
    "apikey",
    "apikey.txt",
    "application_default_credentials.json",
    "htpasswd",
    "kaggle.json",
    "kubeconfig",
    "password",
    "password.txt",
    "passwords",
    "passwords.txt",
    "shadow",
    "token",
    "token.json",
    "token.txt",
    "wandb_api_key",
];

/// Prefixes of such names.
const PREFIXES: [&str; 9] = [
    ".env",
    ".secret",
    "client_secret",
    "credential",
    "secret.",
    "secrets.",
    "service-account",
    "service_account",
    "serviceaccount",
];

/// Suffixes of such names.
const SUFFIXES: [&str; 19] = [
    ".credentials",
    ".env",
    ".htpasswd",
    ".jks",
    ".kdb",
    ".kdbx",
    ".key",
    ".keystore",
    ".kubeconfig",
    ".netrc",
    ".ovpn",
    ".p12",
    ".p8",
    ".pem",
    ".pfx",
    ".pkcs12",
    ".ppk",
    ".tfstate",
    ".tfvars",
];

/// SSH keys, also with a suffix: `id_rsa_github`, `id_rsa.old`.
const SSH_KEYS: [&str; 5] = ["id_dsa", "id_ecdsa", "id_ed25519", "id_rsa", "id_xmss"];

/// Folders in which every file is private.
const FOLDERS: [&str; 10] =
    [".aws", ".azure", ".docker", ".gcloud", ".gnupg", ".kube", ".secrets", ".ssh", "credentials", "secrets"];

/// Whether the whole file at `path`, relative to the root of the repository, may be a secret.
pub fn is_private(path: &[u8]) -> bool {
    let path = String::from_utf8_lossy(path).to_lowercase();
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", &path));
    // A backup copy has the same content.
    let name = [".bak", ".old", ".orig", ".save", ".swp", "~"]
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))
        .unwrap_or(name);
    NAMES.contains(&name)
        || name == "secrets"
        || name == "secret"
        || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
        || (SSH_KEYS.iter().any(|key| name.starts_with(key)) && !name.ends_with(".pub"))
        || folders.split('/').any(|folder| FOLDERS.contains(&folder))
}
