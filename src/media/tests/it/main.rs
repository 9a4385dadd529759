//! The recorder from outside: its socket, its files, FFmpeg's own opinion of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod cameras;
mod interruption;
mod microphones;
mod playback;
mod pulse;
mod recording;
mod rtsp;
mod sound;
mod source;
mod space;
mod stream;
mod support;

/// Not a test of its own: the recorder process that the tests start from this very program and may kill.
#[test]
fn recorder_process() {
    let Ok(run_dir) = std::env::var(support::RUN_DIR) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let config = media::recorder::RecorderConfig { run_dir: run_dir.into(), reserve_minutes: 0 };
    runtime.block_on(media::recorder::run(config, tokio_util::sync::CancellationToken::new())).unwrap();
}
