//! The recovery key: whoever has its secret half can read every backup. Only the
//! public half lies with the machine. Files and texts are those of `age`.

use std::{fs, path::Path};

use age::{
    secrecy::ExposeSecret as _,
    x25519::{Identity, Recipient},
};
use proto_edge::keyfile;
use zeroize::Zeroizing;

use super::fault::BackupFault;

/// Beside the store, one public half a line.
pub const PUBLIC: &str = "recovery.pub";

/// Makes a pair; the secret half goes into `secret`, which must not exist.
/// Returns the public half.
pub fn make(secret: &Path) -> Result<String, BackupFault> {
    if secret.exists() {
        return Err(BackupFault::Exists(secret.to_owned()));
    }
    let pair = Identity::generate();
    let public = pair.to_public().to_string();
    let text = pair.to_string();
    let text = Zeroizing::new(format!(
        "# public key: {public}\n{}\n",
        text.expose_secret()
    ));
    keyfile::write(secret, text.as_bytes()).map_err(BackupFault::file(secret))?;
    Ok(public)
}

/// Those that were given, else those beside the store.
pub fn recipients(given: &[String], dir: &Path) -> Result<Vec<Recipient>, BackupFault> {
    let path = dir.join(PUBLIC);
    let beside = match fs::read_to_string(&path) {
        _ if !given.is_empty() => String::new(),
        Err(_) if !path.exists() => return Err(BackupFault::NoRecipient(path)),
        read => read.map_err(BackupFault::file(&path))?,
    };
    let lines = given.iter().map(String::as_str).chain(beside.lines());
    let lines = lines.map(str::trim);
    let meant = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let parsed = meant.map(|line| {
        line.parse().map_err(|_| BackupFault::Recipient {
            text: line.to_owned(),
        })
    });
    let recipients: Vec<Recipient> = parsed.collect::<Result<_, _>>()?;
    match recipients.is_empty() {
        true => Err(BackupFault::NoRecipient(path)),
        false => Ok(recipients),
    }
}

/// The secret half, as [`make`] or `age-keygen` wrote it.
pub fn secret(path: &Path) -> Result<Identity, BackupFault> {
    let text = Zeroizing::new(fs::read_to_string(path).map_err(BackupFault::file(path))?);
    let mut keys = text.lines().filter_map(|line| line.trim().parse().ok());
    let key = keys.next();
    key.ok_or_else(|| BackupFault::NoIdentity(path.to_owned()))
}
