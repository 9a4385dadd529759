//! A page worker needs no network, and what a hostile file makes of it gets none: sockets of the internet are refused to it and to all
//! that it starts.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

/// Refuses this process any socket but local ones. Where the kernel cannot, the worker goes on and says so.
pub(super) fn without_network() {
    if let Err(error) = filter().and_then(|program| seccompiler::apply_filter(&program)) {
        tracing::warn!(%error, "a page worker could not be kept from the network");
    }
}

fn filter() -> Result<BpfProgram, seccompiler::Error> {
    let local = SeccompCondition::new(
        0,
        SeccompCmpArgLen::Dword,
        SeccompCmpOp::Ne,
        u64::from(libc::AF_UNIX.unsigned_abs()),
    )?;
    let rules = BTreeMap::from([(libc::SYS_socket, vec![SeccompRule::new(vec![local])?])]);
    let refused = SeccompAction::Errno(libc::EACCES.unsigned_abs());
    let arch = std::env::consts::ARCH.try_into()?;
    Ok(SeccompFilter::new(rules, SeccompAction::Allow, refused, arch)?.try_into()?)
}
