import LambdaCache

/// Counts the instances it has made that are still alive, and those that were destroyed twice.
package final class LifetimeTracker: Sendable {
  private struct Instances {
    var live: Set<Int> = []
    var made = 0
    var destroyedTwice = 0
  }

  private let instances = Locked(Instances())

  package init() {}

  /// A value whose life is tracked.
  package final class Instance: Sendable {
    package let payload: Int
    private let serial: Int
    private let tracker: LifetimeTracker

    fileprivate init(payload: Int, serial: Int, tracker: LifetimeTracker) {
      self.payload = payload
      self.serial = serial
      self.tracker = tracker
    }

    deinit {
      tracker.note(destroyed: serial)
    }
  }

  package func instance(_ payload: Int) -> Instance {
    let serial = instances.withLock { instances in
      instances.made += 1
      instances.live.insert(instances.made)
      return instances.made
    }
    return Instance(payload: payload, serial: serial, tracker: self)
  }

  /// Instances made and not yet destroyed.
  package var liveCount: Int { instances.withLock { $0.live.count } }

  /// Instances destroyed after they had been destroyed.
  package var doublyDestroyedCount: Int { instances.withLock { $0.destroyedTwice } }

  private func note(destroyed serial: Int) {
    instances.withLock { instances in
      if instances.live.remove(serial) == nil { instances.destroyedTwice += 1 }
    }
  }
}
