//! The frame's checksum.

/// CRC-16/IBM-3740: polynomial 0x1021, start 0xFFFF, not reflected, no final XOR.
///
/// Bit by bit: a frame is at most 69 bytes, and a table would cost a small microcontroller 512 bytes of flash.
#[must_use]
pub fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, &byte| {
        (0..8).fold(crc ^ (u16::from(byte) << 8), |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_has_the_published_check_value() {
        assert_eq!(crc16(b"123456789"), 0x29B1);
    }

    #[test]
    fn a_message_followed_by_its_checksum_sums_to_zero() {
        let mut bytes = [0x01, 0x10, 0x07, 0, 0, 0];
        let crc = crc16(&bytes[..4]);
        bytes[4..].copy_from_slice(&crc.to_be_bytes());
        assert_eq!(crc16(&bytes), 0);
    }
}
