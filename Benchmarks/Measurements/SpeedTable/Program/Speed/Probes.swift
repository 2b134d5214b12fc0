import LambdaCache

/// A key that is looked up.
///
/// It is borrowed for that, as a function borrows a key that it was given: to retain and release a
/// string are two atomic operations and fifty instructions, which no entrant causes, and which keep
/// the processor from the next look-up.
struct Probe<Key>: ~Copyable {
  let key: Key
}

/// The keys of a loop of look-ups.
final class Probes<Key>: @unchecked Sendable {
  let count: Int
  // Not written after `init`.
  let elements: UnsafeMutablePointer<Probe<Key>>

  init(_ keys: [Key]) {
    count = keys.count
    elements = .allocate(capacity: keys.count)
    for (index, key) in keys.enumerated() {
      (elements + index).initialize(to: Probe(key: key))
    }
  }

  deinit {
    elements.deinitialize(count: count)
    elements.deallocate()
  }
}

extension Dictionary {
  @inline(__always)
  func value(of probe: borrowing Probe<Key>) -> Value? { self[probe.key] }
}

extension UniqueCache {
  @inline(__always)
  mutating func value(of probe: borrowing Probe<Key>) -> Value? { value(forKey: probe.key) }
}

extension Cache {
  @inline(__always)
  func value(of probe: borrowing Probe<Key>) -> Value? { value(forKey: probe.key) }

  @inline(__always)
  func quietValue(of probe: borrowing Probe<Key>) -> Value? { peekValue(forKey: probe.key) }
}

extension TextbookLRU {
  @inline(__always)
  func value(of probe: borrowing Probe<Key>) -> Value? { value(forKey: probe.key) }
}
