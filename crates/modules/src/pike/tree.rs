//! The tree of addresses that requests come from, one level for each byte.
//!
//! ```text
//!        / 193 - 175 - 132 - 164
//! (root)
//!        \ 195 - 37 - 78 - 163
//!                   \ 79 - 134
//! ```
//!
//! A request marks the deepest node on its address's way. A node that was marked a quarter of the
//! allowed density in one sampling unit grows the next byte, and hands its marks on, so that a busy
//! address has its whole way after a few more requests. A node that stands for a whole address is
//! a leaf: marked as often as the density allows, it is red. How many requests an address gets
//! through therefore depends on the neighbours it shares bytes with, exactly as in Kamailio.
//!
//! Marks belong to sampling units, which nodes note by number: nothing is swept when a unit ends
//! but the red leaves. A node without children goes when nobody marked it for a while.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use parking_lot::Mutex;
use slab::Slab;
use smallvec::SmallVec;

/// Most nodes under one first byte: what spoofed addresses may cost.
const MAX_NODES: usize = 1 << 16;

/// Where time stands: the number of the sampling unit and the seconds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Moment {
    /// Sampling units so far.
    pub(super) unit: u64,
    /// Seconds so far.
    pub(super) second: u64,
}

/// Marks in this unit and the one before.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Marks {
    before: u32,
    current: u32,
}

impl Marks {
    fn reach(self, limit: u32) -> bool {
        self.before >= limit || self.current >= limit
    }

    /// As seen some units later.
    fn aged(self, units: u64) -> Self {
        match units {
            0 => self,
            1 => Self {
                before: self.current,
                current: 0,
            },
            _ => Self::default(),
        }
    }
}

struct Node {
    byte: u8,
    parent: Option<usize>,
    children: SmallVec<[usize; 2]>,
    /// The unit that `marks` and `leaf_marks` are of.
    unit: u64,
    marks: Marks,
    leaf_marks: Marks,
    is_leaf: bool,
    is_red: bool,
    /// The second at which it goes, if it has no children then.
    expires: u64,
    /// Where it stands in the queue of its branch; 0: nowhere.
    queued: u64,
}

impl Node {
    fn age(&mut self, unit: u64) {
        let passed = unit.saturating_sub(self.unit);
        self.marks = self.marks.aged(passed);
        self.leaf_marks = self.leaf_marks.aged(passed);
        self.unit = unit;
    }
}

/// All nodes that share their first byte.
#[derive(Default)]
struct Branch {
    nodes: Slab<Node>,
    root: Option<usize>,
    deadlines: BTreeSet<(u64, usize)>,
    red: Vec<usize>,
}

/// What a request led to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Mark {
    /// It may pass.
    Fine,
    /// The address is red from this request on.
    TurnedRed(NodeId),
    /// The address is red.
    Red,
}

/// A number for a node, for logs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct NodeId(u64);

impl std::fmt::Display for NodeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

/// A leaf as listings show it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Leaf {
    /// Its address.
    pub(super) address: IpAddr,
    /// Marks in the unit before.
    pub(super) before: u32,
    /// Marks in this unit.
    pub(super) current: u32,
    /// Seconds until it goes.
    pub(super) expires: u64,
    /// Whether it is over the density.
    pub(super) is_hot: bool,
}

/// The tree.
pub(super) struct Tree {
    density: u32,
    latency: u64,
    branches: Box<[Mutex<Branch>]>,
}

impl Tree {
    /// An empty tree that allows `density` requests in a unit and forgets after `latency` seconds.
    pub(super) fn new(density: u32, latency: u64) -> Self {
        Self {
            density,
            latency,
            branches: (0..256).map(|_| Mutex::default()).collect(),
        }
    }

    /// The density it allows.
    pub(super) fn density(&self) -> u32 {
        self.density
    }

    /// Marks a request from an address.
    pub(super) fn mark(&self, address: IpAddr, now: Moment) -> Mark {
        match address {
            IpAddr::V4(ip) => self.mark_bytes(&ip.octets(), now),
            IpAddr::V6(ip) => self.mark_bytes(&ip.octets(), now),
        }
    }

