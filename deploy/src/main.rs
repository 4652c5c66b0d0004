//! `tongxin`: reads the command line, runs one command, reports how it ended.
//! Knows no command's inside.

mod audit;
mod backup;
mod centre;
mod cli;
mod client;
mod demo;
mod export;
mod failure;
mod hub;
mod join;
mod locale;
mod node;
mod output;
mod progress;
mod renewal;
mod run;
mod service;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    locale::choose(cli.locale);
    match run::run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("tongxin: {failure}");
            ExitCode::from(failure.exit as u8)
        }
    }
}
