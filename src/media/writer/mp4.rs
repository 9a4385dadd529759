//! The boxes of our files: an init file per track, and `moof` + `mdat` per fragment.

use mp4_atom::{
    Any, Audio, Avc1, Avcc, Codec, Dinf, Dops, Dref, DrefEntry, Encode, FixedPoint, FourCC, Ftyp, Hdlr, Mdhd,
    Mdia, Mfhd, Minf, Moof, Moov, Mvex, Mvhd, Opus, Smhd, Stbl, Stsd, Tfdt, Tfhd, Tkhd, Traf, Trak, Trex,
    Trun, TrunEntry, Visual, Vmhd,
};

/// Ticks a second of sound tracks (Opus counts in these whatever its input).
pub const SOUND_TIMESCALE: u32 = 48_000;
/// Ticks a second of pictures.
pub const PICTURE_TIMESCALE: u32 = 90_000;
/// libopus delays its input by this many 48 kHz samples (6.5 ms).
pub const OPUS_PRE_SKIP: u16 = 312;

const TRACK: u32 = 1;
/// Sample flags: an IDR depends on no other, the rest do and are no sync samples.
const KEY: u32 = 0x0200_0000;
const NOT_KEY: u32 = 0x0101_0000;

/// One Opus packet or one coded picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// In ticks of the track.
    pub duration: u32,
    /// Decodable without any other.
    pub key: bool,
    /// Its bytes (H.264: NAL units with 4-byte lengths).
    pub data: Vec<u8>,
}

/// `init.mp4` of an Opus track of one channel.
pub fn opus_init() -> Result<Vec<u8>, mp4_atom::Error> {
    let opus = Opus {
        audio: Audio {
            data_reference_index: 1,
            channel_count: 1,
            sample_size: 16,
            sample_rate: FixedPoint::new(48_000, 0),
        },
        dops: Dops {
            output_channel_count: 1,
            pre_skip: OPUS_PRE_SKIP,
            // Only informative, but Chromium refuses anything else than the rate of the sample entry.
            input_sample_rate: SOUND_TIMESCALE,
            output_gain: 0,
            channel_mapping: None,
        },
        btrt: None,
    };
    let minf = Minf { smhd: Some(Smhd::default()), ..minf(Codec::Opus(opus)) };
    init(SOUND_TIMESCALE, b"soun", minf, Tkhd { volume: FixedPoint::new(1, 0), ..Tkhd::default() })
}

/// `init.mp4` of an H.264 track.
pub fn h264_init(sps: &[u8], pps: &[u8], width: u16, height: u16) -> Result<Vec<u8>, mp4_atom::Error> {
    let avc1 = Avc1 {
        visual: Visual { data_reference_index: 1, width, height, ..Visual::default() },
        avcc: Avcc::new(sps, pps)?,
        btrt: None,
        colr: None,
        pasp: None,
        taic: None,
        fiel: None,
        spatial: None,
    };
    let minf = Minf { vmhd: Some(Vmhd::default()), ..minf(Codec::Avc1(avc1)) };
    let size = Tkhd { width: width.into(), height: height.into(), ..Tkhd::default() };
    init(PICTURE_TIMESCALE, b"vide", minf, size)
}

fn minf(codec: Codec) -> Minf {
    let stbl = Stbl { stsd: Stsd { codecs: vec![codec] }, stco: Some(Default::default()), ..Stbl::default() };
    let dref = Dref { entries: vec![DrefEntry::Url(mp4_atom::Url::default())] };
    Minf { dinf: Dinf { dref }, stbl, ..Minf::default() }
}

fn init(timescale: u32, handler: &[u8; 4], minf: Minf, tkhd: Tkhd) -> Result<Vec<u8>, mp4_atom::Error> {
    let ftyp = Ftyp {
        major_brand: FourCC::new(b"iso6"),
        minor_version: 0,
        compatible_brands: vec![FourCC::new(b"iso6"), FourCC::new(b"mp41"), FourCC::new(b"cmfc")],
    };
    let mdia = Mdia {
        mdhd: Mdhd { timescale, language: "und".to_owned(), ..Mdhd::default() },
        hdlr: Hdlr { handler: FourCC::new(handler), name: "huiting".to_owned() },
        minf,
    };
    let trak = Trak {
        tkhd: Tkhd { track_id: TRACK, enabled: true, in_movie: true, ..tkhd },
        mdia,
        ..Trak::default()
    };
    let trex = Trex { track_id: TRACK, default_sample_description_index: 1, ..Trex::default() };
    let moov = Moov {
        mvhd: Mvhd {
            timescale,
            rate: FixedPoint::new(1, 0),
            volume: FixedPoint::new(1, 0),
            next_track_id: TRACK + 1,
            ..Mvhd::default()
        },
        mvex: Some(Mvex { mehd: None, trex: vec![trex] }),
        trak: vec![trak],
        ..Moov::default()
    };
    let mut out = Vec::new();
    ftyp.encode(&mut out)?;
    moov.encode(&mut out)?;
    Ok(out)
}

/// `moof` and `mdat` of one fragment whose first sample is decoded at `decode_time` ticks.
pub fn fragment(seq: u64, decode_time: u64, samples: &[Sample]) -> Result<Vec<u8>, mp4_atom::Error> {
    let entries: Vec<_> = samples
        .iter()
        .map(|s| TrunEntry {
            duration: Some(s.duration),
            size: u32::try_from(s.data.len()).ok(),
            flags: Some(if s.key { KEY } else { NOT_KEY }),
            cts: None,
        })
        .collect();
    let trun = Trun { data_offset: Some(0), samples: entries.into() };
    let tfhd = Tfhd { track_id: TRACK, default_base_is_moof: true, ..Tfhd::default() };
    let tfdt = Some(Tfdt { base_media_decode_time: decode_time });
    let mut moof = Moof {
        mfhd: Mfhd { sequence_number: u32::try_from(seq).unwrap_or(u32::MAX) },
        traf: vec![Traf { tfhd, tfdt, trun: vec![trun], ..Traf::default() }],
    };
    let mut out = Vec::new();
    moof.encode(&mut out)?;
    // The offset of the data is only known once the length of the moof is; writing it changes no length.
    let data_offset = i32::try_from(out.len() + 8).ok();
    if let Some(trun) = moof.traf.first_mut().and_then(|t| t.trun.first_mut()) {
        trun.data_offset = data_offset;
    }
    out.clear();
    moof.encode(&mut out)?;
    let bytes: usize = samples.iter().map(|s| s.data.len()).sum();
    out.extend_from_slice(&u32::try_from(bytes + 8).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(b"mdat");
    samples.iter().for_each(|s| out.extend_from_slice(&s.data));
    Ok(out)
}

/// The samples of a fragment's body, as byte ranges within it, with its decode time.
#[must_use]
pub fn read_fragment(body: &[u8]) -> Option<(u64, Vec<std::ops::Range<usize>>)> {
    use mp4_atom::DecodeMaybe as _;
    let mut rest = body;
    let Ok(Some(Any::Moof(moof))) = Any::decode_maybe(&mut rest) else { return None };
    let traf = moof.traf.first()?;
    let mut at = usize::try_from(traf.trun.first()?.data_offset?).ok()?;
    let mut ranges = Vec::new();
    for entry in &traf.trun.first()?.samples {
        let size = entry.size? as usize;
        ranges.push(at..at + size);
        at += size;
    }
    (at <= body.len()).then_some((traf.tfdt.as_ref()?.base_media_decode_time, ranges))
}
