//! `tongxin hub audit-export`: writes the bundle that an auditor takes along. Judges
//! nothing.

use crate::{
    audit::{self, Asked},
    cli::AuditExport,
    client,
    failure::Failure,
    say,
};

pub fn export(export: &AuditExport) -> Result<(), Failure> {
    let asked = Asked {
        community: export.community.clone(),
        period: export.period.clone(),
        indicator: export.indicator.clone(),
    };
    let material = client::block_on(async {
        let channel = client::hub(&export.at.dir)?;
        audit::fetch(channel, &asked).await
    })?;
    audit::write(&export.bundle, &material)?;
    say!(
        "已写 {}：{} 个发布头、{} 个单元格。到社区运行 tongxin node audit --bundle",
        "Wrote {}: {} releases, {} cells. At the community, run tongxin node audit --bundle",
        export.bundle.display(),
        material.releases.len(),
        material.cells.len()
    );
    Ok(())
}
