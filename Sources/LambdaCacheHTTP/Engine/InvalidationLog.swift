internal import LambdaCache

/// The targets that were invalidated while the handler was making responses for them.
///
/// Such a response may be from before the change. So a response is stored only if its target's
/// epoch is still the one in which the handler was called, and requests of a new epoch do not join
/// calls of an old one. Targets without calls are not remembered.
final class InvalidationLog: Sendable {
  private struct Entry {
    var calls: Int
    var epoch: UInt64
  }

  private let entries = Locked<[String: Entry]>([:])

  /// The epoch of a target.
  func epoch(of target: String) -> UInt64 { entries.withLock { $0[target]?.epoch ?? 0 } }

  /// Notes the beginning of a wait for a response, or of a call of the handler.
  ///
  /// - Returns: The target's epoch.
  func begin(_ target: String) -> UInt64 {
    entries.withLock { entries in
      var entry = entries[target] ?? Entry(calls: 0, epoch: 0)
      entry.calls += 1
      entries[target] = entry
      return entry.epoch
    }
  }

  /// Notes the end of a wait, or of a call and the storage of its response.
  func end(_ target: String) {
    entries.withLock { entries in
      guard var entry = entries[target] else {
        preconditionFailure("a call for \(target) ended that had not begun")
      }
      entry.calls -= 1
      entries[target] = entry.calls == 0 ? nil : entry
    }
  }

  /// Begins a new epoch of a target.
  func invalidate(_ target: String) {
    entries.withLock { entries in
      entries[target]?.epoch += 1
    }
  }
}
