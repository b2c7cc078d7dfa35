//! Finds all phrases of the rules in one pass over a sentence: a tree of letters, walked from each place where a word may
//! begin, and left again after two or three letters nearly everywhere.

use std::ops::Range;

/// The phrases of all rows, as a tree of their bytes in lower case (ASCII).
#[derive(Debug)]
pub(super) struct Phrases {
    /// In the order of their bytes; the same words can stand for several rows.
    meanings: Vec<Meaning>,
    /// Node for each first byte; 0, the root itself, where no phrase begins so.
    heads: Vec<u32>,
    /// The byte that leads to each node. Children of one node stand side by side.
    bytes: Vec<u8>,
    nodes: Vec<Node>,
}

/// What it means to find a phrase.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meaning {
    /// The row that wants it.
    pub(super) bit: usize,
    /// Whether it counts at the head of a sentence only.
    pub(super) opens: bool,
    /// Whether the word may go on behind it.
    pub(super) prefix: bool,
}

/// A beginning that phrases have in common.
#[derive(Debug, Clone, Default)]
struct Node {
    children: Range<u32>,
    /// The phrases that end here.
    meanings: Range<u32>,
}

impl Phrases {
    /// The tree of these phrases, none of them empty.
    pub(super) fn new(phrases: Vec<(Vec<u8>, Meaning)>) -> Self {
        let mut sorted = phrases;
        for (text, _) in &mut sorted {
            text.make_ascii_lowercase();
        }
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        let mut tree = Self {
            meanings: sorted.iter().map(|(_, meaning)| *meaning).collect(),
            heads: vec![0; 256],
            bytes: vec![0],
            nodes: vec![Node::default()],
        };
        // level by level: the phrases below each node of the level, and how long their common beginning is
        let mut level = vec![(0_usize, 0..sorted.len())];
        let mut depth = 0;
        while !level.is_empty() {
            let mut below = Vec::new();
            for (node, range) in level {
                let ended = sorted[range.clone()]
                    .iter()
                    .take_while(|(text, _)| text.len() == depth)
                    .count();
                tree.nodes[node].meanings = short(range.start)..short(range.start + ended);
                let first = tree.nodes.len();
                let mut from = range.start + ended;
                for same in sorted[from..range.end].chunk_by(|a, b| a.0[depth] == b.0[depth]) {
                    below.push((tree.nodes.len(), from..from + same.len()));
                    tree.bytes.push(same[0].0[depth]);
                    tree.nodes.push(Node::default());
                    from += same.len();
                }
                tree.nodes[node].children = short(first)..short(tree.nodes.len());
            }
            level = below;
            depth += 1;
        }
        for head in tree.nodes[0].children.clone() {
            tree.heads[usize::from(tree.bytes[head as usize])] = head;
        }
        tree
    }

    /// Calls `found` with the row of each phrase in the sentence and the byte it begins at, for each place; phrases begin and, unless they are
    /// prefixes, end where a word does. Those that open a sentence are looked for at the byte `begin`.
    pub(super) fn find(&self, sentence: &[u8], begin: usize, mut found: impl FnMut(usize, usize)) {
        let mut in_word = false;
        for (from, &byte) in sentence.iter().enumerate() {
            if std::mem::replace(&mut in_word, is_word(byte)) {
                continue;
            }
            let head = self.heads[usize::from(byte.to_ascii_lowercase())];
            if head == 0 {
                continue;
            }
            let mut node = &self.nodes[head as usize];
            let mut to = from + 1;
            loop {
                let next = sentence.get(to).map(u8::to_ascii_lowercase);
                for meaning in &self.meanings[wide(&node.meanings)] {
                    let ends = meaning.prefix || next.is_none_or(|next| !is_word(next));
                    if ends && (!meaning.opens || from == begin) {
                        found(meaning.bit, from);
                    }
                }
                let children = wide(&node.children);
                let child = next.and_then(|next| {
                    let bytes = &self.bytes[children.clone()];
                    bytes.iter().position(|&byte| byte == next)
                });
                let Some(child) = child else { break };
                node = &self.nodes[children.start + child];
                to += 1;
            }
        }
    }
}

/// Whether a byte belongs to a word (no byte beyond ASCII does: curly quotes are handled by the phrases).
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// A place in the tree; a file of rules is far smaller than four gigabytes.
fn short(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

fn wide(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}
