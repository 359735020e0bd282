//! Epochs, curves, metrics, and the protocols under which values are comparable.

mod curve;
mod epoch;
mod metric;
mod protocol;

pub use curve::{Curve, UnorderedEpochs};
pub use epoch::Epoch;
pub use metric::{Direction, METRICS, MetricDef, metric};
pub use protocol::{Protocol, ProtocolId, ProtocolItem, ProtocolSets};
