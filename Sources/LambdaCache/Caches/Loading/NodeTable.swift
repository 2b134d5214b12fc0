/// Something that a cache has under way for a key.
///
/// It holds the key, so that no key is destroyed under the cache's lock as long as somebody holds
/// it.
@usableFromInline
package class KeyedNode<Key: Hashable & Sendable>: @unchecked Sendable {
  package let key: Key
  package let hash: UInt32
  /// Where it stands among the nodes of its hash, -1 in no table; guarded by the cache's lock.
  fileprivate var place = -1

  package init(key: Key, hash: UInt32) {
    self.key = key
    self.hash = hash
  }

  /// Whether the table still has it.
  var isInTable: Bool { place >= 0 }
}

/// Nodes that are found by their key and taken out by their identity.
///
/// A key may not be equal to itself, as a NaN, or be changed while something is under way for it:
/// an entry of a `Dictionary` would then never be found again to be removed. Hashes are those that
/// were computed before the lock was taken, so that no hashing of the user's runs under it.
@usableFromInline
package struct NodeTable<Key: Hashable & Sendable, Node: KeyedNode<Key>> {
  private enum Bucket {
    case one(Node)
    case several([Node])
  }

  private var buckets: [UInt32: Bucket] = [:]
  @usableFromInline package private(set) var count = 0

  @inlinable @inline(__always)
  var isEmpty: Bool { count == 0 }

  package init() {}

  /// The node of a key.
  package func find(_ key: Key, hash: UInt32) -> Node? {
    if isEmpty { return nil }
    switch buckets[hash] {
    case nil: return nil
    case .one(let node): return node.key == key ? node : nil
    case .several(let nodes): return nodes.first { $0.key == key }
    }
  }

  /// Adds a node whose key has none.
  ///
  /// - Returns: `false` if the key is not equal to itself: nobody could find the node.
  @discardableResult
  package mutating func insert(_ node: Node) -> Bool {
    guard node.key == node.key else { return false }
    count += 1
    switch buckets.removeValue(forKey: node.hash) {
    case nil:
      node.place = 0
      buckets[node.hash] = .one(node)
    case .one(let other):
      node.place = 1
      buckets[node.hash] = .several([other, node])
    case .several(var nodes):
      node.place = nodes.count
      nodes.append(node)
      buckets[node.hash] = .several(nodes)
    }
    return true
  }

  /// Takes a node out, if it is in.
  ///
  /// - Complexity: O(1) expected, whatever other nodes have its hash.
  package mutating func remove(_ node: Node) {
    guard node.isInTable else { return }
    count -= 1
    if case .several(var nodes) = buckets.removeValue(forKey: node.hash) {
      let last = nodes.removeLast()
      if last !== node {
        last.place = node.place
        nodes[node.place] = last
      }
      buckets[node.hash] = nodes.count == 1 ? .one(nodes[0]) : .several(nodes)
    }
    node.place = -1
    // A burst of loads must not leave its memory behind.
    if isEmpty, buckets.capacity > 64 { buckets = [:] }
  }

  /// All nodes, in no particular order.
  package var nodes: [Node] {
    buckets.values.flatMap { bucket in
      switch bucket {
      case .one(let node): [node]
      case .several(let nodes): nodes
      }
    }
  }

  /// Takes all nodes out.
  ///
  /// - Returns: The nodes, to be destroyed outside of the lock.
  package mutating func removeAll() -> [Node] {
    let all = nodes
    for node in all { node.place = -1 }
    buckets = [:]
    count = 0
    return all
  }
}
