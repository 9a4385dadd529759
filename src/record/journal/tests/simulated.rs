//! A disk that, when the power goes, keeps what was synced and of the rest any part in any order, torn anywhere. Seeded: a seed that
//! fails fails again. `HUITING_SEEDS=1000000` runs more than the usual ones, `HUITING_SEED=n` runs one.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::oneshot;

use super::*;
use crate::journal::disk::{Claim, Disk, DiskFile};
use crate::journal::writer::{Request, Writer};
use crate::journal::{Alarm, AppendReceipt, JournalError};

const SEEDS: u64 = 2_000;
const SECTOR: usize = 512;

/// SplitMix64.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

#[derive(Default, Clone)]
struct Contents {
    durable: Vec<u8>,
    now: Vec<u8>,
    unsynced: Vec<(usize, Vec<u8>)>,
}

#[derive(Default)]
struct World {
    files: Vec<Contents>,
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    /// Names that were set or removed and not synced.
    unsynced_names: Vec<(PathBuf, Option<usize>)>,
    power: Power,
    /// Its syncs do nothing.
    lies: bool,
}

/// One for all disks of the machine.
#[derive(Clone, Default)]
struct Power(Arc<Mutex<Supply>>);

#[derive(Default)]
struct Supply {
    /// Operations until it goes.
    left: u64,
    out: bool,
}

impl Power {
    fn supply(&self) -> MutexGuard<'_, Supply> {
        self.0.lock().expect("no test thread panics with it")
    }
    fn on_for(&self, operations: u64) {
        *self.supply() = Supply { left: operations, out: false };
    }
    fn is_out(&self) -> bool {
        self.supply().out
    }
    fn step(&self) -> io::Result<()> {
        let mut supply = self.supply();
        supply.out |= supply.left == 0;
        supply.left = supply.left.saturating_sub(1);
        if supply.out { Err(io::Error::other("the power is out")) } else { Ok(()) }
    }
}

impl World {
    fn empty(power: &Power, lies: bool) -> Self {
        Self { power: power.clone(), lies, ..Self::default() }
    }

    fn step(&self) -> io::Result<()> {
        self.power.step()
    }

    fn name(&mut self, path: &Path, file: Option<usize>) {
        match file {
            Some(file) => self.names.insert(path.to_owned(), file),
            None => self.names.remove(path),
        };
        self.unsynced_names.push((path.to_owned(), file));
    }

    fn sync_names(&mut self) {
        self.durable_names.clone_from(&self.names);
        self.unsynced_names.clear();
    }

    fn new_file(&mut self) -> usize {
        self.files.push(Contents::default());
        self.files.len() - 1
    }

    /// The power comes back: what was not synced is there in parts.
    fn restart(&mut self, chance: &mut Chance) {
        for (path, file) in std::mem::take(&mut self.unsynced_names) {
            if chance.one_in(2) {
                match file {
                    Some(file) => self.durable_names.insert(path, file),
                    None => self.durable_names.remove(&path),
                };
            }
        }
        self.names.clone_from(&self.durable_names);
        for file in &mut self.files {
            let mut pieces = Vec::new();
            for (offset, bytes) in file.unsynced.drain(..) {
                let mut at = 0;
                while at < bytes.len() {
                    let end = (at + SECTOR - (offset + at) % SECTOR).min(bytes.len());
                    pieces.push((offset + at, bytes[at..end].to_vec()));
                    at = end;
                }
            }
            while !pieces.is_empty() {
                let (offset, mut bytes) = pieces.swap_remove(chance.below(pieces.len() as u64) as usize);
                if chance.one_in(2) {
                    continue;
                }
                if chance.one_in(4) {
                    bytes.truncate(chance.below(bytes.len() as u64 + 1) as usize);
                }
                put(&mut file.durable, offset, &bytes);
            }
            file.now.clone_from(&file.durable);
        }
    }
}

