//! `jem weights fetch` from a local server.

use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::lab::Lab;
use crate::server::{ServedFile, Server, ServerBehavior};

const LPIPS: &str = "lpips-v0.1-alex.pth";
const ALEXNET: &str = "alexnet-owt-7be5be79.pth";

#[test]
fn several_files_are_fetched_with_their_settings_and_kept() {
    let (lab, server) = (Lab::new(), Server::new());
    let [lpips, alexnet] = [LPIPS, ALEXNET].map(|name| format!("PK\x03\x04 the weights in {name}").into_bytes());
    server.serve(LPIPS, ServedFile::new(lpips.clone()));
    server.serve(
        ALEXNET,
        ServedFile::new(alexnet.clone())
            .tag("\"v1\"")
            .behaviors(&[ServerBehavior::Truncate(7), ServerBehavior::Normal]),
    );
    let from = server.url("");
    let fetch = ["weights", "fetch", "alexnet", "lpips-alexnet", "alexnet", "--from", &from];
    let output = lab.run(&fetch);
    let [out, error] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(output.status.success(), "{error}");
    let messages = |bytes: &[u8], name: &str, setting: &str| {
        let digest = hex::encode(Sha256::digest(bytes));
        format!("weights/{name}: SHA-256 {digest}\n  {setting} = \"weights/{name}\"\n")
    };
    let messages = messages(&alexnet, ALEXNET, "guide.weights") + &messages(&lpips, LPIPS, "eval.lpips");
    assert_eq!(out, format!("fetched {ALEXNET}: 1 file\nfetched {LPIPS}: 1 file\n{messages}"));
    assert!(error.contains("is a mirror: files that differ"), "{error}");
    assert!(error.contains(&format!("warning: {ALEXNET}: not the published file: its SHA-256 is ")), "{error}");
    assert!(error.contains("the published SHA-256 is 7be5be79…"), "{error}");
    assert!(error.contains("is recorded in jem-weights.lock for later checks"), "{error}");
    assert_eq!(server.requests(), [ALEXNET, &format!("{ALEXNET} from 7 if \"v1\""), LPIPS]);
    assert_eq!(std::fs::read(lab.path("weights").join(ALEXNET)).unwrap(), alexnet);
    assert_eq!(lab.succeed(&fetch), format!("kept {ALEXNET}\nkept {LPIPS}\n{messages}"));
    assert_eq!(server.requests().len(), 3);
    // At the official URL the existing file is not the published one: an error without a download.
    let error = lab.fail(3, &["weights", "fetch", "alexnet"]);
    assert!(
        error.contains(&format!("weights/{ALEXNET}: the file exists and is not the expected file: its SHA-256")),
        "{error}"
    );
    assert!(error.contains(&format!("  help: move weights/{ALEXNET} away")), "{error}");
}

#[test]
fn the_files_of_a_text_encoder_are_fetched_to_one_folder() {
    let (lab, server) = (Lab::new(), Server::new());
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/skip_thought");
    let uni = ["dictionary.txt", "utable.npy", "uni_skip.npz", "uni_skip.npz.pkl"];
    for name in uni {
        server.serve(name, ServedFile::new(std::fs::read(fixtures.join(name)).unwrap()));
    }
    let from = server.url("");
    let fetch = ["weights", "fetch", "uni-skip", "--to", ".", "--from", &from];
    let printed = lab.succeed(&fetch);
    assert!(printed.ends_with("  text.weights = \"./skip-thoughts\"\n"), "{printed}");
    assert_eq!((server.requests(), printed.matches("SHA-256").count()), (uni.map(str::to_owned).to_vec(), 4));
    std::fs::write(lab.path("captions.txt"), "a red flower\n").unwrap();
    lab.succeed(&["encode", "--captions", "captions.txt", "--weights", "./skip-thoughts", "--out", "it.safetensors"]);
    // Both encoders share the dictionary, which exists. A file that is not an array is an error.
    server.serve("btable.npy", ServedFile::new("no array"));
    let error = lab.fail(3, &["weights", "fetch", "bi-skip", "--to", ".", "--from", &from]);
    assert!(error.contains("btable.npy") && error.contains("it is not a NumPy array file"), "{error}");
    assert_eq!(server.requests().len(), 5);
}

#[test]
fn files_fetched_before_an_error_are_reported() {
    let (lab, server) = (Lab::new(), Server::new());
    server.serve(LPIPS, ServedFile::new("PK\x03\x04 weights"));
    server.serve(ALEXNET, ServedFile::new("<html>Log in</html>"));
    let from = server.url("");
    let output = lab.run(&["weights", "fetch", "lpips-alexnet", "alexnet", "--to", "w", "--from", &from]);
    let [out, error] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(output.status.code(), Some(3), "{error}");
    assert!(out.contains(&format!("w/{LPIPS}: SHA-256 ")) && !out.contains(ALEXNET), "{out}");
    let wrong = format!("error: {ALEXNET}: not the expected file, moved to w/{ALEXNET}.rejected: it is a web page");
    assert!(error.contains(&wrong), "{error}");
    let error = lab.fail(2, &["weights", "fetch", "resnet"]);
    assert!(error.contains("inception-fid") && error.contains("lpips-vgg16"), "{error}");
}
