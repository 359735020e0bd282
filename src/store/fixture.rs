//! For tests: a database in a temporary folder, and ways to change its runs.

use std::time::Duration;

use crate::measure::{Epoch, Protocol, ProtocolId, ProtocolItem};

use super::{
    AttemptOutcome, Change, ChangeResult, EpochRecord, Filter, Lease, LostAttempt, NewArtifact, NewCell, NewRevision,
    NewValue, RunId, RunState, RunStatus, Store, StoreError, Worker,
};

pub const LEASE: Duration = Duration::from_secs(60);

pub struct Fixture {
    _folder: tempfile::TempDir,
    pub store: Store,
}

impl Fixture {
    /// One experiment of three cells, each with seeds 1 and 2 and 2 epochs: runs 1 and 2 are of GAN-CLS and batch 16, 3
    /// and 4 of JEM-AlexNet and 32, 5 and 6 of JEM-VGG and 64.
    pub fn new() -> Self {
        Self::with(&[revision(&["GAN-CLS", "JEM-AlexNet", "JEM-VGG"])])
    }

    /// One experiment of one cell with these seeds and 10 epochs.
    pub fn with_seeds(seeds: &[u64]) -> Self {
        Self::with(&[plain("one", seeds, 10)])
    }

    /// A database with these revisions.
    pub fn with(revisions: &[NewRevision]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("jem.db")).unwrap();
        for revision in revisions {
            store.enqueue(revision).unwrap();
        }
        Self { _folder: folder, store }
    }

    /// Claims the next run, if there is one.
    pub fn try_claim(&self) -> Option<Lease> {
        self.store.claim(None, &Worker::this("cpu"), LEASE).unwrap()
    }

    /// Claims the next run.
    pub fn claim(&self) -> Lease {
        self.try_claim().unwrap()
    }

    /// Claims the next run, with a lease that has expired.
    pub fn claim_expired(&self) -> Lease {
        self.store.claim(None, &Worker::this("cpu"), Duration::ZERO).unwrap().unwrap()
    }

    /// Claims the next run and ends its attempt; a finished one has reached epoch 2.
    pub fn end(&self, outcome: &AttemptOutcome) -> RunId {
        let lease = self.claim();
        if matches!(outcome, AttemptOutcome::Finished { .. }) {
            self.store.record_epoch(lease, &epoch(2, 0.5, 1.0)).unwrap();
        }
        self.store.release(lease, outcome).unwrap();
        lease.run
    }

    /// Run 1 finished, 2 diverged, 3 failed, 4 running, 5 stale, 6 queued. Returns the leases on 4 and 5.
    pub fn end_runs(&self) -> [Lease; 2] {
        self.end(&AttemptOutcome::Finished { weights: "w".into() });
        self.end(&AttemptOutcome::Diverged { what: "NaN".into() });
        self.end(&AttemptOutcome::Failed { why: "no disk".into() });
        [self.claim(), self.claim_expired()]
    }

    pub fn change(&self, runs: &[i64], change: &Change) -> ChangeResult {
        let runs = runs.iter().copied().map(RunId).collect();
        self.store.change(&Filter { runs, ..Filter::default() }, change, false).unwrap()
    }

    /// Executes statements, as another program would.
    pub fn execute(&self, statements: &'static str) {
        self.store.read("test", async |db| sqlx::raw_sql(statements).execute(db).await).unwrap();
    }

    /// The number that a query returns.
    pub fn number(&self, query: &'static str) -> i64 {
        self.store.read("test", async |db| sqlx::query_scalar(query).fetch_one(db).await).unwrap()
    }

    pub fn state(&self, run: RunId) -> RunState {
        self.store.run(run).unwrap().unwrap().state
    }

    pub fn statuses(&self) -> Vec<RunStatus> {
        self.store.list(&Filter::default()).unwrap().into_iter().map(|run| run.status).collect()
    }

    /// Reclaims runs with a new monitor, and up to 2 retries.
    pub fn reclaim(&self) -> Vec<LostAttempt> {
        self.store.reclaim(&mut Default::default(), 2).unwrap()
    }
}

/// Whether a write failed because the lease was lost.
pub fn is_lost<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::LostLease { .. }))
}

/// A revision with one cell for each method.
pub fn revision(methods: &[&str]) -> NewRevision {
    let cells = (1..).zip(methods).map(|(number, method)| NewCell {
        id: format!("{number:016x}"),
        identity: "{}".into(),
        method: (*method).into(),
        axes: "{}".into(),
        settings: format!(
            r#"{{"train.batch":{{"value":{},"from":"file"}},"image.flip":{{"value":{},"from":"built-in"}}}}"#,
            8 << number,
            number == 1,
        ),
        horizon: 2,
    });
    NewRevision {
        name: "sweep".into(),
        title: "A sweep".into(),
        text: "text".into(),
        hash: methods.join(" "),
        cells: cells.collect(),
        seeds: vec![1, 2],
    }
}

/// A revision with one cell, evaluated every 2 epochs.
pub fn plain(text: &str, seeds: &[u64], horizon: u32) -> NewRevision {
    NewRevision {
        name: "sweep".into(),
        title: "A sweep".into(),
        text: text.into(),
        hash: format!("{text} {seeds:?} {horizon}"),
        cells: vec![NewCell {
            id: "0123456789abcdef".into(),
            identity: "{}".into(),
            method: "plain".into(),
            axes: "{}".into(),
            settings: r#"{"eval.every":{"value":2,"from":"file"}}"#.into(),
            horizon,
        }],
        seeds: seeds.to_vec(),
    }
}

/// An epoch with a loss and an SSIM.
pub fn epoch(number: u32, ssim: f64, loss: f64) -> EpochRecord {
    let record = epoch_with(number, vec![d_loss(loss), self::ssim(ssim)]);
    EpochRecord { checkpoint: NewArtifact { path: format!("{number} {loss}"), ..record.checkpoint.clone() }, ..record }
}

/// An epoch with these values, whose checkpoint is `1/<number>`.
pub fn epoch_with(number: u32, values: Vec<NewValue>) -> EpochRecord {
    EpochRecord {
        epoch: Epoch(number),
        step: u64::from(number) * 4,
        values,
        image_grids: Vec::new(),
        protocols: vec![protocol()],
        checkpoint: artifact(&format!("1/{number}")),
        generator: None,
        best: None,
    }
}

pub fn artifact(path: &str) -> NewArtifact {
    NewArtifact { path: path.into(), sha256: "s".into(), bytes: 3 }
}

pub fn protocol() -> Protocol {
    Protocol {
        kind: "own-image".into(),
        split: "val".into(),
        resolution: 8,
        seed: 1,
        items: vec![ProtocolItem { image: 7, class: 3, caption: "a flower".into() }],
        data: "d".into(),
        extractor: None,
        noises: None,
        sets: None,
    }
}

pub fn d_loss(value: f64) -> NewValue {
    NewValue { metric: "d_loss", protocol: ProtocolId::none(), value }
}

pub fn ssim(value: f64) -> NewValue {
    NewValue { metric: "ssim", protocol: protocol().id(), value }
}
