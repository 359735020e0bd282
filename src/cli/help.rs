//! The command line as help, completions and manual pages show it: the commands with two examples each.

use clap::builder::styling::Styles;
use clap::{Command, CommandFactory as _};

use super::Arguments;

/// The heading of the options that every command has.
pub const GLOBAL_OPTIONS: &str = "Global options";

/// Two examples of each command, which is named by its words after `jem`.
const EXAMPLES: &[(&str, [&str; 2])] = &[
    ("", ["jem run quickstart", "jem list quickstart --sort -metric.ssim.best"]),
    ("init", ["jem init", "jem init experiments-2026 --force"]),
    ("data", ["jem data fetch oxford-102", "jem data check oxford-102"]),
    ("data fetch", ["jem data fetch oxford-102", "jem data fetch oxford-102 --to flowers --keep-archives"]),
    ("data draw", ["jem data draw drawn", "jem data draw drawn --images 1020 --side 64 --seed 2"]),
    ("data check", ["jem data check", "jem data check flowers --manifest sums.txt --format json"]),
    ("weights", ["jem weights fetch alexnet inception-fid", "jem weights check weights/alexnet-owt-7be5be79.pth"]),
    ("weights fetch", ["jem weights fetch vgg16 inception-fid", "jem weights fetch uni-skip --to weights"]),
    ("weights check", ["jem weights check vgg16.pth", "jem weights check encoder.safetensors --format json"]),
    (
        "weights fit",
        [
            "jem weights fit vgg16 --set data.root=oxford-102 --set guide.width=0.25",
            "jem weights fit skip-thought --corpus books.txt --out encoder.safetensors",
        ],
    ),
    (
        "weights expand",
        [
            "jem weights expand encoder.safetensors --vectors glove.txt --out expanded.safetensors",
            "jem weights expand encoder.safetensors --vectors glove.txt --words-of text.txt --out small.safetensors",
        ],
    ),
    ("run", ["jem run quickstart", "jem run oxford-small --workers 2 --device cuda:0"]),
    ("plan", ["jem plan sweep.toml --set train.epochs=50", "jem plan --schema"]),
    ("prepare", ["jem prepare oxford-small", "jem prepare sweep.toml --device cpu"]),
    ("queue", ["jem queue sweep.toml", "jem queue sweep.toml --set seeds=[1,2,3] --priority 5"]),
    ("work", ["jem work", "jem work --workers 2 --device cuda:0"]),
    ("status", ["jem status", "jem status sweep --watch=10"]),
    (
        "list",
        [
            "jem list sweep --state finished --sort -metric.ssim.best --limit 20",
            "jem list --where \"train.batch >= 32\" --format csv",
        ],
    ),
    ("show", ["jem show 3", "jem show 3 --settings --format json"]),
    ("logs", ["jem logs 3 --follow", "jem logs 3 --lines 50"]),
    ("compare", ["jem compare quickstart JEM-AlexNet JEM-VGG", "jem compare 3 cell:9f2c --metric ssim"]),
    (
        "power",
        [
            "jem power quickstart JEM-AlexNet JEM-VGG --metric ssim",
            "jem power quickstart GAN-CLS-INT JEM-VGG --difference 0.02 --power 0.9 --comparisons 4",
        ],
    ),
    ("retry", ["jem retry --failed", "jem retry 3 7 --from-start"]),
    ("cancel", ["jem cancel 3", "jem cancel --experiment sweep --state queued --dry-run"]),
    ("tag", ["jem tag 3 7 --add paper", "jem tag --experiment sweep --remove draft"]),
    ("note", ["jem note 3 \"learning rate too high\"", "jem note 3 \"\""]),
    (
        "sample",
        [
            "jem sample 3 --text \"a red flower\" --guide-image 12 --out red.png",
            "jem sample 3 --epoch best --interpolate noise --steps 10 --out strips",
        ],
    ),
    (
        "features",
        [
            "jem features oxford-102/jpg --out real.safetensors",
            "jem features generated --network vgg16 --layer fc7 --out generated.safetensors",
        ],
    ),
    (
        "encode",
        [
            "jem encode --weights encoder.safetensors --nearest \"a red flower\"",
            "jem encode --weights fit --captions captions.txt --out vectors.safetensors",
        ],
    ),
    ("eval", ["jem eval fid run:3@best", "jem eval lpips first second"]),
    ("eval fid", ["jem eval fid run:3", "jem eval fid generated real.safetensors --infinity"]),
    ("eval kid", ["jem eval kid run:3@best", "jem eval kid generated real --subset-size 500"]),
    ("eval is", ["jem eval is run:3", "jem eval is generated --splits 5"]),
    ("eval prdc", ["jem eval prdc run:3 images:3", "jem eval prdc generated real --format json"]),
    ("eval lpips", ["jem eval lpips first second", "jem eval lpips first second --network vgg16 --format csv"]),
    ("gc", ["jem gc --dry-run", "jem gc --unused-for 30"]),
    ("db", ["jem db check", "jem db backup backup.db"]),
    ("db check", ["jem db check", "jem db check --database other.db --format json"]),
    ("db backup", ["jem db backup backup.db", "jem db backup --database other.db other-backup.db"]),
    (
        "db converge",
        [
            "jem db converge sweep --rule plateau:delta=0.01,patience=5",
            "jem db converge --rule threshold:tau=0.4 --metric ssim --smooth median:3 --format csv",
        ],
    ),
    ("report", ["jem report quickstart", "jem report --schema"]),
    ("completions", ["jem completions bash", "jem completions zsh"]),
    ("man", ["jem man", "jem man --out man1"]),
];

