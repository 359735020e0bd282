//! For tests: a database with one experiment of three cells and two seeds, and ways to bring its runs anywhere.

use std::time::Duration;

use crate::measure::{Epoch, Protocol, ProtocolItem};

use super::{
    Change, Changed, Ending, EpochRecord, Filter, Hold, NewArtifact, NewCell, NewRevision, NewValue, RunId, Standing,
    Store, Worker,
};

/// Runs 1 and 2 are of GAN-CLS and batch 16, 3 and 4 of JEM-AlexNet and 32, 5 and 6 of JEM-VGG and 64.
pub struct Lab {
    _folder: tempfile::TempDir,
    pub store: Store,
}

impl Lab {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(&folder.path().join("jem.db")).unwrap();
        store.enqueue(&revision(&["GAN-CLS", "JEM-AlexNet", "JEM-VGG"])).unwrap();
        Self { _folder: folder, store }
    }

    /// Takes the next run, for as long as the lease goes.
    pub fn take(&self, lease: Duration) -> Hold {
        self.store.claim(None, &Worker::this("cpu"), lease).unwrap().unwrap()
    }

    /// Takes the next run and ends it so; one that finishes has reached its last epoch, 2.
    pub fn end(&self, ending: &Ending) -> RunId {
        let hold = self.take(Duration::from_secs(60));
        if matches!(ending, Ending::Finished { .. }) {
            self.store.record(hold, &epoch(2, 0.5, 1.0)).unwrap();
        }
        self.store.let_go(hold, ending).unwrap();
        hold.run
    }

    /// Run 1 finished, 2 diverged, 3 failed, 4 running, 5 stale, 6 queued. Gives the holds on 4 and 5.
    pub fn scatter(&self) -> [Hold; 2] {
        self.end(&Ending::Finished { weights: "w".into() });
        self.end(&Ending::Diverged { what: "NaN".into() });
        self.end(&Ending::Failed { why: "no disk".into() });
        [self.take(Duration::from_secs(60)), self.take(Duration::ZERO)]
    }

    pub fn change(&self, runs: &[i64], change: &Change) -> Changed {
        let runs = runs.iter().copied().map(RunId).collect();
        self.store.change(&Filter { runs, ..Filter::default() }, change, false).unwrap()
    }

    /// Changes rows as another program would.
    pub fn change_rows(&self, statements: &'static str) {
        let changed = sqlx::raw_sql(statements).execute(&self.store.pool);
        self.store.runtime.block_on(changed).unwrap();
    }

    pub fn standings(&self) -> Vec<Standing> {
        self.store.list(&Filter::default()).unwrap().into_iter().map(|run| run.standing).collect()
    }
}

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

pub fn epoch(number: u32, ssim: f64, loss: f64) -> EpochRecord {
    let protocol = Protocol {
        kind: "own-image".into(),
        split: "val".into(),
        resolution: 8,
        seed: 1,
        items: vec![ProtocolItem { image: 7, class: 3, caption: "a flower".into() }],
        data: "d".into(),
        extractor: None,
        noises: None,
        sets: None,
    };
    let values = vec![
        NewValue { metric: "d_loss", protocol: crate::measure::ProtocolId::none(), value: loss },
        NewValue { metric: "ssim", protocol: protocol.id(), value: ssim },
    ];
    EpochRecord {
        epoch: Epoch(number),
        step: u64::from(number) * 4,
        values,
        pictures: Vec::new(),
        protocols: vec![protocol],
        checkpoint: NewArtifact { path: format!("{number} {loss}"), sha256: "s".into(), bytes: 3 },
        generator: None,
        best: None,
    }
}
