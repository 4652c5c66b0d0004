//! Arguments of `tongxin hub …`.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Subcommand};
use jiff::{SignedDuration, Timestamp};

use super::{
    AuditExport, Backup, Dir, Extension, Grain, Indicator, Output, Period, Quality, Query,
    RestoreFrom, Status, VerifyBackup, Watch,
};

#[derive(Debug, Subcommand)]
pub enum Hub {
    /// 建立区的根、签发机构和存储 · Make the district's authority and store
    Init(HubInit),
    /// 运行 · Serve
    Serve(Dir),
    /// 操作员凭邀请入网，此后可查询 · Join as an operator with an invite
    Join {
        #[command(flatten)]
        at: Dir,
        /// 邀请，或 file:路径 · The invite, or file:PATH
        token: String,
    },
    /// 凭上级的邀请接入上级枢纽，下次运行起生效 · Become the child of another hub, from the next start
    Attach {
        #[command(flatten)]
        at: Dir,
        /// 上级的邀请，或 file:路径 · The parent's invite, or file:PATH
        token: String,
    },
    /// 打印一次性邀请 · Print a one-time invite
    Invite(Invite),
    /// 吊销身份，五秒内断开 · Shut an identity out within five seconds
    Revoke(Revoke),
    /// 区的根证书：状况、替换、撤下旧根 · The district's root: status, replacement, retirement of the old one
    #[command(subcommand)]
    Authority(Authority),
    /// 被隔离的节点取回枢纽的数，再加上其后所记 · A quarantined node takes the hub's numbers back and adds what it recorded since
    Adopt(Reclaim),
    /// 被隔离的节点以其所存为准，丢失的据纸面重录 · What a quarantined node holds counts; what it lost is entered again
    Restate(Reclaim),
    /// 社区转往另一枢纽：此后不再计入，不再收数 · Let a community, or a hub below, go: counted here no more, and nothing taken from it
    Release(Release),
    /// 正在两个下级枢纽之间转移的社区 · Communities on their way from one hub below to another
    Moves(Status),
    /// 核对日志 · Verify the journal
    Verify(Dir),
    /// 枢纽和各节点的状况 · How the hub and its nodes are
    Status(HubStatus),
    /// 社区日志的最后已知头，供 node restore --expect-head · The last known head of a community's journal, for node restore --expect-head
    Head(Head),
    /// 写出审计包，供现场核对 · Write the bundle that an auditor takes along to a community
    AuditExport(AuditExport),
    /// 备份成一个加密文件，不必停机 · Back up into one encrypted file, while it runs
    Backup(Backup),
    /// 核对备份能否恢复 · Check that a backup can be restored
    VerifyBackup(VerifyBackup),
    /// 从备份恢复到空目录 · Restore a backup into an empty directory
    Restore(RestoreFrom),
    /// 指标查询 · Ask for indicators
    Query(Query),
    /// 指标目录 · The catalogue of indicators
    #[command(subcommand)]
    Catalogue(Catalogue),
    /// 支持云的九个中心 · The nine centres of the support cloud
    #[command(subcommand)]
    Centre(Centres),
    /// 新指标：草案、试算、批准、分批推行、停用 · New indicators: draft, dry run, approval, waves, retirement
    #[command(subcommand)]
    Indicator(Indicator),
    /// 扩展：登记、批准、停用外部团队的服务 · Extensions: services of outside teams, registered, approved, retired
    #[command(subcommand)]
    Extension(Extension),
    /// 审计日志：谁获准做了什么，仅审计员可读 · The audit log: who was let do what; for auditors alone
    AuditLog(AuditLog),
    /// 数字是否可信：离群、规则 · Are numbers plausible: outliers, rules
    #[command(subcommand)]
    Quality(Quality),
    /// 周期：锁定、重开、修订 · Periods: lock, reopen, what was revised
    #[command(subcommand)]
    Period(Period),
    /// 社区名册 · The register of communities
    #[command(subcommand)]
    Register(Register),
    /// 要数登记册：谁要、为什么、到何时、代价 · The register of asked numbers: who, why, until when, at what cost
    Asks(Status),
    /// 预警规则与预警 · Watch rules and warnings
    #[command(subcommand)]
    Watch(Watch),
}

