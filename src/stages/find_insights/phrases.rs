//! Finds all phrases of the rules in one pass over a sentence: a tree of letters, walked from each word that a phrase may
//! begin in.

use std::ops::Range;

/// The phrases of all rows.
#[derive(Debug)]
pub(super) struct Phrases {
    anywhere: Tree,
    /// Those that count at the head of a sentence only.
    opening: Tree,
}

/// Phrases as a tree of their bytes in lower case (ASCII).
#[derive(Debug)]
struct Tree {
    /// In the order of their bytes; the same words can stand for several rows.
    meanings: Vec<Meaning>,
    /// Node for each first byte; 0, the root itself, where no phrase begins so.
    heads: Vec<u32>,
    /// The byte that leads to each node. Children of one node stand side by side.
    bytes: Vec<u8>,
    nodes: Vec<Node>,
    /// What stands between two nodes where nothing branches off.
    tails: Vec<u8>,
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

/// A beginning that phrases have in common, or all of one.
#[derive(Debug, Clone, Default)]
struct Node {
    /// What else they have in common.
    tail: Range<u32>,
    children: Range<u32>,
    /// The phrases that end here.
    meanings: Range<u32>,
}

impl Phrases {
    /// These phrases, none of them empty.
    pub(super) fn new(phrases: Vec<(Vec<u8>, Meaning)>) -> Self {
        let (opening, anywhere) = phrases.into_iter().partition(|(_, meaning)| meaning.opens);
        Self {
            anywhere: Tree::new(anywhere),
            opening: Tree::new(opening),
        }
    }

    /// Whether a phrase may begin in this word of a sentence, unless it opens the sentence.
    pub(super) fn lead_of(&self, word: &str) -> Lead {
        let mut text = word.as_bytes().to_vec();
        text.push(b' ');
        let mut lead = Lead::NONE;
        for from in places(&text, 0) {
            let mut whole = false;
            let next = self.anywhere.follow(&text, from, |_| whole = true);
            lead.0 |= if whole { Lead::ALWAYS.0 } else { next.0 };
        }
        lead
    }

    /// Calls `found` with the row of each phrase in the sentence and the byte it begins at, for each place. Phrases are
    /// looked for in the words that begin at the bytes `words`; they begin and, unless they are prefixes, end where a word
    /// does. Those that open a sentence are looked for at the byte `begin`.
    pub(super) fn find(
        &self,
        sentence: &[u8],
        begin: usize,
        words: impl IntoIterator<Item = usize>,
        mut found: impl FnMut(usize, usize),
    ) {
        for word in words {
            for from in places(sentence, word) {
                self.anywhere
                    .follow(sentence, from, |meaning| found(meaning.bit, from));
            }
        }
        if begin < sentence.len() {
            self.opening
                .follow(sentence, begin, |meaning| found(meaning.bit, begin));
        }
    }
}

/// Before what words a phrase may begin in a word: a bit for each letter that the next one may begin with, and one for
/// all other signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lead(u32);

impl Lead {
    /// None begins in it.
    pub(super) const NONE: Self = Self(0);

    /// Before any, and at the end of the sentence.
    const ALWAYS: Self = Self(u32::MAX);

    /// Whether a phrase may begin in it where the next word begins with this byte.
    pub(super) fn holds_before(self, next: u8) -> bool {
        self.0 & Self::before(next).0 != 0
    }

    /// Whether a phrase may begin in it where it is the last word.
    pub(super) fn holds_at_the_end(self) -> bool {
        self == Self::ALWAYS
    }

