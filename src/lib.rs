//! jem: an experiment-tracking research harness for text-to-image GANs.
//!
//! A TOML experiment goes in; a trained grid, an honest database, and tables and figures come out.
//!
//! # The flow
//!
//! ```text
//! experiments/*.toml ─ spec ─ Plan ─ cells × seeds ─ store: the queue
//!                                                      │ a run is held by one process at a time
//!  photos ─ data ─ segment ─ vision (fc7) ─┐           ▼
//!           captions ─ text ───────────────► prepare: cached, memory-mapped inputs
//!                                                      ▼
//!                              train::session: epochs of D step, G step, evaluation
//!                                                      ▼ one transaction an epoch
//!                    train::worker ─ store: points, pictures, checkpoint, convergence
//!                                                      ▼
//!                             stats: convergence, bands ─ report: tables, figures, text
//! ```
//!
//! `jem run` goes all the way. Each run is an operating-system process: [`train::supervisor`] takes runs off the
//! queue and starts `jem train-run` for each, in which [`train::worker`] drives [`train::session`].
//!
//! # What holds it together
//!
//! - **Identity.** A cell is every setting but the seed. Its id is a hash of the active settings that differ from
//!   the built-in defaults and of the contents of what it reads ([`spec::cell_id`]). Defaults never change.
//! - **Randomness.** Every draw is keyed by what it is for ([`random`]); no generator has a state to save, and runs
//!   with one seed share batches, noise and the initial weights of shared layers. Burn's generator is not used.
//! - **Fencing.** A write carries the fencing number of the hold on its run; a worker that lost its hold writes
//!   nothing more. A checkpoint is a folder that lives through its row, and the row is written with the epoch's
//!   points in one transaction: a kill loses the epoch in progress and nothing else. A supervisor tells its processes to stop
//!   over their standard input, whose end is its own.
//! - **One file.** Every way out of a process closes the database, so that all of it lies in one file; whose file it is stands in
//!   its header and is read before a byte is written (`docs/record.md`).
//! - **Nothing is trained twice.** A later horizon goes on from the last checkpoint, optimizers included; a measure that
//!   is added later is taken of generators that were kept. A stop is saved within the epoch: the values of its steps so
//!   far are part of the checkpoint, so that the means come out the same.
//! - **Fits** (guide networks, text encoders) count by their recipe and what they are taught on; which file came of it is
//!   recorded with each run ([`prepare::resolve`]).
//! - **Inputs** are arrays under a hash of all that they follow from, made chunk by chunk with a digest each
//!   ([`prepare::Cache`]): a kill costs a chunk, a damaged chunk is made again, and half a file never bears its name.
//! - **Protocols.** Measures on held-out items carry the id of how they were made; two protocols share no series.
//! - **Reports** read the database alone, write no row, and are byte-identical on repetition.
//!
//! # Layers
//!
//! | layer | may import |
//! |---|---|
//! | `whole` (files that are whole or not there), `file_kind` (what a file is by its first bytes), `screen` (standard streams, and text that is safe to show) | nothing of ours; everyone may import them |
//! | `label` (names in one form) | `screen`; everyone may import it |
//! | [`random`], [`measure`], [`spec`], [`device`], [`provenance`], [`fetch`] | nothing of ours |
//! | [`stats`] | `measure` |
//! | [`store`] | `spec`, `measure` |
//! | [`data`], [`text`], [`vision`], [`gan`] | `spec`, `random`; `data` also `fetch` |
//! | [`segment`] | `data`, `vision`, `spec` |
//! | [`fit`] | `vision`, `text`, `spec`, `random` |
//! | [`prepare`] | `data`, `segment`, `vision`, `text`, `fit`, `spec`, `random` |
//! | [`metric`] | `measure`, `vision`, `random` |
//! | [`train`]'s session | `gan`, `metric`, `prepare`, `vision`, `device`, `spec`, `measure`, `random` |
//! | [`train`]'s worker and supervisor | also `store`, `stats`, `fit`, `provenance` |
//! | [`report`] | `store` (to read), `stats`, `measure`, `spec` |
//! | [`cli`] | everything |
//!
//! `tests/layers.rs` holds this list, and which third-party crate belongs to which layer.
//!
//! # Where this departs from the design it started from
//!
//! - Burn's `simd` and `rayon` features are on: without them its CPU backend is scalar and has one thread.
//! - Only evaluations at multiples of `eval.every` can be a run's best: the look after the last epoch is one that a longer run
//!   would not have.
//! - The database has one connection a process, and no read pool: every caller is one ordinary thread.
//! - Epochs are recorded by the training thread, not through a channel: it is one short transaction an epoch.
//! - `guide.source` changes what the networks are given and nothing else: reconstruction and guide matching hold fakes to the
//!   item's own photo and features whatever guide is fed, so that a shuffled guide is a control of one thing.
//! - With `guide.source = "zero"` the discriminator has no situation of a wrong guide: all guides are equal.
//! - `objective.fake_share` counts while mismatched texts and fakes are all that is rejected; with wrong guides all weigh the same.
//! - `train` knows `prepare`'s [`prepare::Extractor`], a frozen network behind which gradients go on to the pictures.
//! - Only `data.root` and other paths may be axes though they are not hashed: data and weights count by content.
//! - Tables are set by hand: the crate for it took longer than the whole answer at ten thousand rows.
//! - An experiment that names methods and no `method` axis runs them all.
//! - A photo becomes square by squashing unless asked otherwise, as in both published recipes.
//! - The resizer is ours, since it has to equal Pillow's bytes (`data`).
//! - The drawing of flowers uses +, −, ×, ÷ and √ alone ([`data::drawn`]): sines differ between machines.
//! - `data.classes` is text ("1-20, 41"), so that a list of them can be an axis.
//! - A convolution or pooling as the guide's layer counts by the mean of each channel, and not by its whole map.
//! - `jem gc` knows the prepared inputs alone so far, and no network that was fitted: it takes longest to make.
//! - Skip-thought is trained with gradients by hand over packed sentences ([`fit::skip_thought`]), and the full softmax.
//! - The built-in defaults stay those of the first jem (`text.encoder = "tfidf"`): `base/jem.toml` says skip-thought.

#![warn(clippy::unwrap_used)]

pub mod cli;
pub mod data;
pub mod device;
pub mod fetch;
pub mod file_kind;
pub mod fit;
pub mod gan;
mod label;
pub mod measure;
pub mod metric;
pub mod prepare;
pub mod provenance;
pub mod random;
pub mod report;
mod screen;
pub mod segment;
pub mod spec;
pub mod stats;
pub mod store;
pub mod text;
pub mod train;
pub mod vision;
mod whole;
