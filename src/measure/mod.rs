//! What is measured: epochs, curves, metrics and the protocols under which they are comparable.

mod curve;
mod epoch;
mod metric;
mod protocol;

pub use curve::{Curve, Disordered};
pub use epoch::Epoch;
pub use metric::{Direction, METRICS, MetricDef, metric};
pub use protocol::{Protocol, ProtocolId, ProtocolItem, ProtocolSets};
