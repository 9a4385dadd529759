//! HTTP, WebSocket sessions, access and the embedded web
#![forbid(unsafe_code)]
