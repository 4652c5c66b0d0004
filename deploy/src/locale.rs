//! Which language a person reads: Chinese unless the environment asks for
//! English. Knows no messages; they stand in both languages where they are used.

use std::{env, sync::OnceLock};

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Locale {
    Zh,
    En,
}

static CHOSEN: OnceLock<Locale> = OnceLock::new();

/// Fixes the language for this process: the flag, else the environment.
pub fn choose(flag: Option<Locale>) {
    let of = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let named = || {
        of("LC_ALL")
            .or_else(|| of("LC_MESSAGES"))
            .or_else(|| of("LANG"))
    };
    let _ = CHOSEN.set(flag.unwrap_or_else(|| from_name(named().as_deref())));
}

fn from_name(name: Option<&str>) -> Locale {
    match name {
        Some(name) if name.starts_with("en") => Locale::En,
        _ => Locale::Zh,
    }
}

/// The one of two texts that this process's reader wants.
pub fn pick<T>(zh: T, en: T) -> T {
    match CHOSEN.get() {
        Some(Locale::En) => en,
        _ => zh,
    }
}

/// A formatted text in both languages, of which one is made.
#[macro_export]
macro_rules! text {
    ($zh:literal, $en:literal $(, $arg:expr)* $(,)?) => {
        $crate::locale::pick(format!($zh $(, $arg)*), format!($en $(, $arg)*))
    };
}

/// Talk to the person, on stderr; data goes to stdout.
#[macro_export]
macro_rules! say {
    ($($arg:tt)*) => { eprintln!("{}", $crate::text!($($arg)*)) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_unless_english_is_asked_for() {
        assert_eq!(from_name(Some("en_GB.UTF-8")), Locale::En);
        for name in [Some("zh_CN.UTF-8"), Some("C"), Some("C.UTF-8"), None] {
            assert_eq!(from_name(name), Locale::Zh, "{name:?}");
        }
    }
}
