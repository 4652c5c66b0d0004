//! From a printed token to a membership on disk. The key is on disk before the
//! token is shown, so that a lost answer does not cost the token.

use std::{fs, path::Path, sync::Arc};

use arc_swap::ArcSwap;
use proto::pb::enrol::{Credential as WireCredential, EnrolRequest};
use proto_edge::{
    clock::Clock, connector::channel, credential::Credential,
    enrol::enrol_service_client::EnrolServiceClient, keyfile, membership::Membership,
    tls::pinned_client, token::JoinToken,
};
use rcgen::{KeyPair, PublicKeyData as _};
use rustls_pki_types::CertificateDer;
use sha2::{Digest as _, Sha256};

use super::{IdentityFault, request};

pub(super) const DRAFT_KEY: &str = "joining.key.pem";

/// Joins with the line that `tongxin hub invite` printed; the membership is in
/// `directory` when this returns. After a fault the same line may be tried
/// again from the same directory. A member that was shut out joins again as
/// itself, and as nobody else.
pub async fn join(
    line: &str,
    directory: &Path,
    clock: &Clock,
) -> Result<Membership, IdentityFault> {
    let join_token: JoinToken = line.parse()?;
    if Membership::exists(directory) {
        let holder = Membership::load(directory)?.holder()?.identity;
        // The same subject again: its certificate was revoked or has expired.
        if (&holder.district, &holder.subject) != (&join_token.district, &join_token.subject) {
            return Err(IdentityFault::AlreadyJoined(holder));
        }
    }
    let membership = obtain(join_token, directory, clock).await?;
    keep(&membership, directory)?;
    Ok(membership)
}

/// Joins another district's hub as the same community; `depart` is done once the
/// hub has answered and before the old membership is gone, so that after a fault
/// the same line may be tried again.
pub async fn join_elsewhere<F, E>(
    line: &str,
    directory: &Path,
    clock: &Clock,
    depart: impl FnOnce() -> F,
) -> Result<Membership, E>
where
    F: Future<Output = Result<(), E>>,
    E: From<IdentityFault>,
{
    let join_token: JoinToken = line.parse().map_err(IdentityFault::from)?;
    let holder = Membership::load(directory).map_err(IdentityFault::from)?;
    let holder = holder.holder().map_err(IdentityFault::from)?.identity;
    if holder.subject != join_token.subject || holder.district == join_token.district {
        return Err(IdentityFault::NotElsewhere(holder).into());
    }
    let membership = obtain(join_token, directory, clock).await?;
    depart().await?;
    keep(&membership, directory)?;
    Ok(membership)
}

async fn obtain(
    join_token: JoinToken,
    directory: &Path,
    clock: &Clock,
) -> Result<Membership, IdentityFault> {
    clock.raise(join_token.invited_at_s);
    let key = draft_key(directory)?;
    let config = pinned_client(join_token.root_sha256, &join_token.hub_identity(), clock)?;
    let config = Arc::new(ArcSwap::from_pointee(config));
    let mut hub = EnrolServiceClient::new(channel(&join_token.hub, config)?);
    let enrolment = EnrolRequest {
        token: join_token.voucher.to_string(),
        csr: request(&key)?.into(),
    };
    let answer = hub.enrol(enrolment).await.map_err(Box::new)?;
    let answer = answer.into_inner().credential;
    let answer = answer.ok_or(IdentityFault::Answer("no credential"))?;
    accept(answer, &key, join_token)
}

fn keep(membership: &Membership, directory: &Path) -> Result<(), IdentityFault> {
    membership.save(directory)?;
    let draft = directory.join(DRAFT_KEY);
    fs::remove_file(&draft).map_err(|source| IdentityFault::File {
        path: draft,
        source,
    })
}

/// Checks that the answer is what the token promised, to this key.
fn accept(
    answer: WireCredential,
    key: &KeyPair,
    join_token: JoinToken,
) -> Result<Membership, IdentityFault> {
    let roots = der(&answer.roots);
    let pinned =
        |root: &CertificateDer<'_>| Sha256::digest(root).as_slice() == join_token.root_sha256;
    if !roots.iter().any(pinned) {
        return Err(IdentityFault::Answer("another root than the token's"));
    }
    let credential = checked(&answer, key)?;
    let holder = credential.holder()?.identity;
    if (holder.district, holder.subject) != (join_token.district, join_token.subject) {
        return Err(IdentityFault::Answer("another identity than the token's"));
    }
    Ok(Membership {
        credential,
        roots,
        hub: join_token.hub,
    })
}

/// The certified key, if the certificate is this key's.
pub(super) fn checked(answer: &WireCredential, key: &KeyPair) -> Result<Credential, IdentityFault> {
    let credential = Credential::new(der(&answer.chain), key.serialize_der());
    let own: [u8; 32] = Sha256::digest(key.subject_public_key_info()).into();
    if credential.holder()?.key_sha256 != own {
        return Err(IdentityFault::Answer("a certificate for another key"));
    }
    Ok(credential)
}

pub(super) fn der(list: &[prost::bytes::Bytes]) -> Vec<CertificateDer<'static>> {
    list.iter()
        .map(|der| CertificateDer::from(der.to_vec()))
        .collect()
}

fn draft_key(directory: &Path) -> Result<KeyPair, IdentityFault> {
    let path = directory.join(DRAFT_KEY);
    let file = |source| IdentityFault::File {
        path: path.clone(),
        source,
    };
    if path.exists() {
        let pem = keyfile::read_sealed(&path).map_err(file)?;
        return Ok(KeyPair::from_pem(&pem)?);
    }
    keyfile::make_directory(directory).map_err(file)?;
    let key = KeyPair::generate()?;
    keyfile::write_sealed(&path, &key.serialize_pem()).map_err(file)?;
    Ok(key)
}