fn put(contents: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if contents.len() < offset + bytes.len() {
        contents.resize(offset + bytes.len(), 0);
    }
    contents[offset..offset + bytes.len()].copy_from_slice(bytes);
}

#[derive(Clone)]
struct SimDisk(Arc<Mutex<World>>);

struct SimFile(SimDisk, usize);

impl SimDisk {
    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().expect("no test thread panics with it")
    }
    fn found(&self, path: &Path) -> io::Result<usize> {
        let world = self.world();
        world.step()?;
        world.names.get(path).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Disk for SimDisk {
    fn claim(&self, _: &Path) -> io::Result<Option<Claim>> {
        Ok(Some(Claim::default()))
    }
    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let world = self.world();
        let names = world.names.keys().filter_map(|p| p.strip_prefix(dir).ok()?.to_str());
        Ok(names.map(str::to_owned).collect())
    }
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let file = self.found(path)?;
        Ok(self.world().files[file].now.clone())
    }
    fn create(&self, path: &Path, bytes: u64) -> io::Result<Box<dyn DiskFile>> {
        let file = {
            let mut world = self.world();
            world.step()?;
            let file = world.new_file();
            world.name(path, Some(file));
            file
        };
        let mut file = SimFile(self.clone(), file);
        file.cut_and_allocate(0, bytes)?;
        Ok(Box::new(file))
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(SimFile(self.clone(), self.found(path)?)))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let file = self.found(from)?;
        {
            let mut world = self.world();
            world.name(to, Some(file));
            world.name(from, None);
        }
        self.sync_dir(to)
    }
    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        let mut world = self.world();
        world.step()?;
        world.sync_names();
        Ok(())
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.found(path)?;
        self.world().name(path, None);
        Ok(())
    }
    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut world = self.world();
        world.step()?;
        let file = world.new_file();
        put(&mut world.files[file].now, 0, bytes);
        world.files[file].unsynced.push((0, bytes.to_vec()));
        world.name(path, Some(file));
        Ok(())
    }
}

impl DiskFile for SimFile {
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut world = self.0.world();
        // The power may go while it is being written.
        let file = &mut world.files[self.1];
        put(&mut file.now, offset as usize, bytes);
        file.unsynced.push((offset as usize, bytes.to_vec()));
        world.step()
    }
    fn sync(&mut self) -> io::Result<()> {
        let mut world = self.0.world();
        world.step()?;
        if !world.lies {
            let file = &mut world.files[self.1];
            file.durable.clone_from(&file.now);
            file.unsynced.clear();
        }
        Ok(())
    }
    fn cut_and_allocate(&mut self, keep: u64, bytes: u64) -> io::Result<()> {
        let mut world = self.0.world();
        world.step()?;
        let file = &mut world.files[self.1];
        file.now.truncate(keep as usize);
        file.now.resize(bytes.max(keep) as usize, 0);
        file.durable.clone_from(&file.now);
        file.unsynced.clear();
        Ok(())
    }
}

fn payload(chance: &mut Chance, n: u64) -> Vec<u8> {
    let filling = "证".repeat(chance.below(120) as usize);
    format!("{{\"type\":\"lineSettled\",\"n\":{n},\"text\":\"{filling}\"}}").into_bytes()
}

/// What was handed to the journal, in its order, and how much of it was acknowledged.
#[derive(Default)]
struct Known {
    payloads: Vec<Vec<u8>>,
    acknowledged: usize,
}

impl Known {
    fn check(&mut self, recovered: &Recovered) -> Result<(), String> {
        let there: Vec<_> = recovered.entries.iter().map(|e| e.payload.clone().unwrap_or_default()).collect();
        if there.len() < self.acknowledged {
            return Err(format!("{} entries of {} acknowledged ones", there.len(), self.acknowledged));
        }
        if there.len() > self.payloads.len() || there != self.payloads[..there.len()] {
            return Err("entries that nobody wrote".to_owned());
        }
        self.payloads.truncate(there.len());
        self.acknowledged = there.len();
        Ok(())
    }
}

