//! Rules of docs/protocol.md that need a real dossier.

use model::Side;
use protocol::wire::{Catalogue, PageInfo, Taken};
use sha2::{Digest as _, Sha256};

use crate::command_line::SHORT_PDF;
use crate::support::Courtroom;

/// [R-VAL-4] [R-HTTP-1] [R-HTTP-3]
#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_measured_in_hundredths_of_a_point_named_by_its_image_and_filed_on_ones_own_side() {
    let room = Courtroom::with_a_thin_dossier();
    let door = room.door();
    let link = door.path_of(room.link("defendant")).expect("a link to this hub").to_owned();
    let cookie = door.send("GET", &link, None, None).await.expect("answers").cookie.expect("a session");
    let seat = link.split("join").next().expect("a prefix");
    let get = async |path: String| {
        let answer = door.send("GET", &format!("{seat}{path}"), Some(&cookie), None).await.expect("answers");
        assert_eq!(answer.status, 200, "{path}");
        answer.body
    };
    let catalogue: Catalogue =
        serde_json::from_slice(&get("api/dossier".to_owned()).await).expect("a catalogue");
    let doc = &catalogue.docs.first().expect("a document").doc;
    let info: PageInfo = serde_json::from_slice(&get(format!("api/pages/{doc}/1")).await).expect("a page");
    // A4, 595.28 by 841.89 points.
    assert!(
        (59_400..59_600).contains(&info.size.0) && (84_100..84_300).contains(&info.size.1),
        "{:?}",
        info.size
    );
    for (dpi, given) in [(120, 120), (61, 120), (160, 120), (60, 40), (161, 240)] {
        let image = get(format!("api/pages/{doc}/1/image?dpi={dpi}")).await;
        assert_eq!(hex::encode(Sha256::digest(&image)) == info.image_hash, given == 120, "{dpi} dpi");
        // The width in the head of a PNG.
        let width: [u8; 4] = image[16..20].try_into().expect("four bytes");
        let units = i64::from(u32::from_be_bytes(width)) * 7200 / given;
        assert!(
            (units - i64::from(info.size.0)).abs() <= 7200 / given,
            "{dpi} dpi: {units} are not {:?}",
            info.size
        );
    }
    let strange = door.send("GET", &format!("{seat}api/pages/{doc}/1/image"), None, None).await;
    assert_eq!(strange.expect("answers").status, 401, "a hash opens nothing");

    let fields = [("side", "plaintiff"), ("title", "答辩状")];
    let file = ("答辩状.pdf", SHORT_PDF.as_bytes().to_vec());
    let path = format!("{seat}api/dossier");
    let filed: Taken = door.upload(&path, Some(&cookie), &fields, file).await.expect("filed");
    assert_eq!(filed.docs[0].side, Side::Defendant);
}