    fn mark_bytes(&self, address: &[u8], now: Moment) -> Mark {
        let Some((first, rest)) = address.split_first() else {
            return Mark::Fine;
        };
        let mut branch = self.branches[usize::from(*first)].lock();
        let Some(root) = branch.root else {
            let root = branch.add(*first, None, now);
            branch.nodes[root].marks.current = 1;
            branch.root = Some(root);
            branch.touch(root, now.second + self.latency);
            return Mark::Fine;
        };
        let (deepest, left) = branch.walk(root, rest);
        branch.touch(deepest, now.second + self.latency);
        branch.nodes[deepest].age(now.unit);
        match left.split_first() {
            None => self.mark_leaf(&mut branch, *first, deepest),
            Some((next, behind)) => {
                self.mark_inner(&mut branch, deepest, *next, behind.is_empty(), now);
                Mark::Fine
            }
        }
    }

    fn mark_leaf(&self, branch: &mut Branch, first: u8, index: usize) -> Mark {
        let node = &mut branch.nodes[index];
        node.leaf_marks.current = node.leaf_marks.current.saturating_add(1);
        if !node.leaf_marks.reach(self.density) {
            return Mark::Fine;
        }
        if node.is_red {
            return Mark::Red;
        }
        node.is_red = true;
        branch.red.push(index);
        Mark::TurnedRed(node_id(first, index))
    }

    fn mark_inner(&self, branch: &mut Branch, index: usize, next: u8, is_last: bool, now: Moment) {
        let node = &mut branch.nodes[index];
        node.marks.current = node.marks.current.saturating_add(1);
        if !node.marks.reach(self.density / 4) || branch.nodes.len() >= MAX_NODES {
            return;
        }
        let node = &mut branch.nodes[index];
        node.marks.current -= 1;
        let inherited = node.marks.current;
        let child = branch.add(next, Some(index), now);
        branch.nodes[index].children.push(child);
        branch.nodes[child].marks.current = inherited;
        branch.nodes[child].is_leaf = is_last;
        branch.touch(child, now.second + self.latency);
    }

    /// Takes the leaves that are no longer over the density out of the red: called when a unit
    /// has ended. Yields what was released.
    pub(super) fn cool_down(&self, now: Moment) -> Vec<NodeId> {
        let mut released = Vec::new();
        for (first, branch) in (0u8..=255).zip(self.branches.iter()) {
            let mut branch = branch.lock();
            let red = std::mem::take(&mut branch.red);
            for index in red {
                let node = &mut branch.nodes[index];
                node.age(now.unit);
                if node.leaf_marks.reach(self.density) {
                    branch.red.push(index);
                } else {
                    node.is_red = false;
                    released.push(node_id(first, index));
                }
            }
        }
        released
    }

    /// Removes the nodes that nobody marked for a while: called each second. Yields how many red
    /// leaves went with them.
    pub(super) fn forget(&self, now: Moment) -> i64 {
        let mut red = 0;
        for branch in &self.branches {
            let mut branch = branch.lock();
            while let Some(index) = branch.next_due(now.second) {
                let node = &mut branch.nodes[index];
                node.queued = 0;
                let (expires, is_bare) = (node.expires, node.children.is_empty());
                if expires > now.second {
                    branch.touch(index, expires);
                } else if is_bare {
                    red += branch.remove(index, now.second + self.latency);
                }
            }
        }
        red
    }

    /// All leaves, in the order in which Kamailio lists them: last first byte first, below it the
    /// oldest first.
    pub(super) fn leaves(&self, now: Moment) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        for branch in self.branches.iter().rev() {
            let branch = branch.lock();
            let Some(root) = branch.root else { continue };
            let mut way = Vec::with_capacity(16);
            self.collect(&branch, root, &mut way, now, &mut leaves);
        }
        leaves
    }

    fn collect(
        &self,
        branch: &Branch,
        index: usize,
        way: &mut Vec<u8>,
        now: Moment,
        leaves: &mut Vec<Leaf>,
    ) {
        let node = &branch.nodes[index];
        way.push(node.byte);
        if node.is_leaf
            && let Some(address) = address(way)
        {
            let marks = node.leaf_marks.aged(now.unit.saturating_sub(node.unit));
            leaves.push(Leaf {
                address,
                before: marks.before,
                current: marks.current,
                expires: node.expires.saturating_sub(now.second),
                is_hot: marks.reach(self.density),
            });
        }
        // At most 16 levels deep: the bytes of an address.
        for child in &node.children {
            self.collect(branch, *child, way, now, leaves);
        }
        way.pop();
    }
}

impl Branch {
    fn add(&mut self, byte: u8, parent: Option<usize>, now: Moment) -> usize {
        self.nodes.insert(Node {
            byte,
            parent,
            children: SmallVec::new(),
            unit: now.unit,
            marks: Marks::default(),
            leaf_marks: Marks::default(),
            is_leaf: false,
            is_red: false,
            expires: 0,
            queued: 0,
        })
    }

