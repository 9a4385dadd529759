//! Devices without hardware, for tests, the demo, and for integrators who certify their own.

mod console;

pub use console::{ConsoleSettings, Line, SimulatedConsole, Snapshot};
