//! Spoken forms over the sample case's catalogue, said in several ways and misheard.

use std::path::Path;

use crate::court_text::Random;
use crate::homophones::Homophones;
use crate::sample::{Sample, Verdict, short};
use crate::spoken;
use crate::support::{Figure, say, skipped};

/// How many of a hundred hanzi are misheard.
const MISHEARD: [usize; 3] = [0, 15, 30];

/// Says everything and prints `commands_right` and `commands_wrong_page`.
pub(crate) fn measure(dir: &Path) {
    let Some(sample) = Sample::load(dir) else {
        let why = "target/fixtures/case is missing or damaged: run fixtures/case/build.py";
        skipped("commands_right", why);
        skipped("commands_wrong_page", why);
        return;
    };
    let sounds = Homophones::new();
    let mut random = Random::new(318);
    let (mut forms, mut all, mut right, mut wrong) = (0, [0; 3], [0; 3], [0; 3]);
    for &(meant, manner, ways) in spoken::SAID {
        for form in ways.split_whitespace() {
            forms += 1;
            for words in spoken::variants(form, manner) {
                for (at, share) in MISHEARD.into_iter().enumerate() {
                    let heard = sounds.misheard(&words, share, &mut random);
                    let outcome = sample.said(&heard);
                    all[at] += 1;
                    match sample.judge(meant, &outcome) {
                        Verdict::Right => right[at] += 1,
                        verdict => {
                            wrong[at] += usize::from(verdict == Verdict::WrongPage);
                            say(&format!("commands: {words} heard as {heard}: {}", short(&outcome)));
                        }
                    }
                }
            }
        }
    }
    let count: usize = all.iter().sum();
    let share = |part: &[usize; 3]| vec![part.iter().sum::<usize>() as f64 * 100.0 / count as f64];
    let note = format!(
        "{count} utterances: {forms} spoken forms, each in several ways, with 0, 15 and 30 % of the hanzi misheard ({} of {}, {} of \
         {}, {} of {})",
        right[0], all[0], right[1], all[1], right[2], all[2],
    );
    Figure::new("commands_right", "%", share(&right)).at_least(98.0).note(note).print();
    let note = format!(
        "of the same utterances; {} without, {} and {} with mishearing",
        wrong[0], wrong[1], wrong[2]
    );
    Figure::new("commands_wrong_page", "%", share(&wrong)).at_most(0.3).note(note).print();
}
