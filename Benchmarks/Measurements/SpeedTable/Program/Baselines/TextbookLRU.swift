import Foundation

/// The least recently used cache of textbooks: a dictionary of class nodes in a doubly
/// linked list, behind an `NSLock`.
///
/// The forward references are strong and the backward ones `unowned(unsafe)`, the cheapest there
/// are: this is the fastest textbook.
final class TextbookLRU<Key: Hashable, Value> {
  private final class Node {
    let key: Key
    var value: Value
    var next: Node?
    unowned(unsafe) var previous: Node?

    init(key: Key, value: Value) {
      self.key = key
      self.value = value
    }
  }

  private let capacity: Int
  private var nodes: [Key: Node] = [:]
  private var head: Node?
  private unowned(unsafe) var tail: Node?
  private let lock = NSLock()

  init(capacity: Int) {
    self.capacity = capacity
  }

  deinit {
    // One at a time: released from the head, the chain would recurse once for every node.
    while let node = head {
      head = node.next
      node.next = nil
    }
  }

  func value(forKey key: Key) -> Value? {
    lock.lock()
    defer { lock.unlock() }
    guard let node = nodes[key] else { return nil }
    moveToHead(node)
    return node.value
  }

  func setValue(_ value: Value, forKey key: Key) {
    lock.lock()
    defer { lock.unlock() }
    if let node = nodes[key] {
      node.value = value
      moveToHead(node)
      return
    }
    if nodes.count >= capacity, let coldest = tail {
      unlink(coldest)
      nodes[coldest.key] = nil
    }
    let node = Node(key: key, value: value)
    nodes[key] = node
    linkFirst(node)
  }

  private func moveToHead(_ node: Node) {
    guard node !== head else { return }
    unlink(node)
    linkFirst(node)
  }

  private func linkFirst(_ node: Node) {
    node.next = head
    node.previous = nil
    head?.previous = node
    head = node
    if tail == nil { tail = node }
  }

  private func unlink(_ node: Node) {
    let next = node.next
    let previous = node.previous
    if let next { next.previous = previous } else { tail = previous }
    if let previous { previous.next = next } else { head = next }
    node.next = nil
    node.previous = nil
  }
}
