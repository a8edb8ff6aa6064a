//! State that is compared: what a client is told of a transfer, and what lies in memory and in the hardware after a step.

use std::collections::BTreeMap;

use backend_imx_sdma::regs::offset;
use dmaengine_core::{Status, TransferError};
use serde_json::Value;

use super::differences::Id;
use super::expect;
use super::ledger::{Kind, Ledger};
use super::replay::Replay;
use super::trace::{list, number, numbers, text};

impl Replay<'_> {
    /// Compares a status, with what the descriptors say.
    pub fn same_status(&self, name: &str, ours: Status, linux: &Value) {
        let ledger = &self.ledgers[name];
        let (said, residue) = (text(&linux["status"]), number(&linux["residue"]));
        match ledger.ended {
            Some(false) => {
                self.differences.apply(if ledger.kind == Kind::List { Id::Error } else { Id::RingStops });
                assert_eq!(ours, Status::Failed(TransferError::Bus), "{}", self.place);
            }
            Some(true) => {
                assert_eq!((said, residue), ("DMA_COMPLETE", 0));
                assert_eq!(ours, Status::Completed, "{}", self.place);
            }
            None => {
                if said != "DMA_IN_PROGRESS" {
                    self.differences.apply(Id::OfTheTransfer);
                }
                let queued = !ledger.started;
                let left = u64::from(ledger.left(ledger.closed.len()));
                let told = ledger.left(ledger.told);
                // Linux counts in the interrupt, and a list as a whole.
                let id = match ledger.kind {
                    _ if queued && residue == 0 => Id::Unissued,
                    Kind::Ring { .. } if residue == 0 && ledger.told > 0 => {
                        assert_eq!(told, ledger.total, "{}", self.place);
                        Id::Round
                    }
                    Kind::Ring { .. } => {
                        assert_eq!(residue, told, "{}", self.place);
                        Id::Residue
                    }
                    Kind::List => {
                        assert_eq!(residue, ledger.total, "{}", self.place);
                        Id::Residue
                    }
                };
                let expected = self.differences.replace(id, u64::from(residue), left);
                let found = match ours {
                    Status::Queued { residue } if queued => residue,
                    Status::Running { residue, .. } if !queued => residue,
                    other => panic!("{}: {other:?}", self.place),
                };
                assert_eq!(found, expected, "{}", self.place);
            }
        }
    }

    pub fn compare_descriptors(&self, ledger: &Ledger, expected: &[[u32; 3]]) {
        for (index, words) in (0..).zip(expected) {
            let ours: [u32; 3] = self.machine.words(ledger.ours + 12 * index);
            assert_eq!(ours, *words, "{}: descriptor {index}, {ours:x?} for {words:x?}", self.place);
        }
    }

    /// The state after a step: descriptors always, the hardware where something was started since.
    pub fn snapshots(&self, step: &Value) {
        for snapshot in list(&step["snapshots"]) {
            let current = &snapshot["current_descriptor"];
            let ledger = current["desc"].as_str().map(|name| &self.ledgers[name]);
            let stopped = ledger.is_some_and(|ledger| ledger.ended == Some(false));
            if let Some(ledger) = ledger.filter(|_| !stopped) {
                let expected = if ledger.cut { ledger.with_closed() } else { descriptors(&current["bds"]) };
                self.compare_descriptors(ledger, &expected);
            }
            if self.settled && !snapshot["hw"].is_null() {
                self.compare_hardware(snapshot, stopped);
            }
        }
    }

    fn compare_hardware(&self, snapshot: &Value, stopped: bool) {
        let block = numbers(&snapshot["ccb"]);
        let here = |linux: u32| self.ledgers.values().find_map(|ledger| ledger.here(linux)).unwrap_or(linux);
        let expected = [here(block[0]), here(block[1]), block[2], block[3]];
        if !stopped {
            assert_eq!(self.machine.control_block(self.channel), expected, "{}: control block", self.place);
        }
        let bits = number(&self.run["word_bits"]);
        let context = expect::context(self.differences, numbers(&snapshot["context_words"]), self.line, bits);
        assert_eq!(self.machine.context(self.channel), context, "{}: context", self.place);

        let registers: BTreeMap<u32, u32> = self.machine.registers();
        let linux = |name: &str| number(&snapshot["hw"][name]);
        let line = offset::chnenbl(offset::CHNENBL0, self.line.unwrap_or(0));
        let he = if stopped { self.differences.replace(Id::RingStops, linux("HE"), 0) } else { linux("HE") };
        let pairs = [
            ("HE", self.machine.he(), he),
            ("INTR", self.machine.intr(), linux("INTR")),
            ("EVTOVR", registers[&offset::EVTOVR], linux("EVTOVR")),
            ("HOSTOVR", registers[&offset::HOSTOVR], linux("HOSTOVR")),
            (
                "DSPOVR",
                registers[&offset::DSPOVR],
                expect::dsp_override(self.differences, linux("DSPOVR"), self.channel),
            ),
            ("CONFIG", registers[&offset::CONFIG], linux("CONFIG")),
            ("CHNPRI", registers[&offset::chnpri(self.channel)], linux("CHNPRI")),
            ("CHNENBL", registers[&line], linux("CHNENBL_ev0")),
        ];
        for (name, ours, expected) in pairs {
            assert_eq!(ours, expected, "{}: {name}", self.place);
        }
    }
}

/// Descriptors as a snapshot has them.
pub fn descriptors(value: &Value) -> Vec<[u32; 3]> {
    list(value).iter().map(|words| numbers(words).try_into().expect("three words")).collect()
}
