use super::*;

const WORD: &str = "hunter2";

#[test]
fn users_and_passwords_in_urls_are_removed() {
    assert_eq!(redacted("https://me:s3cret@example.org/flowers.git"), "https://example.org/flowers.git");
    assert_eq!(redacted("https://token@example.org:8080/a?b=c@d"), "https://example.org:8080/a?b=c@d");
    assert_eq!(redacted("postgres://me:a@b@db:5432/x"), "postgres://db:5432/x");
    assert_eq!(redacted("ssh://me:s3cret@example.org/a"), "ssh://example.org/a");
    for plain in ["git@example.org:me/flowers.git", "ssh://git@example.org/a.git", "see https://example.org/a@b"] {
        assert_eq!(redacted(plain), plain);
    }
}

#[test]
fn access_tokens_are_redacted_and_ordinary_words_are_not() {
    let long = "a1B2".repeat(10);
    for begin in
        ["hf_", "ghp_", "gho_", "github_pat_", "glpat-", "sk-", "sk-ant-api03-", "xoxb-", "AIza", "npm_", "r8_"]
    {
        let token = format!("{begin}{long}");
        for text in [format!("x {token} # mine"), format!("\"{token}\""), format!("f({token})"), token.clone()] {
            assert_eq!(redacted(&text), text.replace(&token, "[redacted]"));
        }
    }
    let others = [
        "AKIAIOSFODNN7EXAMPLE",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.SflKxwRJSMeKKF2QT4",
        "ya29.a0AfH6SMBx-abcdefghij",
    ];
    for token in others {
        assert_eq!(redacted(&format!("x {token}")), "x [redacted]");
    }
    assert_eq!(redacted(&format!("Authorization: Bearer {long}")), "Authorization: [redacted]");
    assert_eq!(redacted(&format!("curl -H 'Bearer {long}'")), "curl -H 'Bearer [redacted]'");
    for plain in [
        "half_width",
        "task-sk-learn",
        "sk-learn-and-a-long-name-of-words",
        "hf_small",
        "AKIA",
        "shelf_1234567890123456789012345",
        "basic understanding of everything",
    ] {
        assert_eq!(redacted(plain), plain);
    }
}

#[test]
fn values_of_secret_keys_are_redacted_in_settings() {
    for line in [
        "password: hunter2",
        "  db_password : \"hunter2\"",
        "aws_secret_access_key = hunter2",
        "export API_KEY=hunter2",
        "HF_TOKEN='hunter2'",
        "\"apiKey\": \"hunter2\",",
        "  'client-secret': 'hunter2' # note",
        "machine api.wandb.ai login user password hunter2",
        "ENV API_KEY hunter2",
        "train --token hunter2 --epochs 3",
        "train --api-key=hunter2",
        "<password>hunter2</password>",
        "https://example.org/a?private_token=hunter2&b=1",
        "Server=x;Pwd=hunter2;Database=y",
        "DB_PASS=hunter2",
        "set -x GITHUB_TOKEN hunter2",
        "passphrase: correct horse hunter2",
        "Authorization: Basic hunter2",
        "password=\\\"hunter2\\\"",
        "token: hunter2",
        "PASSWORD: 12345hunter2",
        "{\"name\": \"API_KEY\", \"value\": \"hunter2\"}",
        "curl -u me:hunter2 https://example.org",
        "mysql -u root -phunter2",
        "sshpass -p hunter2 ssh host",
    ] {
        let clean = redacted(line);
        assert!(!clean.contains(WORD) && clean.contains(REDACTED), "{line}: {clean}");
    }
    assert_eq!(redacted("a: 1\npassword: hunter2\nb: 2\n"), "a: 1\npassword: [redacted]\nb: 2\n");
    assert_eq!(redacted("\"api_key\": \"hunter2\", \"b\": 2\r\n"), "\"api_key\": \"[redacted]\", \"b\": 2\r\n");
    let random = "0123456789abcdef0123456789abcdef01234567";
    assert_eq!(redacted(&format!("WANDB_KEY = {random}")), "WANDB_KEY = [redacted]");
}

#[test]
fn a_value_on_the_lines_below_its_key_is_redacted() {
    for text in [
        "secrets:\n  db: hunter2\n  list:\n    - hunter2\na: 1\n",
        "- name: DB_PASSWORD\n  value: hunter2\na: 1\n",
        "password: |\n  hunter2\n  hunter2\na: 1\n",
        "\"credentials\": {\n  \"user\": \"hunter2\"\n},\na: 1\n",
        "[credentials]\nuser = \"hunter2\"\n\n[train]\na: 1\n",
        "password = \"\"\"\nhunter2\nhunter2\"\"\"\na: 1\n",
    ] {
        let clean = redacted(text);
        assert!(!clean.contains(WORD) && clean.ends_with("a: 1\n"), "{text}: {clean}");
    }
}

fn patch_of(path: &str, line: &str) -> ScanResult {
    scan_patch(&format!("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+{line}\n"), path)
}

