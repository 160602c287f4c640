//! JSON with what differs from payload to payload, and what is the same in all, apart from each other.
//!
//! The payloads of a source have their frame in common: names, punctuation, order. Where values stand between its pieces, the compressor
//! has to name every piece anew, which costs more than most values do. So the values come first, one after the other, and then the frame
//! with a mark in the place of each: in one piece, which it finds in the dictionary.
//!
//! ```text
//! {"id":"d-1","n":17}   →   d-1 ␁ 17 ␁ ␀ {"id":␁,"n":␂}
//! ```

use crate::samples::values;

/// Ends a value; in the frame, stands for one in quotes.
const TEXT: u8 = 1;
/// In the frame, stands for a value without quotes. At the very beginning: what follows is as it is.
const BARE: u8 = 2;
/// Ends the values.
const FRAME: u8 = 0;

/// The parts of a payload; one that cannot be put together again byte for byte stays in one piece, marked as such.
pub(crate) fn part(content: &[u8]) -> Vec<u8> {
    parts(content).filter(|parted| join(parted).as_deref() == Some(content)).unwrap_or_else(|| [&[BARE], content].concat())
}

fn parts(content: &[u8]) -> Option<Vec<u8>> {
    if content.iter().any(|byte| *byte <= BARE) {
        return None;
    }
    let (mut parted, mut frame, mut from) = (Vec::with_capacity(content.len() + 2), Vec::with_capacity(content.len()), 0);
    for value in values(content) {
        let quoted = value.at > 0 && content[value.at - 1] == b'"';
        let (before, after) = (value.at - usize::from(quoted), value.at + value.text.len() + usize::from(quoted));
        frame.extend_from_slice(content.get(from..before)?);
        frame.push(if quoted { TEXT } else { BARE });
        parted.extend_from_slice(value.text);
        parted.push(TEXT);
        from = after;
    }
    parted.push(FRAME);
    parted.extend_from_slice(&frame);
    parted.extend_from_slice(content.get(from..)?);
    Some(parted)
}

/// The payload that was parted. `None` where these are no parts of one.
pub(crate) fn join(parted: &[u8]) -> Option<Vec<u8>> {
    if let [BARE, content @ ..] = parted {
        return Some(content.to_vec());
    }
    let end = parted.iter().position(|byte| *byte == FRAME)?;
    let (mut values, frame) = (parted[..end].split(|byte| *byte == TEXT), &parted[end + 1..]);
    let mut content = Vec::with_capacity(parted.len());
    for byte in frame {
        match *byte {
            TEXT => {
                content.push(b'"');
                content.extend_from_slice(values.next()?);
                content.push(b'"');
            }
            BARE => content.extend_from_slice(values.next()?),
            byte => content.push(byte),
        }
    }
    Some(content)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_come_first_and_then_their_frame() {
        let content = br#"{"id":"d-1","n":17,"e":"","l":[true,null,-2.5e3,"a\"b"]}"#;
        let parted = part(content);
        let shown = String::from_utf8_lossy(&parted).replace('\u{1}', "␁").replace('\u{2}', "␂").replace('\0', "␀");
        assert_eq!(shown, r#"d-1␁17␁␁2.5e3␁a\"b␁␀{"id":␁,"n":␂,"e":␁,"l":[true,null,-␂,␁]}"#);
        assert_eq!(join(&parted).as_deref(), Some(&content[..]));
    }

    #[test]
    fn what_cannot_be_parted_stays_in_one_piece() {
        for content in
            [&b""[..], b"{", br#"{"a"#, br#"{"a":"b"#, b"\x01", b"a\0b", b"\x02", b"\"", br#"{"a":"b\"#, b"email=kim", b"\xff\xfe"]
        {
            assert_eq!(join(&part(content)).as_deref(), Some(content));
        }
    }

    proptest! {
        #[test]
        fn any_content_is_put_together_again(text in "[\"\\\\:{}a0-9,\u{0}-\u{3} é\\[\\]-]{0,40}", bytes: Vec<u8>) {
            prop_assert_eq!(join(&part(text.as_bytes())), Some(text.into_bytes()));
            prop_assert_eq!(join(&part(&bytes)), Some(bytes));
        }

        #[test]
        fn what_was_never_parted_is_refused_or_read(bytes: Vec<u8>) {
            let _ = join(&bytes);
        }
    }
}
