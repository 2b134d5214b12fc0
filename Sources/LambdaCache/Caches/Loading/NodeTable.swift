/// Something that a cache has under way for a key.
///
/// The state machine knows a key by its hash and its address alone; the subclass that keeps the key
/// compares it. As long as a node is held, its key is not destroyed under the cache's lock.
@usableFromInline
package protocol KeyedNode: AnyObject {
  /// The key's hash, computed before the lock was taken.
  var hash: UInt32 { get }
  /// The node's place in its table; guarded by the cache's lock.
  var links: NodeLinks { get set }
  /// Returns whether the node's key equals the one at an address.
  func hasKey(at address: UnsafeRawPointer) -> Bool
}

extension KeyedNode {
  /// Whether a table has the node.
  package var isInTable: Bool { links.isLinked }
}

/// The links of a node in a ``NodeTable``.
@usableFromInline
package struct NodeLinks {
  fileprivate var next: AnyObject?
  /// The node before it holds this one, so that it need not be held by it.
  fileprivate unowned(unsafe) var previous: AnyObject?
  fileprivate var isLinked = false

  package init() {}
}

/// Nodes that are found by their key and removed by their identity.
///
/// A key may not equal itself, as a NaN, or be changed while something is under way for it: an
/// entry of a `Dictionary` would then never be found again to be removed. The nodes of a bucket are
/// linked in both directions, so that one leaves in constant time whatever the others' hashes are.
@usableFromInline
package struct NodeTable<Node: KeyedNode> {
  /// The first node of each bucket, a power of two of them; empty before the first insertion.
  private var buckets: [Node?] = []
  @usableFromInline package private(set) var count = 0

  /// The buckets of a table that has nodes, at the least.
  private static var leastBucketCount: Int { 16 }

  @inlinable @inline(__always)
  var isEmpty: Bool { count == 0 }

  package init() {}

  /// The node of a key.
  ///
  /// - Parameters:
  ///   - address: The key, which is compared with those of nodes of the same hash.
  ///   - hash: Its hash.
  /// - Returns: The node; `nil` if there is none.
  package func find(_ address: UnsafeRawPointer, hash: UInt32) -> Node? {
    if isEmpty { return nil }
    var place = buckets[bucket(of: hash)]
    while let node = place {
      if node.hash == hash, node.hasKey(at: address) { return node }
      place = Self.next(of: node)
    }
    return nil
  }

  /// Adds a node whose key has none.
  ///
  /// - Complexity: O(1) amortized.
  package mutating func insert(_ node: Node) {
    if count >= 2 * buckets.count { grow() }
    link(node)
    count += 1
  }

  /// Removes a node, if it is in the table.
  ///
  /// - Complexity: O(1), whatever other nodes have its hash.
  package mutating func remove(_ node: Node) {
    guard node.isInTable else { return }
    let (following, preceding) = (Self.next(of: node), node.links.previous)
    following?.links.previous = preceding
    if let preceding {
      unsafeDowncast(preceding, to: Node.self).links.next = following
    } else {
      buckets[bucket(of: node.hash)] = following
    }
    node.links = NodeLinks()
    count -= 1
    // A burst of loads must not leave its memory behind.
    if isEmpty, buckets.count > 4 * Self.leastBucketCount { buckets = [] }
  }

  /// All nodes, in no particular order.
  package var nodes: [Node] {
    var nodes: [Node] = []
    nodes.reserveCapacity(count)
    for first in buckets {
      var place = first
      while let node = place {
        nodes.append(node)
        place = Self.next(of: node)
      }
    }
    return nodes
  }

  /// Removes all nodes.
  ///
  /// - Returns: The nodes, to be destroyed outside of the lock.
  package mutating func removeAll() -> [Node] {
    let all = nodes
    for node in all { node.links = NodeLinks() }
    buckets = []
    count = 0
    return all
  }

  private func bucket(of hash: UInt32) -> Int { Int(hash) & (buckets.count - 1) }

  private static func next(of node: Node) -> Node? {
    node.links.next.map { unsafeDowncast($0, to: Node.self) }
  }

  private mutating func link(_ node: Node) {
    let bucket = bucket(of: node.hash)
    let first = buckets[bucket]
    first?.links.previous = node
    node.links.next = first
    node.links.previous = nil
    node.links.isLinked = true
    buckets[bucket] = node
  }

  private mutating func grow() {
    let all = nodes
    buckets = Array(repeating: nil, count: max(Self.leastBucketCount, 2 * buckets.count))
    for node in all { link(node) }
  }
}
