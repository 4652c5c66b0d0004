//! Arguments of `tongxin node …`.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use super::{Audit, Backup, Dir, Output, RestoreFrom, Status, Subject, Support, VerifyBackup};

#[derive(Debug, Subcommand)]
pub enum Node {
    /// 建立社区的存储 · Make a community's store
    Init(NodeInit),
    /// 凭邀请入网 · Enrol with an invite
    Join {
        #[command(flatten)]
        at: Dir,
        /// 邀请，或 file:路径 · The invite, or file:PATH
        token: String,
    },
    /// 连同全部记录转到另一枢纽，节点须已停 · Go on under another hub with all records; the node must not run
    Move {
        #[command(flatten)]
        at: Dir,
        /// 新枢纽的邀请，或 file:路径 · The new hub's invite, or file:PATH
        token: String,
    },
    /// 运行 · Serve
    Serve(Dir),
    /// 状况 · How the node is
    Status(Status),
    /// 核对日志，旁边重建视图并比较 · Verify the journal, rebuild the view beside and compare
    Verify(Dir),
    /// 审计：由日志重算已发布的数，与枢纽所存逐字节核对 · Audit: work the published numbers out again and compare them with the hub's, byte by byte
    Audit(Audit),
    /// 备份成一个加密文件，不必停机 · Back up into one encrypted file, while it runs
    Backup(Backup),
    /// 核对备份能否恢复 · Check that a backup can be restored
    VerifyBackup(VerifyBackup),
    /// 从备份恢复到空目录 · Restore a backup into an empty directory
    Restore {
        #[command(flatten)]
        restore: RestoreFrom,
        /// 枢纽所知的最后日志头（tongxin hub head），或 file:路径；据此指明丢了哪些记录 · The last head that the hub knows, or file:PATH: names the records that are lost
        #[arg(long)]
        expect_head: Option<String>,
    },
    /// 导入历史和名册 · Import history and registers
    #[command(subcommand)]
    Import(Import),
    /// 名册的填表模板 · A register's workbook, to be filled in
    Template(RegisterTemplate),
    /// 预案：随附的，和检查自己写的 · Playbooks: those that ship, and a check of your own
    #[command(subcommand)]
    Playbook(PlaybookCommand),
    /// 本地客户端令牌 · Local clients' tokens
    #[command(subcommand)]
    Token(Token),
    /// 个人信息的查阅、复制、更正、删除 · A person's data: copy, correction, deletion
    #[command(subcommand)]
    Subject(Subject),
    /// 向区支持中心求助，看它们提供什么 · Ask the district's centres, see what they offer
    #[command(subcommand)]
    Support(Support),
    /// 销毁当事人密钥，个人信息永不可读 · Destroy a requester's key for ever
    Erase {
        #[command(flatten)]
        at: Dir,
        /// 此人的任一报事，如 cases/42 · Any case of the person
        case: String,
    },
}

#[derive(Debug, Args)]
pub struct NodeInit {
    #[command(flatten)]
    pub at: Dir,
    /// 十二位社区代码 · Twelve-digit community code
    #[arg(long)]
    pub community: String,
    /// 本地客户端的监听地址 · Address for local clients
    #[arg(long, default_value = "127.0.0.1:7444")]
    pub listen: SocketAddr,
    /// 预案：随附的代码或文件，可多个，先列的优先 · Playbooks: a code that ships or a file, several if wanted, the first counts first
    #[arg(long = "playbook", default_values_t = ["qingshan".to_owned()])]
    pub playbooks: Vec<String>,
    #[arg(long, default_value = "Asia/Shanghai")]
    pub zone: String,
    /// 居民人数；涉及个人的指标以此为准 · Residents; numbers about people need to know
    #[arg(long)]
    pub residents: Option<u32>,
}

