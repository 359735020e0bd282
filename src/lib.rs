//! jem: an experiment-tracking research harness for text-to-image GANs.
//!
//! The input is an experiment in TOML. The output is a trained grid of runs, a database, and tables and figures.
//!
//! # Data flow
//!
//! ```text
//! experiments/*.toml ─ spec ─ Plan ─ cells × seeds ─ store: the queue
//!                                                      │ a worker claims a run with a lease
//!  images ─ data ─ segment ─ vision (fc7) ─┐           ▼
//!           captions ─ text ───────────────► prepare: cached, memory-mapped inputs
//!                                                      ▼
//!                              train::session: epochs of D step, G step, evaluation
//!                                                      ▼ one transaction per epoch
//!                    train::worker ─ store: points, image grids, checkpoint, convergence
//!                                                      ▼
//!                             stats: convergence, bands ─ report: tables, figures, text
//! ```
//!
//! `jem run` does all of this. Each run is trained in its own operating-system process: [`train::supervisor`] claims runs
//! and starts `jem train-run` for each; there [`train::worker`] drives [`train::session`].
//!
//! # Principles
//!
//! - **Identity.** A cell is every setting except the seed. Its id is a hash of the active settings that differ from the
//!   built-in defaults, and of the contents of the files that it uses ([`spec::cell_id`]). Defaults never change.
//! - **Randomness.** Every random stream is keyed by its purpose ([`random`]), so no generator state is saved, and runs with
//!   the same seed share batches, noise and the initial weights of shared layers. Burn's generator is not used.
//! - **Fencing.** Each write of a worker carries the fencing number of its lease; a worker that has lost its lease cannot
//!   write. A checkpoint folder is valid only if its row exists, and the row is written in one transaction with the points of the
//!   epoch: a kill loses the epoch in progress and nothing else. A supervisor stops its processes through their standard
//!   input, and they also stop when it is closed.
//! - **One file.** Every way to exit closes the database, so that it is one file. jem recognises its own databases by the
//!   file header before it writes (`docs/record.md`).
//! - **Nothing is trained twice.** More epochs resume from the last checkpoint, optimizers included; a measure that is added
//!   later is computed from saved generators. A stopped run is saved within the epoch: the values of its steps so far are
//!   part of the checkpoint, so that the means of the epoch are the same.
//! - **Fits** (guide networks, text encoders) are identified by their recipe and training data; the file that a run used
//!   is recorded with the run ([`prepare::resolve`]).
//! - **Inputs** are arrays, stored under a hash of everything they depend on, and computed in chunks with a digest each
//!   ([`prepare::Cache`]): a kill loses one chunk, a damaged chunk is recomputed, and files appear under their final name atomically.
//! - **Protocols.** A measure on held-out images is stored with the id of its protocol; two protocols never share a series.
//! - **Reports** read only the database, write nothing to it, and are byte-identical on repetition.
//!
//! # Layers
//!
//! | layer | may import |
//! |---|---|
//! | `atomic_file` (files that are complete or missing), `file_kind` (the kind of a file, from its first bytes), `screen` (standard streams, and text that is safe to show), `error_chain` (the text of an error with its causes), `word_enum` (enums whose values are words), `npy` (the header of NumPy's arrays) | no other module; every module may import them |
//! | `label` (normalized names) | `screen`; every module may import it |
//! | `file_error` (a file that cannot be read or written, or is of another kind) | `file_kind`; every module may import it |
//! | [`random`], [`measure`], [`spec`], [`device`], [`provenance`], [`fetch`], [`kernel`] (layers on the CPU) | no other module |
//! | [`stats`] | `measure`, `random` |
//! | [`store`] | `spec`, `measure` |
//! | [`data`], [`text`], [`vision`], [`gan`] | `spec`, `random`; `data` also `fetch`; `vision` and `gan` also `kernel` |
//! | [`segment`] | `data`, `vision`, `spec` |
//! | [`fit`] | `vision`, `text`, `kernel`, `spec`, `random` |
//! | [`prepare`] | `data`, `segment`, `vision`, `text`, `fit`, `spec`, `random` |
//! | [`metric`] | `measure`, `vision`, `kernel`, `random` |
//! | [`evaluate`] | `data`, `fetch`, `prepare`, `metric`, `vision`, `device` |
//! | [`train`]'s session | `gan`, `evaluate`, `metric`, `prepare`, `vision`, `device`, `spec`, `measure`, `random` |
//! | [`train`]'s worker and supervisor | also `store`, `stats`, `data`, `fit`, `provenance` |
//! | [`report`] | `store` (reading only), `stats`, `measure`, `spec` |
//! | [`cli`] | everything |
//!
//! `tests/layers` checks this table, which third-party crate belongs to which layer, and that modules beside each other import in
//! one direction.
//!
//! # Differences from the initial design
//!
//! - Burn's `simd` and `rayon` features are on: without them its CPU backend is scalar and single-threaded.
//! - The best evaluation of a run is one at a multiple of `eval.every`: the evaluation after the last epoch would not exist in a
//!   longer run.
//! - On the CPU, convolutions, batch norm, Adam and AdamW are jem's own ([`kernel`]), channels-last, and convolutions with small
//!   kernels are computed in Winograd tiles. The memory of their results is used again. On other devices they are Burn's.
//! - What the discriminator's passes of a step have in common is computed once: the maps of the real images, the projections of
//!   sentence and guide. The running statistics move once for each use, as before. The 1×1 convolution of the joined maps is
//!   computed as the sum of its parts, since text and guide are the same at every position.
//! - The database has one connection per process and no read pool: every caller is one ordinary thread.
//! - Epochs are recorded by the training thread, not through a channel: it is one short transaction per epoch.
//! - `guide.source` changes only the inputs of the networks: reconstruction and guide matching always use the image's own
//!   image and features, so that a shuffled guide is a control of one factor.
//! - With `guide.source = "zero"` the discriminator has no mismatched guides: all guides are equal.
//! - `objective.fake_share` applies if only mismatched texts and generated images are rejected; with mismatched guides all have equal
//!   weight.
//! - `train` uses `prepare`'s [`prepare::Extractor`], a frozen network that passes gradients on to the images.
//! - `data.root` and other paths may be axes although they are not hashed: data and weights are identified by their contents.
//! - Tables are formatted by jem: the crate for it took longer than the whole answer at ten thousand rows.
//! - An experiment that lists methods and has no `method` axis runs all of them.
//! - Images are made square by squashing by default, as in both published recipes.
//! - The resizer is jem's own, since it must equal Pillow's bytes (`data`).
//! - Drawn flowers use +, −, ×, ÷ and √ only ([`data::drawn`]): sines differ between machines.
//! - `data.classes` is text ("1-20, 41"), so that a list of them can be an axis.
//! - The features of a convolution or pooling layer are the means of its channels, not the whole map.
//! - `jem gc` deletes prepared inputs, never fitted networks: these take longest to compute.
//! - Skip-thought is trained with hand-written gradients over packed sentences ([`fit::skip_thought`]), and the full softmax.
//! - The built-in defaults stay those of the first version (`text.encoder = "tfidf"`); `base/jem.toml` sets skip-thought.
//! - Of `burn-train` only the [`Interrupter`](burn::train::Interrupter) is used.

#![warn(clippy::unwrap_used)]

mod atomic_file;
pub mod cli;
pub mod data;
pub mod device;
mod error_chain;
pub mod evaluate;
pub mod fetch;
pub mod file_error;
pub mod file_kind;
pub mod fit;
pub mod gan;
pub mod kernel;
mod label;
pub mod measure;
pub mod metric;
mod npy;
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
mod word_enum;