    fn before(next: u8) -> Self {
        let letter = (next | 0x20).wrapping_sub(b'a');
        Self(1 << letter.min(26))
    }
}

/// The bytes, from `word` up to the next space, at which a phrase can begin: those that no letter or digit stands before.
fn places(sentence: &[u8], word: usize) -> impl Iterator<Item = usize> {
    let mut in_word = false;
    let mut ended = false;
    sentence
        .iter()
        .enumerate()
        .skip(word)
        .map_while(move |(at, &byte)| {
            let before = std::mem::replace(&mut ended, byte == b' ');
            (!before).then_some((at, byte))
        })
        .filter(move |&(_, byte)| !std::mem::replace(&mut in_word, is_word(byte)))
        .map(|(at, _)| at)
}

impl Tree {
    /// The tree of these phrases.
    fn new(phrases: Vec<(Vec<u8>, Meaning)>) -> Self {
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
            tails: Vec::new(),
        };
        // level by level: the phrases below each node of the level, and how long their known beginning is
        let mut level = vec![(0_usize, 0..sorted.len(), 0_usize)];
        while !level.is_empty() {
            let mut below = Vec::new();
            for (node, range, known) in level {
                // the first and the last have in common what all have; the root has nothing but children
                let shared = match &sorted[range.clone()] {
                    [(first, _), .., (last, _)] if node > 0 => {
                        shared(&first[known..], &last[known..])
                    }
                    [(only, _)] if node > 0 => only.len() - known,
                    _ => 0,
                };
                let depth = known + shared;
                let tail = tree.tails.len();
                if let Some((text, _)) = sorted.get(range.start) {
                    tree.tails.extend(&text[known..depth]);
                }
                tree.nodes[node].tail = short(tail)..short(tree.tails.len());
                let ended = sorted[range.clone()]
                    .iter()
                    .take_while(|(text, _)| text.len() == depth)
                    .count();
                tree.nodes[node].meanings = short(range.start)..short(range.start + ended);
                let first = tree.nodes.len();
                let mut from = range.start + ended;
                for same in sorted[from..range.end].chunk_by(|a, b| a.0[depth] == b.0[depth]) {
                    below.push((tree.nodes.len(), from..from + same.len(), depth + 1));
                    tree.bytes.push(same[0].0[depth]);
                    tree.nodes.push(Node::default());
                    from += same.len();
                }
                tree.nodes[node].children = short(first)..short(tree.nodes.len());
            }
            level = below;
        }
        for head in tree.nodes[0].children.clone() {
            tree.heads[usize::from(tree.bytes[head as usize])] = head;
        }
        tree
    }

    /// Calls `found` with the meaning of each phrase that stands at the byte `from` of a text. What would have to follow
    /// the text for more to be said.
    fn follow(&self, text: &[u8], from: usize, mut found: impl FnMut(&Meaning)) -> Lead {
        let head = self.heads[usize::from(text[from].to_ascii_lowercase())];
        if head == 0 {
            return Lead::NONE;
        }
        let mut node = &self.nodes[head as usize];
        let mut to = from + 1;
        loop {
            let tail = &self.tails[wide(&node.tail)];
            if !tail.is_empty() {
                let rest = &text[to..];
                let common = rest.len().min(tail.len());
                if !rest[..common].eq_ignore_ascii_case(&tail[..common]) {
                    return Lead::NONE;
                }
                if let Some(&missing) = tail.get(common) {
                    return Lead::before(missing);
                }
                to += common;
            }
            let next = text.get(to).map(u8::to_ascii_lowercase);
            for meaning in &self.meanings[wide(&node.meanings)] {
                if meaning.prefix || next.is_none_or(|next| !is_word(next)) {
                    found(meaning);
                }
            }
            let first = node.children.start as usize;
            let bytes = &self.bytes[wide(&node.children)];
            let Some(next) = next else {
                let all = bytes.iter().map(|&byte| Lead::before(byte).0);
                return Lead(all.fold(0, |all, one| all | one));
            };
            let Some(child) = bytes.iter().position(|&byte| byte == next) else {
                return Lead::NONE;
            };
            node = &self.nodes[first + child];
            to += 1;
        }
    }
}

/// How many bytes two texts have in common at their beginning.
fn shared(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
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