#[derive(Debug, Subcommand)]
pub enum PlaybookCommand {
    /// 检查文件，逐行指出错误和改法 · Name every mistake with its line and what would be right
    Check { file: PathBuf },
    /// 列出随附的预案 · List those that ship
    List {
        #[arg(long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
    /// 打印随附的预案，可存为文件再改；给出 --dir 则打印该节点采用的 · Print one that ships, to be kept and changed; with --dir, one that this node has adopted
    Show {
        /// 代码，采用过的可带版次，如 qingshan@1 · A code; of adopted ones also a revision
        code: String,
        #[arg(long)]
        dir: Option<PathBuf>,
    },
    /// 采用这些预案，代替现有全部；先列的优先 · Adopt these in place of all others, the first counts first
    Adopt {
        #[command(flatten)]
        at: Dir,
        /// 随附的代码或文件 · Codes that ship, or files
        #[arg(required = true)]
        playbooks: Vec<String>,
    },
    /// 采用某一预案的新版，或再加一个 · Adopt a newer revision of one, or another one
    Amend {
        #[command(flatten)]
        at: Dir,
        playbook: String,
    },
    /// 采用过的各版：何时、由谁 · Everything that was adopted, when and by whom
    History(Status),
}

#[derive(Debug, Subcommand)]
pub enum Import {
    /// 从工单系统导出的 CSV，节点须停止 · From a ticket system's export, while the node is stopped
    Cases(ImportCases),
    /// 从填好的模板，节点须在运行 · From a template that was filled in, while the node runs
    Register(ImportRegister),
}

#[derive(Debug, Args)]
pub struct RegisterTemplate {
    /// 写到哪里；不写 --register 时以文件名为名册，如 residents.xlsx · Where to write; names the register unless --register does
    pub file: PathBuf,
    /// 名册代码 · Code of the register
    #[arg(long)]
    pub register: Option<String>,
    /// 按这个节点采用的预案 · By the playbooks of the node in this directory
    #[arg(long, env = "TONGXIN_DIR")]
    pub dir: Option<PathBuf>,
    /// 没有节点时按这些预案：随附的代码或文件 · Without a node, by these playbooks: a code that ships or a file
    #[arg(long = "playbook", default_values_t = ["qingshan".to_owned()])]
    pub playbooks: Vec<String>,
}

#[derive(Debug, Args)]
pub struct ImportRegister {
    #[command(flatten)]
    pub at: Dir,
    /// 填好的 .xlsx，或 UTF-8 的 .csv · The .xlsx that was filled in, or .csv in UTF-8
    pub file: PathBuf,
    /// 名册代码；不写时以文件名为名册 · Code of the register; the file's name unless given
    #[arg(long)]
    pub register: Option<String>,
    /// 只检查，不写 · Check only, write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// 有一行不合格就都不导入 · Import nothing when one row is rejected
    #[arg(long)]
    pub all_or_nothing: bool,
    /// 标出错误的文件写到哪里；不写时在原文件旁边 · Where to write the rows with what is wrong marked; beside the file unless given
    #[arg(long)]
    pub checked: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t = Output::Table)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct ImportCases {
    #[command(flatten)]
    pub at: Dir,
    /// 列怎样对应 · How columns map
    #[arg(long)]
    pub mapping: PathBuf,
    /// CSV 或 or CSV.gz
    pub file: PathBuf,
    /// 只检查，不写 · Check only, write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// 有一行不合格就都不导入 · Import nothing when one row is rejected
    #[arg(long)]
    pub all_or_nothing: bool,
    /// 不合格的行写到此文件 · Rejected rows with line and reason
    #[arg(long, default_value = "rejected.csv")]
    pub rejected: PathBuf,
    #[arg(long, value_enum, default_value_t = Output::Table)]
    pub output: Output,
}

#[derive(Debug, Subcommand)]
pub enum Token {
    /// 新令牌，只显示一次 · A new token, shown once
    Create(TokenCreate),
    /// 列出 · List
    List(Status),
    /// 吊销，如 tokens/3 · Revoke
    Revoke {
        #[command(flatten)]
        at: Dir,
        name: String,
    },
}

#[derive(Debug, Args)]
pub struct TokenCreate {
    #[command(flatten)]
    pub at: Dir,
    #[arg(long, value_enum)]
    pub role: Role,
    /// 居民：化名；网格员：三位网格号；经办人：名称 · Pseudonym, grid or handler
    #[arg(long, default_value = "")]
    pub scope: String,
    /// 有效天数 · Days until it expires
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub valid_days: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Role {
    Resident,
    GridWorker,
    Handler,
    Staff,
    Admin,
    Auditor,
}