#[derive(Debug, Args)]
pub struct HubInit {
    #[command(flatten)]
    pub at: Dir,
    /// 区的标识，小写字母、数字、连字符 · The district's label, for example wenjiang
    #[arg(long)]
    pub district: String,
    /// 节点拨入的地址，写进邀请 · Address nodes dial, as host:port
    #[arg(long)]
    pub address: String,
    /// 监听地址 · Address to listen on
    #[arg(long, default_value = "0.0.0.0:7443")]
    pub listen: SocketAddr,
    /// 社区名册 CSV：code,name,street[,type,opened] · Register of communities
    #[arg(long)]
    pub communities: Option<PathBuf>,
    /// 指标目录 · Catalogue to publish; the shipped one unless given
    #[arg(long)]
    pub catalogue: Option<PathBuf>,
    /// 时区 · Civil time of the district
    #[arg(long, default_value = "Asia/Shanghai")]
    pub zone: String,
}

#[derive(Debug, Args)]
pub struct Invite {
    #[command(flatten)]
    pub at: Dir,
    /// 十二位社区代码 · Twelve-digit community code
    #[arg(
        long,
        conflicts_with_all = ["operator", "child", "centre", "extension", "auditor"],
        required_unless_present_any = ["operator", "child", "centre", "extension", "auditor"]
    )]
    pub community: Option<String>,
    /// 下级枢纽的区、市、省代码 · Code of a hub below: 6, 4 or 2 digits
    #[arg(long, conflicts_with_all = ["operator", "centre", "extension", "auditor"])]
    pub child: Option<String>,
    /// 支持中心代码，如 care · Code of a support centre
    #[arg(long, conflicts_with_all = ["operator", "extension", "auditor"])]
    pub centre: Option<String>,
    /// 已批准的扩展的代码 · Code of an approved extension
    #[arg(long, conflicts_with_all = ["operator", "auditor"])]
    pub extension: Option<String>,
    /// 审计员标识 · An auditor's label
    #[arg(long, conflicts_with = "operator")]
    pub auditor: Option<String>,
    /// 操作员标识 · An operator's label
    #[arg(long)]
    pub operator: Option<String>,
    /// 有效期，至多七天 · How long it is good, at most seven days: 1h, 30m, 2d
    #[arg(long, default_value = "1h")]
    pub valid_for: SignedDuration,
    #[arg(long, value_enum, default_value_t = Output::Table)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct Revoke {
    #[command(flatten)]
    pub at: Dir,
    /// community/<十二位 12 digits>、child/<代码 code>、centre/<代码 code>、extension/<代码 code>、auditor/<label> 或 or operator/<label>
    pub subject: String,
    /// 原因，记入日志 · Reason, journalled
    #[arg(long)]
    pub reason: String,
}

#[derive(Debug, Subcommand)]
pub enum Authority {
    /// 现用的根，谁还依赖旧根 · The root, and who hangs on the old one
    Status(Status),
    /// 制新根，此后由它签发；须有旧根密钥 · Make a new root that signs from now on; wants the old root's key
    Roll(Dir),
    /// 不再信任旧根；还有成员依赖时拒绝 · Trust the old root no more; refused while anybody hangs on it
    Retire {
        #[command(flatten)]
        at: Dir,
        /// 强制撤下，被列出的成员须重新邀请 · Even so: those who are named need a new invite
        #[arg(long)]
        force: bool,
    },
}

#[derive(Debug, Args)]
pub struct Reclaim {
    #[command(flatten)]
    pub at: Dir,
    /// 十二位社区代码 · Twelve-digit community code
    #[arg(long)]
    pub community: String,
}

#[derive(Debug, Args)]
pub struct Release {
    #[command(flatten)]
    pub at: Dir,
    /// 十二位社区代码 · Twelve-digit community code
    #[arg(long, conflicts_with = "child", required_unless_present = "child")]
    pub community: Option<String>,
    /// 下级枢纽的区、市、省代码 · Code of a hub below: 6, 4 or 2 digits
    #[arg(long)]
    pub child: Option<String>,
}

