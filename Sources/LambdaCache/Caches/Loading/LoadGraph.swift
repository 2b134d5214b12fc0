import Synchronization

/// Which loads wait for which, across all caches of the process.
///
/// A load that asks a cache for a key that is loading waits for that load. If that one waits for
/// the first, directly or through others, neither would ever end; so before a load waits, the graph
/// says whether that would close a circle. An ordinary miss, outside of any load, does not use it.
@usableFromInline
enum LoadGraph {
  /// The load that each task is inside of.
  @usableFromInline static let currentLoads = TaskLocal<LoadID?>(wrappedValue: nil)

  /// The load that the present task is inside of.
  static var current: LoadID? { currentLoads.get() }

  /// The loads that each load waits for; one more than once if several of its tasks wait for it.
  private static let waits = Locked<[LoadID: [LoadID]]>([:])

  /// Notes that a load waits for another.
  ///
  /// - Returns: `false`, and nothing is noted, if the other waits for it already, or is the same.
  static func beginWait(of waiter: LoadID, for other: LoadID) -> Bool {
    waits.withLock { waits in
      var reached: Set<LoadID> = [other]
      var open = [other]
      while let load = open.popLast() {
        if load == waiter { return false }
        for next in waits[load, default: []] where reached.insert(next).inserted {
          open.append(next)
        }
      }
      waits[waiter, default: []].append(other)
      return true
    }
  }

  /// Notes that a wait is over.
  static func endWait(of waiter: LoadID, for other: LoadID) {
    waits.withLock { waits in
      guard var others = waits[waiter], let place = others.firstIndex(of: other) else {
        preconditionFailure("a load ended a wait that it had not begun")
      }
      others.remove(at: place)
      waits[waiter] = others.isEmpty ? nil : others
    }
  }
}

/// The identity of a load, whatever cache it belongs to; a number, so that a task that outlives its
/// load keeps nothing of it.
@usableFromInline
struct LoadID: Sendable, Hashable {
  private static let last = Atomic<Int>(0)

  private let number: Int

  /// Makes an identity that no other load has.
  init() {
    number = LoadID.last.wrappingAdd(1, ordering: .relaxed).newValue
  }
}
