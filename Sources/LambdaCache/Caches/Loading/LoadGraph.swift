/// Which loads wait for which, across all caches of the process.
///
/// A load that asks a cache for a key that is loading waits for that load. If that one waits for
/// the first, directly or through others, neither would ever end; so before a load waits, it is
/// asked whether that would close a circle. Only loads that ask a cache come here: an ordinary miss
/// does not.
enum LoadGraph {
  /// The load that the present task is inside of.
  @TaskLocal static var current: LoadID?

  /// Those whom each load waits for; more than once if several of its tasks do.
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

/// The identity of a load, whatever cache it belongs to.
final class LoadID: Sendable, Hashable {
  static func == (first: LoadID, second: LoadID) -> Bool { first === second }

  func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
