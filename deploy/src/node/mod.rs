//! `tongxin node …`: from arguments to calls or to the server. Knows no rule of
//! the node.

mod audit;
mod import;
mod moving;
pub mod playbook;
mod register;
mod serve;
mod status;
mod subject;
mod support;
mod tokens;
mod verify;

use crate::{
    backup::{self, Kind},
    cli::{self, Node},
    failure::Failure,
};

pub fn run(command: Node) -> Result<(), Failure> {
    match command {
        Node::Init(init) => serve::init(&init),
        Node::Join { at, token } => crate::join::join(&at.dir, &token),
        Node::Move { at, token } => moving::relocate(&at.dir, &token),
        Node::Serve(at) => serve::serve(&at.dir),
        Node::Status(status) => status::status(&status),
        Node::Verify(at) => verify::verify(&at.dir),
        Node::Audit(audit) => audit::audit(&audit),
        Node::Backup(take) => backup::backup(Kind::Node, &take),
        Node::VerifyBackup(verify) => backup::verify(Kind::Node, &verify),
        Node::Restore {
            restore,
            expect_head,
        } => backup::restore(Kind::Node, &restore, expect_head.as_deref()),
        Node::Import(cli::Import::Cases(cases)) => import::cases(&cases),
        Node::Import(cli::Import::Register(rows)) => register::import(&rows),
        Node::Template(asked) => register::template(&asked),
        Node::Playbook(command) => playbook::run(&command),
        Node::Token(cli::Token::Create(create)) => tokens::create(&create),
        Node::Token(cli::Token::List(list)) => tokens::list(&list),
        Node::Token(cli::Token::Revoke { at, name }) => tokens::revoke(&at.dir, name),
        Node::Subject(command) => subject::run(command),
        Node::Support(command) => support::run(command),
        Node::Erase { at, case } => tokens::erase(&at.dir, case),
    }
}
