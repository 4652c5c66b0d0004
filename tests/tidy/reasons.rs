//! The catalogue of errors, `docs/errors.md`, is read out of the source: every
//! reason that a call can be refused with, and what it says in both languages.
//! `TONGXIN_BLESS=1` writes it anew. Runs nothing; it parses.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
};

use syn::{
    Arm, Expr, ExprCall, ExprMethodCall, ExprTuple, ImplItemFn, ItemImpl, ItemMod, Lit, Local, Pat,
    Stmt,
    visit::{self, Visit},
};

use crate::sources::{files, root};

const DOCUMENT: &str = "docs/errors.md";

/// Where reasons come from, and what the sections are called.
const PARTS: [(&str, &[&str]); 3] = [
    ("两端 · Both", &["proto/edge/src/"]),
    ("节点 · Node", &["node/domain/src/", "node/server/src/"]),
    ("枢纽 · Hub", &["hub/domain/src/", "hub/server/src/"]),
];

const HEAD: &str = "# 错误目录 · Errors

Every refusal is a gRPC status with three details: an ErrorInfo of the domain `tongxin` whose `reason` is one of these and never changes its meaning, a LocalizedMessage in zh-CN, and a BadRequest naming the fields when input was wrong. Programs decide by the reason, never by the code or the text; a status without our ErrorInfo is a fault of the transport. `…` stands for a detail, which the metadata holds too. RetryInfo says when to try again; without it, the same call gets the same answer until something changes.

A message says what is the case and, after the semicolon, what helps.
";

/// What a reason says: Chinese, English.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Words {
    zh: String,
    en: String,
}

#[test]
fn the_catalogue_of_errors_is_what_the_source_says() {
    let mut catalogue = HEAD.to_owned();
    let mut count = 0;
    for (title, folders) in PARTS {
        let reasons = reasons(folders);
        count += reasons.len();
        catalogue += &format!(
            "\n## {title}\n\n| reason | code | 中文 | English |\n| --- | --- | --- | --- |\n"
        );
        for ((reason, code), words) in reasons {
            let said = |text: fn(&Words) -> &str| {
                let all: BTreeSet<&str> = words.iter().map(text).collect();
                all.into_iter().collect::<Vec<_>>().join(" / ")
            };
            let (zh, en) = (said(|words| &words.zh), said(|words| &words.en));
            catalogue += &format!("| `{reason}` | {code} | {zh} | {en} |\n");
        }
    }
    assert!(count > 300, "only {count} reasons were found");
    let path = root().join(DOCUMENT);
    if env::var_os("TONGXIN_BLESS").is_some() {
        fs::write(&path, &catalogue).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    let news = catalogue.lines().find(|line| !written.contains(line));
    assert!(
        written == catalogue,
        "{DOCUMENT} is not what the source says, for example {news:?}; \
         write it anew with TONGXIN_BLESS=1 cargo test --test tidy reasons"
    );
}

type Reasons = BTreeMap<(String, String), BTreeSet<Words>>;

fn reasons(folders: &[&str]) -> Reasons {
    // What belongs to one refusal may stand in several files of a folder.
    let mut readings: BTreeMap<String, Reading> = BTreeMap::new();
    for source in files(&["rs"]) {
        let test = source.path.contains("/tests") || source.path.ends_with("_tests.rs");
        if test || !folders.iter().any(|folder| source.path.starts_with(folder)) {
            continue;
        }
        let parsed = syn::parse_file(&source.text)
            .unwrap_or_else(|fault| panic!("{}: {fault}", source.path));
        let folder = source
            .path
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder);
        readings
            .entry(folder.to_owned())
            .or_default()
            .visit_file(&parsed);
    }
    let mut found = Reasons::new();
    for (reason, code, words) in readings.into_values().flat_map(Reading::finish) {
        found.entry((reason, code)).or_default().insert(words);
    }
    found
}

#[derive(Default)]
struct Reading {
    /// Said in one expression: reason, code, words.
    direct: Vec<(String, String, Words)>,
    /// By function (`reason`, `class`, `zh`, `en`), then type and variant.
    arms: BTreeMap<&'static str, BTreeMap<(String, String), String>>,
    of: String,
    inside: Option<&'static str>,
    /// Words by the name that they were last given.
    named: BTreeMap<String, String>,
}

