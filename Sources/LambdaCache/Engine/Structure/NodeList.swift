/// An object that can be in a ``NodeList``, in one at a time; guarded by the lock that guards the
/// list.
@usableFromInline
package class ListedNode {
  fileprivate final var next: ListedNode?
  /// The one before holds this one, so that it need not be held by it.
  fileprivate final unowned(unsafe) var previous: ListedNode?
  /// Whether it is in a list.
  package fileprivate(set) final var isListed: Bool

  init(isListed: Bool) { self.isListed = isListed }
}

/// Nodes in an order, each of which can leave at once: the list has no memory of its own.
package struct NodeList<Node: ListedNode> {
  private var head: ListedNode?
  private unowned(unsafe) var tail: ListedNode?
  package private(set) var count = 0

  package init() {}

  /// The first node; `nil` if there is none.
  package var first: Node? { head.map { unsafeDowncast($0, to: Node.self) } }

  /// The last node; `nil` if there is none.
  package var last: Node? { tail.map { unsafeDowncast($0, to: Node.self) } }

  /// The node behind one of the list.
  package func next(of node: Node) -> Node? {
    node.next.map { unsafeDowncast($0, to: Node.self) }
  }

  /// The node before one of the list.
  package func previous(of node: Node) -> Node? {
    node.previous.map { unsafeDowncast($0, to: Node.self) }
  }

  /// Adds a node behind all others.
  package mutating func append(_ node: Node) { insert(node, behind: last) }

  /// Adds a node behind another one; before all others if that is `nil`.
  ///
  /// - Complexity: O(1).
  package mutating func insert(_ node: Node, behind other: Node?) {
    precondition(!node.isListed, "a node was to stand in a list twice")
    let following: ListedNode?
    if let other { following = other.next } else { following = head }
    node.next = following
    node.previous = other
    node.isListed = true
    if let following { following.previous = node } else { tail = node }
    if let other { other.next = node } else { head = node }
    count += 1
  }

  /// Takes a node of the list out.
  ///
  /// - Complexity: O(1).
  package mutating func remove(_ node: Node) {
    precondition(node.isListed, "a node was to leave a list that it is not in")
    let (following, preceding) = (node.next, node.previous)
    if let following { following.previous = preceding } else { tail = preceding }
    // From here on nothing but the caller may hold the node.
    if let preceding { preceding.next = following } else { head = following }
    node.next = nil
    node.previous = nil
    node.isListed = false
    count -= 1
  }

  /// Takes the first node out.
  package mutating func removeFirst() -> Node? {
    guard let first else { return nil }
    remove(first)
    return first
  }
}
