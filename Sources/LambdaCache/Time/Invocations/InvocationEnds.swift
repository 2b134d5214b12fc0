import Synchronization

/// Something that has to be done when an invocation has ended, before the environment may be
/// frozen.
package protocol InvocationEndObserver: AnyObject, Sendable {
  /// - Parameter isAnyOpen: Whether other invocations go on in this process.
  func invocationDidEnd(isAnyOpen: Bool)
}

/// The observers of the ends of invocations.
package enum InvocationEnds {
  private struct Observer {
    weak var object: (any InvocationEndObserver)?
  }

  private static let observers = Locked<[ObjectIdentifier: Observer]>([:])
  /// Read first, so that an invocation without observers takes no lock.
  private static let count = Atomic<Int>(0)

  /// Adds an observer, which is not retained.
  package static func add(_ observer: any InvocationEndObserver) {
    observers.withLock { $0[ObjectIdentifier(observer)] = Observer(object: observer) }
    count.add(1, ordering: .relaxed)
  }

  /// Removes an observer, which may be in the course of being destroyed.
  package static func remove(_ observer: any InvocationEndObserver) {
    let removed = observers.withLock { $0.removeValue(forKey: ObjectIdentifier(observer)) }
    if removed != nil { count.subtract(1, ordering: .relaxed) }
  }

  /// Calls every observer.
  static func announce(isAnyOpen: Bool) {
    guard count.load(ordering: .relaxed) > 0 else { return }
    // Called, and if need be destroyed, outside of the lock.
    let present = observers.withLock { $0.values.compactMap(\.object) }
    for observer in present { observer.invocationDidEnd(isAnyOpen: isAnyOpen) }
  }
}
