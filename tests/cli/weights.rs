//! Fetching weights as a user does it, from a server on this machine.

use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::lab::Lab;
use crate::server::{Manner, Served, Server};

const LPIPS: &str = "lpips-v0.1-alex.pth";
const ALEXNET: &str = "alexnet-owt-7be5be79.pth";

#[test]
fn several_files_come_at_once_are_said_how_to_use_and_are_kept() {
    let (lab, server) = (Lab::new(), Server::new());
    let [lpips, alexnet] = [LPIPS, ALEXNET].map(|name| format!("PK\x03\x04 the weights in {name}").into_bytes());
    server.serve(LPIPS, Served::new(lpips.clone()));
    server.serve(ALEXNET, Served::new(alexnet.clone()).tag("\"v1\"").manners(&[Manner::Cut(7), Manner::Well]));
    let from = server.url("");
    let fetch = ["weights", "fetch", "alexnet", "lpips-alexnet", "alexnet", "--from", &from];
    let output = lab.run(&fetch);
    let [out, error] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(output.status.success(), "{error}");
    let said = |bytes: &[u8], name: &str, setting: &str| {
        let digest = hex::encode(Sha256::digest(bytes));
        format!("weights/{name}: SHA-256 {digest}\n  {setting} = \"weights/{name}\"\n")
    };
    let said = said(&alexnet, ALEXNET, "guide.weights") + &said(&lpips, LPIPS, "eval.lpips");
    assert_eq!(out, format!("fetched {ALEXNET}: 1 file\nfetched {LPIPS}: 1 file\n{said}"));
    assert!(error.contains("published checksums count at the official addresses only"), "{error}");
    assert!(error.contains(&format!("warning: {ALEXNET}: not the published file: its SHA-256 is ")), "{error}");
    assert!(error.contains("the published one 7be5be79…"), "{error}");
    assert!(error.contains("trusted as it came; jem-weights.lock holds SHA-256"), "{error}");
    assert_eq!(server.asked(), [ALEXNET, &format!("{ALEXNET} from 7 if \"v1\""), LPIPS]);
    assert_eq!(std::fs::read(lab.path("weights").join(ALEXNET)).unwrap(), alexnet);
    assert_eq!(lab.succeed(&fetch), format!("kept {ALEXNET}\nkept {LPIPS}\n{said}"));
    assert_eq!(server.asked().len(), 3);
    // At the official address the published file is wanted, and this is not it: nobody is asked.
    let error = lab.fail(3, &["weights", "fetch", "alexnet"]);
    assert!(
        error.contains(&format!("weights/{ALEXNET}: is there already, and is another file: its SHA-256")),
        "{error}"
    );
    assert!(error.contains(&format!("  help: move weights/{ALEXNET} away")), "{error}");
}

#[test]
fn the_files_of_a_text_encoder_come_to_a_folder_that_text_weights_names() {
    let (lab, server) = (Lab::new(), Server::new());
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/skip_thought");
    let uni = ["dictionary.txt", "utable.npy", "uni_skip.npz", "uni_skip.npz.pkl"];
    for name in uni {
        server.serve(name, Served::new(std::fs::read(fixtures.join(name)).unwrap()));
    }
    let from = server.url("");
    let fetch = ["weights", "fetch", "uni-skip", "--to", ".", "--from", &from];
    let told = lab.succeed(&fetch);
    assert!(told.ends_with("  text.weights = \"./skip-thoughts\"\n"), "{told}");
    assert_eq!((server.asked(), told.matches("SHA-256").count()), (uni.map(str::to_owned).to_vec(), 4));
    std::fs::write(lab.path("captions.txt"), "a red flower\n").unwrap();
    lab.succeed(&["encode", "--captions", "captions.txt", "--weights", "./skip-thoughts", "--out", "it.safetensors"]);
    // Both have the dictionary, which is there; an array that is none is not taken for one.
    server.serve("btable.npy", Served::new("no array"));
    let error = lab.fail(3, &["weights", "fetch", "bi-skip", "--to", ".", "--from", &from]);
    assert!(error.contains("btable.npy") && error.contains("as an array of numpy does"), "{error}");
    assert_eq!(server.asked().len(), 5);
}

#[test]
fn what_came_before_an_error_is_said_and_the_error_names_its_file() {
    let (lab, server) = (Lab::new(), Server::new());
    server.serve(LPIPS, Served::new("PK\x03\x04 weights"));
    server.serve(ALEXNET, Served::new("<html>Log in</html>"));
    let from = server.url("");
    let output = lab.run(&["weights", "fetch", "lpips-alexnet", "alexnet", "--to", "w", "--from", &from]);
    let [out, error] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(output.status.code(), Some(3), "{error}");
    assert!(out.contains(&format!("w/{LPIPS}: SHA-256 ")) && !out.contains(ALEXNET), "{out}");
    let wrong =
        format!("error: {ALEXNET}: not the right file, set aside as w/{ALEXNET}.rejected: a web page came instead");
    assert!(error.contains(&wrong), "{error}");
    let error = lab.fail(2, &["weights", "fetch", "resnet"]);
    assert!(error.contains("inception-fid") && error.contains("lpips-vgg16"), "{error}");
}