type Answer = oneshot::Receiver<Result<AppendReceipt, JournalError>>;

/// One life of the writer until the power goes. Gives whether it came as far as writing.
fn life(
    chance: &mut Chance,
    disks: &[SimDisk],
    power: &Power,
    config: JournalConfig,
    known: &mut Known,
) -> Result<bool, String> {
    let alarms = Arc::new(Mutex::new(Vec::<Alarm>::new()));
    let (first, second) = (disks[0].clone(), disks.last().expect("one at least").clone());
    let opened = Writer::recover(Box::new(first), Box::new(second), Path::new("/first"), config, alarms);
    let mut writer = match opened {
        Err(_) if power.is_out() => return Ok(false),
        Err(error) => return Err(error.to_string()),
        Ok((writer, recovered)) => {
            known.check(&recovered)?;
            writer
        }
    };
    while !power.is_out() {
        let (send, queue) = sync_channel(8);
        let mut answers: Vec<(usize, Answer)> = Vec::new();
        for _ in 0..=chance.below(3) {
            let (reply, answer) = oneshot::channel();
            let entries: Vec<_> = (0..=chance.below(3))
                .map(|_| {
                    let payload = payload(chance, known.payloads.len() as u64 + 1);
                    known.payloads.push(payload.clone());
                    NewEntry { payload, ..entry(known.payloads.len() as u64) }
                })
                .collect();
            answers.push((known.payloads.len(), answer));
            send.send(Request::Append(entries, reply)).expect("room for eight");
        }
        if chance.one_in(4) {
            let (reply, _) = oneshot::channel();
            send.send(Request::Checkpoint(reply)).expect("room for eight");
        }
        while let Ok(request) = queue.try_recv() {
            writer.serve(request, &queue);
        }
        for (count, mut answer) in answers {
            // What was answered in the dark reached nobody.
            if !power.is_out() && matches!(answer.try_recv(), Ok(Ok(_))) {
                known.acknowledged = count;
            }
        }
    }
    Ok(true)
}

/// Some lives after one another, with power cuts between, and one disk or two.
fn run(seed: u64, lies: bool) -> Result<(), String> {
    let mut chance = Chance(seed);
    let two = chance.one_in(3);
    let power = Power::default();
    let disk = |_| SimDisk(Arc::new(Mutex::new(World::empty(&power, lies))));
    let disks: Vec<_> = (0..=usize::from(two)).map(disk).collect();
    let config = || JournalConfig {
        segment_bytes: 2 << 10,
        mirror: two.then(|| PathBuf::from("/second")),
        quiet: true,
        ..config()
    };
    let mut known = Known::default();
    for _ in 0..4 {
        power.on_for(chance.below(80));
        let level = life(&mut chance, &disks, &power, config(), &mut known)?;
        disks.iter().for_each(|d| d.world().restart(&mut chance));
        if two && level && chance.one_in(4) {
            // One of the two disks is replaced by an empty one; not before the other has been made level.
            *disks[chance.below(2) as usize].world() = World::empty(&power, lies);
        }
    }
    power.on_for(u64::MAX);
    let alarms = Arc::default();
    let (first, second) = (disks[0].clone(), disks[usize::from(two)].clone());
    let opened = Writer::recover(Box::new(first), Box::new(second), Path::new("/first"), config(), alarms);
    known.check(&opened.map_err(|e| e.to_string())?.1)
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn what_was_acknowledged_survives_every_power_cut() {
    if let Some(seed) = number("HUITING_SEED") {
        return run(seed, false).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
    }
    for seed in 0..number("HUITING_SEEDS").unwrap_or(SEEDS) {
        run(seed, false).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
    }
}

#[test]
fn a_sync_that_does_nothing_is_caught() {
    let caught = (0..50).filter(|seed| run(*seed, true).is_err()).count();
    assert!(caught > 25, "{caught} of 50 seeds noticed that nothing was synced");
}
