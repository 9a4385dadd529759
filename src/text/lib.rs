//! Normalisation, pinyin, homophone folding, Chinese numerals and citations
#![forbid(unsafe_code)]
