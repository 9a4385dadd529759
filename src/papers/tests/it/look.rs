use crate::support::*;
use papers::*;
use std::fs;
#[test]
fn look() {
    let dir = tempfile::tempdir().unwrap();
    let hearing = Hearing::held(dir.path());
    let record = hearing.record();
    let (t, faults) = Templates::with([]);
    for f in &faults {
        println!("{f}");
    }
    let fonts = Fonts::load(std::path::Path::new(FONT)).unwrap();
    let mut long = record.clone();
    for i in 0..60u64 {
        let l = record.lines[(i % 3) as usize].clone();
        long.lines.push(l);
    }
    let seal = Seal { entries: 40, root: proof::Hash([0xAB; 32]) };
    for kind in Kind::ALL {
        let mut name = PaperName::of(kind);
        if kind == Kind::Fault {
            name.gap = Some(model::GapId(1));
        }
        let r = if kind == Kind::Record { &long } else { &record };
        let paper = compose(name, r, &t, Printing { seal: Some(&seal), draft: None }).unwrap();
        fs::write(format!("/tmp/papers-look/{name}.pdf"), pdf(&paper, &fonts).unwrap()).unwrap();
        fs::write(format!("/tmp/papers-look/{name}.docx"), docx(&paper).unwrap()).unwrap();
        fs::write(format!("/tmp/papers-look/{name}.html"), html(&paper)).unwrap();
    }
}
