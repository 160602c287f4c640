//! Reading many records out of one stream.