#[derive(Debug, Args)]
pub struct HubStatus {
    #[command(flatten)]
    pub at: Dir,
    /// 只看一个节点，全部细节：社区代码或下级枢纽代码 · One node in full: its code
    #[arg(long)]
    pub community: Option<String>,
    /// 及时率看哪个月：YYYYMM，不写为最近一个到期的月 · Month of the reports in time;
    /// the last that is due unless given
    #[arg(long)]
    pub month: Option<String>,
    #[arg(long, value_enum, default_value_t = Output::Table)]
    pub output: Output,
}

#[derive(Debug, Args)]
pub struct Head {
    #[command(flatten)]
    pub at: Dir,
    /// 十二位社区代码 · Twelve-digit community code
    #[arg(long)]
    pub community: String,
    #[arg(long, value_enum, default_value_t = Output::Table)]
    pub output: Output,
}

#[derive(Debug, Subcommand)]
pub enum Catalogue {
    /// 发布目录文件 · Publish a catalogue file
    Publish {
        #[command(flatten)]
        at: Dir,
        file: PathBuf,
    },
    /// 列出 · List
    List(Status),
}

#[derive(Debug, Subcommand)]
pub enum Centres {
    /// 列出：职责、负责人、可读范围、数据流 · List: mandate, contact, scope, feed
    List(Status),
    /// 看一个 · Show one
    Show {
        /// 中心代码 · The centre's code
        code: String,
        #[command(flatten)]
        list: Status,
    },
    /// 设负责人和可读范围，不写的不变 · Set contact and scope; what is not named stays
    Set(CentreSet),
    /// 由枢纽拨入中心自己的服务递送，或停止 · Have the hub dial the centre's own server and deliver there, or stop it
    Deliver(CentreDeliver),
}

#[derive(Debug, Args)]
pub struct CentreDeliver {
    #[command(flatten)]
    pub at: Dir,
    /// 中心代码 · The centre's code
    pub code: String,
    /// 中心运行 tongxin centre receive 的地址，主机:端口 · Where the centre's tongxin centre receive listens, host:port
    #[arg(long, required_unless_present = "stop")]
    pub to: Option<String>,
    /// 不再拨入，由中心自行连接 · Dial no more; the centre follows by itself
    #[arg(long, conflicts_with = "to")]
    pub stop: bool,
}

#[derive(Debug, Args)]
pub struct CentreSet {
    #[command(flatten)]
    pub at: Dir,
    /// 中心代码 · The centre's code
    pub code: String,
    /// 谁负责、怎么联系 · Who answers for it, and how to reach them
    #[arg(long)]
    pub contact: Option<String>,
    /// 可读指标代码的开头，如 WJ.T,QS；* 为全部，空为只读点名给它的 · Beginnings of the codes that it reads
    #[arg(long, value_delimiter = ',')]
    pub reads: Option<Vec<String>>,
    /// 可读地点的代码，空为全区 · Places that it reads; empty for all
    #[arg(long, value_delimiter = ',')]
    pub places: Option<Vec<String>>,
    /// 不给比这更细的 · Nothing of a shorter period
    #[arg(long, value_enum)]
    pub finest: Option<Grain>,
}

#[derive(Debug, Args)]
pub struct AuditLog {
    #[command(flatten)]
    pub at: Dir,
    /// 只看此身份，如 centre/care · Of this identity alone
    #[arg(long, default_value = "")]
    pub subject: String,
    /// 自此时起，如 2026-01-31T08:00:00Z · From this time on
    #[arg(long)]
    pub from: Option<Timestamp>,
    /// 至此时止 · Until this time
    #[arg(long)]
    pub until: Option<Timestamp>,
    #[arg(long, value_enum, default_value_t = Output::Table)]
    pub output: Output,
}

#[derive(Debug, Subcommand)]
pub enum Register {
    /// 导入 CSV：code,name,street[,type,opened,closed,successors] · Import
    Import {
        #[command(flatten)]
        at: Dir,
        file: PathBuf,
    },
    /// 列出 · List
    List {
        #[command(flatten)]
        at: Dir,
        #[arg(long, default_value = "")]
        place: String,
        /// 按此日 · As of this date
        #[arg(long, default_value = "")]
        as_of: String,
        #[arg(long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
}