impl Reading {
    fn finish(self) -> Vec<(String, String, Words)> {
        let of = |function: &str, variant: &(String, String)| {
            let arms = self.arms.get(function);
            arms.and_then(|arms| arms.get(variant))
                .cloned()
                .unwrap_or_default()
        };
        let mut said = self.direct.clone();
        for (variant, reason) in self.arms.get("reason").into_iter().flatten() {
            let words = Words {
                zh: of("zh", variant),
                en: of("en", variant),
            };
            if is_reason(reason) && !words.zh.is_empty() {
                said.push((reason.clone(), code_of_class(&of("class", variant)), words));
            }
        }
        said
    }

    /// A call or a tuple in which a reason stands beside Chinese words.
    fn read<'a>(&mut self, callee: &str, parts: impl Iterator<Item = &'a Expr>) {
        let (mut reason, mut code, mut words) = (None, String::new(), Words::default());
        for part in parts {
            match self.text(part) {
                Some(text) if reason.is_none() && is_reason(&text) => reason = Some(text),
                Some(text) if text.chars().any(is_chinese) => words.zh = cell(&text),
                // A field's path has no spaces; a sentence has.
                Some(text) if text.contains(' ') => words.en = cell(&text),
                Some(_) => {}
                None => code = code_of_path(part).unwrap_or(code),
            }
        }
        if let Some(reason) = reason
            && !words.zh.is_empty()
        {
            if code.is_empty() {
                code = code_of_class(callee);
            }
            self.direct.push((reason, code, words));
        }
    }

    /// The words of a literal, of `format!`, of a name given to either, or of
    /// every branch of a choice; also behind a conversion.
    fn text(&self, expression: &Expr) -> Option<String> {
        let any = |texts: Vec<Option<String>>| {
            let texts: Vec<String> = texts.into_iter().flatten().collect();
            (!texts.is_empty()).then(|| texts.join(" / "))
        };
        match expression {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            Expr::Macro(call) if call.mac.path.is_ident("format") => {
                let first = call.mac.tokens.clone().into_iter().next()?;
                let literal: syn::LitStr = syn::parse_str(&first.to_string()).ok()?;
                Some(literal.value())
            }
            Expr::Path(path) => self.named.get(&path.path.get_ident()?.to_string()).cloned(),
            Expr::MethodCall(call) => self.text(&call.receiver),
            Expr::Call(call) if call.args.len() == 1 => self.text(&call.args[0]),
            Expr::Reference(reference) => self.text(&reference.expr),
            Expr::Match(choice) => {
                any(choice.arms.iter().map(|arm| self.text(&arm.body)).collect())
            }
            Expr::Block(block) => match block.block.stmts.last()? {
                Stmt::Expr(last, None) => self.text(last),
                _ => None,
            },
            _ => None,
        }
    }

    fn name(&mut self, pattern: &Pat, words: &Expr) {
        match (pattern, words) {
            (Pat::Ident(name), words) => {
                let name = name.ident.to_string();
                match self.text(words) {
                    Some(text) => self.named.insert(name, text),
                    None => self.named.remove(&name),
                };
            }
            (Pat::Tuple(names), Expr::Tuple(tuple)) => {
                names
                    .elems
                    .iter()
                    .zip(&tuple.elems)
                    .for_each(|(name, words)| self.name(name, words));
            }
            (Pat::Tuple(names), Expr::Match(choice)) => {
                for (position, name) in names.elems.iter().enumerate() {
                    let Pat::Ident(name) = name else { continue };
                    let branches = choice.arms.iter().filter_map(|arm| match &*arm.body {
                        Expr::Tuple(tuple) => self.text(tuple.elems.get(position)?),
                        _ => None,
                    });
                    let text = branches.collect::<Vec<_>>().join(" / ");
                    self.named.insert(name.ident.to_string(), text);
                }
            }
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Reading {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if module.ident != "tests" {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_impl(&mut self, block: &'ast ItemImpl) {
        if let syn::Type::Path(of) = &*block.self_ty {
            let last = of.path.segments.last();
            self.of = last.map(|last| last.ident.to_string()).unwrap_or_default();
        }
        visit::visit_item_impl(self, block);
    }

    fn visit_local(&mut self, local: &'ast Local) {
        visit::visit_local(self, local);
        if let Some(init) = &local.init {
            self.name(&local.pat, &init.expr);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        let name = function.sig.ident.to_string();
        self.inside = ["reason", "class", "zh", "en"]
            .into_iter()
            .find(|known| *known == name);
        visit::visit_impl_item_fn(self, function);
        self.inside = None;
    }

    fn visit_arm(&mut self, arm: &'ast Arm) {
        if let Some(function) = self.inside {
            let said = self.text(&arm.body).or_else(|| last_segment(&arm.body));
            for variant in variants(&arm.pat) {
                let said = said.clone().map(|said| cell(&said)).unwrap_or_default();
                let variant = (self.of.clone(), variant);
                self.arms.entry(function).or_default().insert(variant, said);
            }
        }
        visit::visit_arm(self, arm);
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        let callee = last_segment(&call.func).unwrap_or_default();
        self.read(&callee, call.args.iter());
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        self.read(&call.method.to_string(), call.args.iter());
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_tuple(&mut self, tuple: &'ast ExprTuple) {
        self.read("", tuple.elems.iter());
        visit::visit_expr_tuple(self, tuple);
    }
}

fn variants(pattern: &Pat) -> Vec<String> {
    let last = |path: &syn::Path| path.segments.last().map(|last| last.ident.to_string());
    match pattern {
        Pat::Or(or) => or.cases.iter().flat_map(variants).collect(),
        Pat::Path(path) => last(&path.path).into_iter().collect(),
        Pat::Struct(shape) => last(&shape.path).into_iter().collect(),
        Pat::TupleStruct(shape) => last(&shape.path).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn last_segment(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
        Expr::Struct(shape) => shape
            .path
            .segments
            .last()
            .map(|last| last.ident.to_string()),
        _ => None,
    }
}

/// `Code::NotFound` and `NotFound` alike.
fn code_of_path(expression: &Expr) -> Option<String> {
    let name = last_segment(expression)?;
    CODES.contains(&name.as_str()).then(|| spelled(&name))
}

const CODES: [&str; 11] = [
    "InvalidArgument",
    "NotFound",
    "AlreadyExists",
    "PermissionDenied",
    "ResourceExhausted",
    "FailedPrecondition",
    "Aborted",
    "Unavailable",
    "Unauthenticated",
    "DeadlineExceeded",
    "Internal",
];

/// Of the constructors and classes of refusals.
fn code_of_class(class: &str) -> String {
    let code = match class {
        "input" | "Input" | "field" => "InvalidArgument",
        "state" | "State" => "FailedPrecondition",
        "denied" | "Denied" => "PermissionDenied",
        "exists" | "Exists" => "AlreadyExists",
        "exhausted" | "Exhausted" => "ResourceExhausted",
        "NotFound" => "NotFound",
        _ => return "–".to_owned(),
    };
    spelled(code)
}

/// `NotFound` as `NOT_FOUND`.
fn spelled(name: &str) -> String {
    let mut spelled = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !spelled.is_empty() {
            spelled.push('_');
        }
        spelled.push(letter.to_ascii_uppercase());
    }
    spelled
}

fn is_reason(text: &str) -> bool {
    let shaped = text
        .chars()
        .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    shaped && text.len() > 2 && text.starts_with(|c: char| c.is_ascii_uppercase())
}

fn is_chinese(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// One cell of a table: holes as `…`, no bars, one line.
fn cell(text: &str) -> String {
    let (mut cell, mut depth) = (String::new(), 0);
    for letter in text.replace("{{", "(").replace("}}", ")").chars() {
        match letter {
            '{' => {
                depth += 1;
                cell.push('…');
            }
            '}' => depth -= 1,
            '|' if depth == 0 => cell.push('/'),
            '\n' if depth == 0 => cell.push(' '),
            _ if depth == 0 => cell.push(letter),
            _ => {}
        }
    }
    cell
}
