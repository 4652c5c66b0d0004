//! The examples of `docs/clients.md`, run as they stand there: stock clients in
//! other languages, with nothing of ours but the kits beside the page.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::harness::{District, calls::Caller, district::RUIQUAN, this_year};

#[test]
fn the_examples_of_the_page_do_what_it_says() {
    let district = District::start("clients");
    let ruiquan = district.joined(RUIQUAN);
    let mut staff = Caller::new(&ruiquan, "staff", "");
    let case = staff.report("street-light", "路灯").unwrap().name;
    staff.accept(&case).unwrap();
    district.settled(&ruiquan);
    district.counted("QS.R01", &this_year(), 1.0);

    let operator = Path::new(&district.hub_dir()).join("operator");
    let ca = district.path().join("local-ca.pem");
    fs::write(&ca, ruiquan.local_ca()).unwrap();
    let here = |text: &str| {
        text.replace("\"2026\"", &format!("\"{}\"", this_year()))
            .replace("'2026'", &format!("'{}'", this_year()))
            .replace("127.0.0.1:7444", &ruiquan.address)
            .replace("local-ca.pem", &ca.to_string_lossy())
            .replace("\"operator\"", &format!("{operator:?}"))
            .replace("'operator'", &format!("{operator:?}"))
            .replace("TOKEN", &ruiquan.token("staff", ""))
    };
    let scripts = district.path().join("scripts");
    fs::create_dir(&scripts).unwrap();
    for (language, suffix) in [("python", "py"), ("js", "js")] {
        let examples = examples(language);
        assert_eq!(examples.len(), 2, "examples in {language}");
        let said: Vec<String> = examples
            .iter()
            .enumerate()
            .map(|(number, example)| {
                let script = scripts.join(format!("example-{number}.{suffix}"));
                fs::write(&script, here(example)).unwrap();
                run(language, &script)
            })
            .collect();
        assert_eq!(said[0], "1\n", "{language}: the district's number");
        let [refused, reported] = said[1].lines().collect::<Vec<_>>()[..] else {
            panic!("{language}: {}", said[1]);
        };
        assert!(
            refused.starts_with("UNKNOWN_KIND "),
            "{language}: {refused}"
        );
        assert!(refused.contains("没有"), "in Chinese too: {refused}");
        assert!(reported.starts_with("cases/"), "{language}: {reported}");
    }
}

/// The page's code blocks in this language, in their order.
fn examples(language: &str) -> Vec<String> {
    let page = fs::read_to_string(root().join("docs/clients.md")).unwrap();
    let fence = format!("```{language}\n");
    let blocks = page.split(fence.as_str()).skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap().to_owned())
        .collect()
}

/// What the script prints.
fn run(language: &str, script: &Path) -> String {
    let kits = root().join("deploy/clients");
    let mut command = match language {
        "python" => {
            let mut command = Command::new(program("TONGXIN_PYTHON"));
            command.env("PYTHONPATH", kits.join("python"));
            command.env("PYTHONDONTWRITEBYTECODE", "1");
            command
        }
        _ => {
            let kit = script.with_file_name("tongxin.js");
            fs::copy(kits.join("node/tongxin.js"), kit).unwrap();
            let mut command = Command::new(program("TONGXIN_NODE"));
            command.env("NODE_PATH", program("TONGXIN_NODE_MODULES"));
            command
        }
    };
    let output = command.arg(script).output().expect("it runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {stderr}", script.display());
    String::from_utf8(output.stdout).unwrap()
}

fn program(variable: &str) -> PathBuf {
    match env::var_os(variable) {
        Some(path) => path.into(),
        None => panic!("{variable} is not set: run ./tests/run, which makes stock clients"),
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