/// The command line, with examples after the help of every command.
pub fn command() -> Command {
    with_examples(Arguments::command(), "")
}

fn with_examples(command: Command, path: &str) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let command = match EXAMPLES.iter().find(|(known, _)| *known == path) {
        Some((_, examples)) => {
            let styles = Styles::styled();
            let header = styles.get_header();
            command.after_help(format!("{header}Examples:{header:#}\n  {}", examples.join("\n  ")))
        }
        None => command,
    };
    names.into_iter().fold(command, |command, name| {
        let path = format!("{path} {name}");
        command.mut_subcommand(&name, |command| with_examples(command, path.trim_start()))
    })
}

#[cfg(test)]
mod tests {
    use clap::ArgAction;

    use super::*;

    /// Every command that help shows, by its words.
    fn commands() -> Vec<(String, Command)> {
        fn walk(command: &Command, path: &str, all: &mut Vec<(String, Command)>) {
            all.push((path.to_owned(), command.clone()));
            for command in command.get_subcommands().filter(|command| !command.is_hide_set()) {
                walk(command, format!("{path} {}", command.get_name()).trim_start(), all);
            }
        }
        let mut root = command().disable_help_subcommand(true);
        root.build();
        let mut all = Vec::new();
        walk(&root, "", &mut all);
        all
    }

    /// The words of a line, as a shell reads quotes.
    fn words(line: &str) -> Vec<String> {
        let mut words = vec![];
        for (at, part) in line.split('"').enumerate() {
            match at % 2 {
                0 => words.extend(part.split_whitespace().map(ToOwned::to_owned)),
                _ => words.push(part.to_owned()),
            }
        }
        words
    }

    #[test]
    fn every_command_has_a_purpose_of_one_line_and_two_examples() {
        let commands = commands();
        assert!(commands.len() > 40, "{}", commands.len());
        for (path, command) in commands {
            let about = command.get_about().unwrap_or_else(|| panic!("jem {path} has no purpose")).to_string();
            assert!(!about.is_empty() && about.lines().count() == 1, "jem {path}: {about}");
            let help = command.clone().term_width(200).render_long_help().to_string();
            assert!(help.starts_with(&about), "jem {path}: {help}");
            let (_, examples) = help.split_once("\nExamples:\n").unwrap_or_else(|| panic!("jem {path}: {help}"));
            let examples: Vec<&str> = examples.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            assert_eq!(examples.len(), 2, "jem {path}");
            let begins = |example: &&str| example.starts_with(format!("jem {path}").trim_end());
            assert!(examples.iter().all(begins), "jem {path}: {examples:?}");
        }
    }

    #[test]
    fn every_example_is_a_valid_command_line() {
        for example in EXAMPLES.iter().flat_map(|(_, examples)| examples) {
            if let Err(error) = command().try_get_matches_from(words(example)) {
                panic!("{example}: {error}");
            }
        }
    }

    #[test]
    fn only_global_options_are_under_the_global_heading_and_it_comes_last() {
        for (path, command) in commands() {
            for arg in command.get_arguments() {
                let is_global = ["database", "cache", "cache_limit", "quiet"].contains(&arg.get_id().as_str());
                let heading = arg.get_help_heading();
                assert_eq!(heading, is_global.then_some(GLOBAL_OPTIONS), "jem {path}: {}", arg.get_id());
            }
            let help = command.clone().render_long_help().to_string();
            let [own, global] = ["\nOptions:\n", "\nGlobal options:\n"].map(|heading| help.find(heading));
            assert!(own.is_some() && own < global, "jem {path}: {help}");
        }
    }

    #[test]
    fn every_option_with_a_value_shows_its_default() {
        for (path, command) in commands() {
            let alternatives: Vec<_> = command
                .get_groups()
                .filter(|group| group.is_required_set())
                .flat_map(|group| group.get_args())
                .collect();
            let help = command.clone().render_help().to_string();
            for arg in command.get_arguments() {
                let has_value = !arg.is_positional() && matches!(arg.get_action(), ArgAction::Set);
                if !has_value || arg.is_required_set() || arg.is_hide_set() || alternatives.contains(&arg.get_id()) {
                    continue;
                }
                let described = arg.get_help().is_some_and(|text| text.to_string().contains("[default: "));
                assert!(described || !arg.get_default_values().is_empty(), "jem {path}: {arg}\n{help}");
            }
        }
    }
}
