//! The JSON reader, and the splitter of streams of records.

use salesdash_value::json::{self, Limits};
use salesdash_value::stream::Splitter;

use crate::corpus::PAYLOADS;
use crate::mutation;
use crate::rounds::rounds;

#[test]
fn what_is_read_reads_back() {
    rounds(100_000, |random| {
        let mut bytes = random.pick(&PAYLOADS).clone();
        mutation::bytes(random, &mut bytes, &PAYLOADS);
        let limits = if random.chance(1, 2) { Limits::DEFAULT } else { Limits { depth: 20, nodes: 500 } };
        if let Ok(value) = json::parse(&bytes, limits) {
            for text in [json::to_string(&value), json::to_pretty(&value)] {
                let again = json::parse(text.as_bytes(), Limits::DEFAULT).expect("what was written can be read");
                assert_eq!(again, value);
            }
        }
    });
}

/// Every piece of a stream that comes in steps of this many bytes.
fn pieces(bytes: &[u8], step: usize) -> Vec<(Vec<u8>, u64, bool)> {
    let mut splitter = Splitter::default();
    let mut found = Vec::new();
    let mut rest = bytes;
    let mut ended = false;
    loop {
        while let Some(piece) = splitter.next() {
            found.push((piece.text.to_vec(), piece.line, piece.problem.is_some()));
        }
        if ended {
            return found;
        }
        let space = splitter.space();
        let count = step.min(space.len()).min(rest.len());
        space[..count].copy_from_slice(&rest[..count]);
        rest = &rest[count..];
        if count == 0 {
            splitter.end();
            ended = true;
        } else {
            splitter.filled(count);
        }
    }
}

#[test]
fn a_stream_is_taken_apart_the_same_however_it_comes() {
    rounds(1_500, |random| {
        let mut bytes = Vec::new();
        for _ in 0..1 + random.below(4) {
            bytes.extend_from_slice(random.pick::<Vec<u8>>(&PAYLOADS));
            bytes.extend_from_slice(random.pick(&["\n", ",", "", "\r\n\n"]).as_bytes());
        }
        if random.chance(1, 3) {
            bytes.insert(0, b'[');
            bytes.push(b']');
        }
        mutation::bytes(random, &mut bytes, &PAYLOADS);
        let whole = pieces(&bytes, usize::MAX);
        assert_eq!(whole, pieces(&bytes, 1 + random.below(700) as usize));
        assert!(whole.iter().map(|(text, ..)| text.len()).sum::<usize>() <= bytes.len());
    });
}
