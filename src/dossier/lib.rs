//! Intake, page text and images, OCR, catalogue, search, spoken commands
#![forbid(unsafe_code)]
