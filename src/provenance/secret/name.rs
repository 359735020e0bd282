//! Files that are private by their name.

/// Names of files whose text is never kept, whatever they hold.
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

/// Beginnings of such names.
const BEGINNINGS: [&str; 9] = [
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

/// Endings of such names.
const ENDINGS: [&str; 19] = [
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

/// Keys of SSH, also with more after the name: `id_rsa_github`, `id_rsa.old`.
const KEYS: [&str; 5] = ["id_dsa", "id_ecdsa", "id_ed25519", "id_rsa", "id_xmss"];

/// Folders in which everything is private.
const FOLDERS: [&str; 10] =
    [".aws", ".azure", ".docker", ".gcloud", ".gnupg", ".kube", ".secrets", ".ssh", "credentials", "secrets"];

/// Whether a file of that name, from the root of the repository, may hold a secret as a whole.
pub fn is_private(path: &[u8]) -> bool {
    let path = String::from_utf8_lossy(path).to_lowercase();
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", &path));
    // A copy that an editor or a person kept beside it holds the same.
    let name =
        [".bak", ".old", ".orig", ".save", ".swp", "~"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    NAMES.contains(&name)
        || name == "secrets"
        || name == "secret"
        || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
        || ENDINGS.iter().any(|ending| name.ends_with(ending))
        || (KEYS.iter().any(|key| name.starts_with(key)) && !name.ends_with(".pub"))
        || folders.split('/').any(|folder| FOLDERS.contains(&folder))
}