#[test]
fn string_literals_of_secret_keys_are_redacted_in_source_code() {
    for line in [
        "password = \"hunter2\"",
        "let password: String = \"hunter2\".into();",
        "let api_key = String::from(\"hunter2\");",
        "token: str = 'hunter2'",
        "const SECRET: &str = \"hunter2\";",
        "#define API_KEY \"hunter2\"",
        "os.environ[\"HF_TOKEN\"] = \"hunter2\"",
        "os.environ.setdefault(\"HF_TOKEN\", \"hunter2\")",
        "wandb.login(key=\"a1B2c3D4e5F6g7H8i9J0hunter2\")",
        "login(token='hunter2')",
        "password = os.environ.get(\"DB_PASSWORD\", \"hunter2\")",
        "user, password = \"me\", \"hunter2\"",
        "password, user = \"hunter2\", \"me\"",
        "parser.add_argument(\"--password\", type=str, default=\"hunter2\")",
        "# password: hunter2",
        "# The password is 'hunter2'.",
        "password = args.password or \"hunter2\"",
        "if password == \"hunter2\":",
        "url = f\"https://x/?api_key=hunter2\"",
        "dsn = \"host=db password=hunter2 user=me\"",
        "\"source\": [\"password = \\\"hunter2\\\"\\n\"]",
        "{\"password\": \"hunter2\"}",
        "requests.get(u, headers={\"Authorization\": \"hunter2\"})",
    ] {
        match patch_of("train.py", line) {
            ScanResult::Redacted(text) => assert!(!text.contains(WORD), "{line}: {text}"),
            other => panic!("{line}: {other:?}"),
        }
    }
}

#[test]
fn patches_of_ordinary_code_and_settings_stay_unchanged() {
    for line in [
        "token = tokenizer.next()",
        "let token = stream.next()?;",
        "tokens = text.split(\" \")",
        "max_tokens = 512",
        "pad_token = \"<pad>\"",
        "mask = \"[MASK]\" if token == \"the\" else token",
        "password = getpass.getpass()",
        "password = os.environ[\"DB_PASSWORD\"]",
        "token = os.environ.get(\"HF_TOKEN\")",
        "def login(token: str, password: Optional[str] = None):",
        "tokenizer = AutoTokenizer.from_pretrained(\"bert-base\")",
        "parser.add_argument(\"--token\", help=\"access token of the hub\")",
        "struct Login { password: String, token: &'static str }",
        "raise ValueError(\"unexpected token: expected a number\")",
        "key = \"image_features\"",
        "for key, value in settings.items():",
        "monkey = \"a1B2c3D4e5F6g7H8i9J0k1\"",
        "print(f\"token: {token}\")",
        "print(\"token=\" + repr(raw))\n+if done:\n+    return \"all\"",
        "forward(pass_through=True)",
    ] {
        assert!(matches!(patch_of("train.py", line), ScanResult::Clean(_)), "{line}: {:?}", patch_of("train.py", line));
    }
    for line in [
        "max_tokens: 512",
        "use_auth_token: true",
        "tokenizer: bert-base",
        "password: ${DB_PASSWORD}",
        "token: ${{ secrets.HF_TOKEN }}",
        "api_key: null",
        "TOKEN=$(cat /run/token)",
        "pad_token: \"<pad>\"",
        "secret: ''",
    ] {
        assert!(matches!(patch_of("a.yml", line), ScanResult::Clean(_)), "{line}: {:?}", patch_of("a.yml", line));
    }
    for line in ["Each token: a word or a sign of the text.", "The password is asked for.", "A secret: it is slow."] {
        assert!(matches!(patch_of("README.md", line), ScanResult::Clean(_)), "{line}");
    }
    assert!(matches!(patch_of("README.md", "export HF_TOKEN=hunter2 # here"), ScanResult::Redacted(_)));
}

#[test]
fn complete_and_partial_private_keys_are_detected() {
    for line in [
        "-----BEGIN RSA PRIVATE KEY-----",
        "key = \"-----BEGIN PRIVATE KEY-----\\nMII\"",
        "-----BEGIN PGP PRIVATE KEY BLOCK-----",
    ] {
        assert_eq!(patch_of("notes.txt", line), ScanResult::PrivateKey, "{line}");
    }
    let body = "Ab3/".repeat(16);
    assert_eq!(patch_of("notes.txt", &format!("{body}\n+{body}")), ScanResult::PrivateKey);
    let digest = "0123456789abcdef".repeat(4);
    assert!(matches!(patch_of("sums.txt", &format!("{digest}\n+{digest}")), ScanResult::Clean(_)));
    assert!(matches!(patch_of("notes.txt", "-----BEGIN CERTIFICATE-----"), ScanResult::Clean(_)));
}

#[test]
fn the_word_after_an_option_that_names_a_secret_is_redacted() {
    let words = |text: &str| redacted_words(&text.split(' ').map(str::to_owned).collect::<Vec<_>>()).join(" ");
    assert_eq!(words("jem run --token hunter2 --quiet"), "jem run --token [redacted] --quiet");
    assert_eq!(words("jem run --set a.password=hunter2"), "jem run --set a.password=[redacted]");
    assert_eq!(words("jem run s.toml --set train.epochs=1"), "jem run s.toml --set train.epochs=1");
    assert_eq!(words("jem note 1 https://me:hunter2@x.org/a"), "jem note 1 https://x.org/a");
}

#[test]
fn key_files_are_private_by_name() {
    for name in [
        ".env",
        "deploy/.env",
        ".env.local",
        ".ENV",
        "prod.env",
        ".envrc",
        "a/server.pem",
        "a.key",
        "id_rsa",
        "id_rsa_github",
        ".ssh/config",
        ".aws/credentials",
        "credentials.json",
        "kubeconfig",
        ".kube/config",
        "secrets.toml",
        "secrets/a",
        ".netrc",
        ".npmrc",
        ".pypirc",
        ".htpasswd",
        "a.pfx",
        "a.p12",
        "a.keystore",
        "kaggle.json",
        ".env.bak",
        ".git-credentials",
    ] {
        assert!(is_private(name.as_bytes()), "{name}");
    }
    for name in [
        "src/environment.rs",
        "keys.toml",
        "id_rsa.pub",
        "tokenizer.json",
        "tokens.py",
        "token.rs",
        "environment.yml",
        "src/secret/mod.rs",
        "monkey.toml",
        "envs/a.py",
        "keyboard.key.md",
    ] {
        assert!(!is_private(name.as_bytes()), "{name}");
    }
}
