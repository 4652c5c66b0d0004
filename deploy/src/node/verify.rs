//! Verifying a node's store: the journal, and the view against one rebuilt
//! beside it.

use std::path::Path;

use node_server::{store::Setup, verify as verify_store};

use super::serve::config;
use crate::{
    failure::{Exit, Failure},
    progress, say,
};

pub fn verify(dir: &Path) -> Result<(), Failure> {
    let setup = Setup::of(&config(dir)?);
    let bar = progress::bytes(journal::verify_bytes(&dir.join("journal")).unwrap_or_default());
    let verified = verify_store(dir, &setup, |bytes| bar.inc(bytes))
        .map_err(|fault| Failure::new(Exit::Failure, fault.to_string()))?;
    bar.finish_and_clear();
    let head = &verified.journal.head;
    let root: String = head.root.iter().map(|byte| format!("{byte:02x}")).collect();
    println!("records {}\nroot {root}\nrows {}", head.size, verified.rows);
    if let Some(why) = &verified.unusable {
        say!(
            "视图不可用（{}），下次启动会从日志重建",
            "The view is unusable ({}); the next start rebuilds it",
            why
        );
    }
    for difference in &verified.named {
        println!(
            "differs {} live {} rebuilt {}",
            difference.key,
            difference.live.as_deref().unwrap_or("-"),
            difference.rebuilt.as_deref().unwrap_or("-")
        );
    }
    if verified.differences > 0 {
        let text = crate::text!(
            "视图与日志有 {} 处不同：停下节点，删去 {}/view，再启动即从日志重建",
            "The view differs from the journal in {} rows: stop the node, remove {}/view, and start it again",
            verified.differences,
            dir.display()
        );
        return Err(Failure::new(Exit::Failure, text));
    }
    say!("日志与视图一致", "Journal and view agree");
    Ok(())
}
