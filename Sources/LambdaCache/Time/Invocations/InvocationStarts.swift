import Synchronization

/// Work that has to be done when an invocation has begun, before its handler runs.
@usableFromInline
package enum InvocationStarts {
  private static let tasks = Locked<[ObjectIdentifier: @Sendable () async -> Void]>([:])
  /// Read first, so that an invocation without such work takes no lock.
  private static let count = Atomic<Int>(0)

  /// Adds work, in the place of what its owner has added before.
  ///
  /// - Parameters:
  ///   - owner: Names the work, and is not retained.
  ///   - task: The work, which bounds its time itself; within it the invocation is
  ///     `InvocationScope.current`.
  package static func add(_ owner: AnyObject, _ task: @escaping @Sendable () async -> Void) {
    let replaced = tasks.withLock { $0.updateValue(task, forKey: ObjectIdentifier(owner)) }
    if replaced == nil { count.add(1, ordering: .relaxed) }
  }

  /// Removes the work of an owner, which may be in the course of being destroyed.
  package static func remove(_ owner: AnyObject) {
    let removed = tasks.withLock { $0.removeValue(forKey: ObjectIdentifier(owner)) }
    if removed != nil { count.subtract(1, ordering: .relaxed) }
  }

  /// Does the work, called by whatever runs handlers, each time before it does.
  @inlinable
  package nonisolated(nonsending) static func prepare() async {
    if isAny { await runAll() }
  }

  @usableFromInline static var isAny: Bool { count.load(ordering: .relaxed) > 0 }

  @usableFromInline
  nonisolated(nonsending) static func runAll() async {
    let present = tasks.withLock { Array($0.values) }
    for task in present { await task() }
  }
}