    /// The deepest node on the way, and the bytes that have no node yet.
    fn walk<'b>(&self, root: usize, bytes: &'b [u8]) -> (usize, &'b [u8]) {
        let mut index = root;
        let mut left = bytes;
        while let Some((next, behind)) = left.split_first() {
            let children = &self.nodes[index].children;
            let Some(child) = children.iter().find(|c| self.nodes[**c].byte == *next) else {
                break;
            };
            index = *child;
            left = behind;
        }
        (index, left)
    }

    /// Gives a node until a second to live. A later second than the queue knows costs nothing.
    fn touch(&mut self, index: usize, expires: u64) {
        let node = &mut self.nodes[index];
        node.expires = expires;
        if node.queued == 0 {
            node.queued = expires;
            self.deadlines.insert((expires, index));
        }
    }

    fn next_due(&mut self, second: u64) -> Option<usize> {
        if self.deadlines.first()?.0 > second {
            return None;
        }
        self.deadlines.pop_first().map(|(_, index)| index)
    }

    /// Removes a bare node; its parent, if bare now, has its own time to live from here. Yields
    /// how many red leaves went.
    fn remove(&mut self, index: usize, parent_expires: u64) -> i64 {
        let node = self.nodes.remove(index);
        self.red.retain(|r| *r != index);
        match node.parent {
            Some(parent) => {
                let children = &mut self.nodes[parent].children;
                children.retain(|c| *c != index);
                if children.is_empty() {
                    self.touch(parent, parent_expires);
                }
            }
            None => self.root = None,
        }
        i64::from(node.is_red)
    }
}

fn node_id(first: u8, index: usize) -> NodeId {
    NodeId(u64::from(first) << 32 | index as u64)
}

