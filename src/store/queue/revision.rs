/// The current revision of an experiment, to be queued.
#[derive(Clone, Debug)]
pub struct NewRevision {
    /// The experiment's name.
    pub name: String,
    /// The title for reports.
    pub title: String,
    /// The file's text, with the changes of the command line and the environment.
    pub text: String,
    /// The hash of everything that distinguishes this revision from others.
    pub hash: String,
    /// Its cells, in order.
    pub cells: Vec<NewCell>,
    /// The seeds of every cell.
    pub seeds: Vec<u64>,
}

/// A cell of a revision.
#[derive(Clone, Debug)]
pub struct NewCell {
    /// The cell's id.
    pub id: String,
    /// The canonical JSON whose hash is the id.
    pub identity: String,
    /// The method's label in this experiment.
    pub method: String,
    /// The axes' values, as a JSON object.
    pub axes: String,
    /// Every active setting with its origin, as a JSON object.
    pub settings: String,
    /// The last epoch.
    pub horizon: u32,
}