fn address(way: &[u8]) -> Option<IpAddr> {
    if let Ok(v4) = <[u8; 4]>::try_from(way) {
        return Some(IpAddr::V4(Ipv4Addr::from(v4)));
    }
    let v6 = <[u8; 16]>::try_from(way).ok()?;
    Some(IpAddr::V6(Ipv6Addr::from(v6)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// The number of the first of `count` requests that does not pass.
    fn first_blocked(tree: &Tree, address: &str, count: usize, now: Moment) -> Option<usize> {
        (1..=count).find(|_| tree.mark(ip(address), now) != Mark::Fine)
    }

    /// Counted at the installed Kamailio: density, first blocked request of a single address.
    #[test]
    fn single_addresses() {
        for (density, first) in [
            (1, 5),
            (2, 6),
            (3, 7),
            (4, 8),
            (5, 9),
            (8, 12),
            (10, 14),
            (12, 17),
            (16, 22),
            (20, 27),
            (30, 39),
            (40, 52),
            (64, 82),
            (100, 127),
        ] {
            let tree = Tree::new(density, 400);
            let now = Moment::default();
            assert_eq!(
                first_blocked(&tree, "10.1.2.3", 300, now),
                Some(first),
                "density {density}"
            );
        }
        let tree = Tree::new(16, 400);
        assert_eq!(first_blocked(&tree, "::1", 80, Moment::default()), Some(34));
    }

    /// Counted at the installed Kamailio: who shares bytes with a busy address is blocked sooner.
    #[test]
    fn neighbours() {
        let tree = Tree::new(16, 400);
        let now = Moment::default();
        for (address, first) in [
            ("10.1.2.3", 22),
            ("10.1.2.4", 17),
            ("10.1.3.3", 18),
            ("10.9.3.3", 19),
        ] {
            assert_eq!(
                first_blocked(&tree, address, 60, now),
                Some(first),
                "{address}"
            );
        }
        let tree = Tree::new(64, 400);
        assert_eq!(first_blocked(&tree, "10.1.2.3", 15, now), None);
        assert_eq!(first_blocked(&tree, "10.9.9.9", 200, now), Some(67));
        assert_eq!(first_blocked(&tree, "10.1.2.3", 200, now), Some(67));
    }

    #[test]
    fn marks_do_not_outlive_two_units() {
        let tree = Tree::new(40, 400);
        let unit = |unit| Moment { unit, second: 0 };
        assert_eq!(first_blocked(&tree, "10.1.2.3", 10, unit(0)), None);
        assert_eq!(first_blocked(&tree, "10.1.2.3", 60, unit(1)), Some(51));
        let tree = Tree::new(40, 400);
        assert_eq!(first_blocked(&tree, "10.1.2.3", 8, unit(0)), None);
        assert_eq!(first_blocked(&tree, "10.1.2.3", 8, unit(1)), None);
        assert_eq!(first_blocked(&tree, "10.1.2.3", 80, unit(2)), Some(52));
        let tree = Tree::new(16, 400);
        assert_eq!(first_blocked(&tree, "10.1.2.3", 4, unit(0)), None);
        assert_eq!(first_blocked(&tree, "10.1.9.3", 31, unit(3)), Some(21));
    }

    #[test]
    fn red_until_a_unit_below_the_density() {
        let tree = Tree::new(8, 100);
        let unit = |unit| Moment { unit, second: 0 };
        let address = ip("10.1.2.3");
        assert_eq!(first_blocked(&tree, "10.1.2.3", 11, unit(0)), None);
        assert_eq!(first_blocked(&tree, "10.1.2.3", 7, unit(1)), None);
        assert_eq!(first_blocked(&tree, "10.1.2.3", 10, unit(2)), Some(8));
        tree.mark(address, unit(2));
        assert!(tree.cool_down(unit(3)).is_empty());
        assert_eq!(tree.mark(address, unit(3)), Mark::Red);
        assert_eq!(tree.cool_down(unit(4)).len(), 1);
        assert_eq!(tree.mark(address, unit(4)), Mark::Fine);
        assert_eq!(first_blocked(&tree, "10.1.2.3", 9, unit(5)), Some(8));
    }

    /// Timed at the installed Kamailio with `remove_latency` 4: a level goes every 4 seconds.
    #[test]
    fn forgotten_from_the_leaf_up() {
        for (second, first) in [(3, 8), (5, 10), (9, 11), (13, 12), (17, 12)] {
            let tree = Tree::new(8, 4);
            assert_eq!(first_blocked(&tree, "20.1.2.3", 4, Moment::default()), None);
            for second in 1..=second {
                tree.forget(Moment { unit: 0, second });
            }
            let later = Moment { unit: 9, second };
            assert_eq!(
                first_blocked(&tree, "20.1.2.3", 16, later),
                Some(first),
                "after {second} seconds"
            );
        }
        let tree = Tree::new(8, 4);
        first_blocked(&tree, "20.1.2.3", 4, Moment::default());
        for second in 1..=16 {
            tree.forget(Moment { unit: 0, second });
        }
        let branch = tree.branches[20].lock();
        assert!(branch.nodes.is_empty() && branch.deadlines.is_empty() && branch.root.is_none());
    }

    #[test]
    fn listing() {
        let tree = Tree::new(16, 100);
        let now = Moment::default();
        first_blocked(&tree, "10.1.2.3", 15, now);
        (0..40).for_each(|_| {
            tree.mark(ip("12.1.2.3"), now);
        });
        (0..30).for_each(|_| {
            tree.mark(ip("12.1.2.4"), now);
        });
        let shown: Vec<(String, u32, bool)> = tree
            .leaves(now)
            .into_iter()
            .map(|l| (l.address.to_string(), l.current, l.is_hot))
            .collect();
        assert_eq!(
            shown,
            [
                ("12.1.2.3".to_owned(), 34, true),
                ("12.1.2.4".to_owned(), 29, true),
                ("10.1.2.3".to_owned(), 9, false)
            ]
        );
    }

    proptest::proptest! {
        /// Whatever comes, every node is reachable, queued when bare, and red leaves are noted.
        #[test]
        fn stays_consistent(steps in proptest::collection::vec((0u8..4, 0u8..3, 0u8..3), 0..300)) {
            let tree = Tree::new(4, 3);
            let mut now = Moment::default();
            for (what, a, b) in steps {
                match what {
                    0 | 1 => { tree.mark(IpAddr::from([10, a, 0, b]), now); }
                    2 => { now.second += 1; tree.forget(now); }
                    _ => { now.unit += 1; tree.cool_down(now); }
                }
                let branch = tree.branches[10].lock();
                let red = branch.nodes.iter().filter(|(_, n)| n.is_red).count();
                proptest::prop_assert_eq!(red, branch.red.len());
                for (index, node) in &branch.nodes {
                    if node.children.is_empty() {
                        proptest::prop_assert!(branch.deadlines.contains(&(node.queued, index)));
                    }
                    match node.parent {
                        Some(parent) => proptest::prop_assert!(branch.nodes[parent].children.contains(&index)),
                        None => proptest::prop_assert_eq!(branch.root, Some(index)),
                    }
                }
            }
        }
    }
}
