import Synchronization

/// The scopes of a cache's lock: what it guards is reached through them alone.
///
/// `Cache+FastPaths.swift` and `Cache+SharedReads.swift` have the exceptions.
extension Cache {
  /// Takes the lock, and waits for those that read without it.
  @inlinable @inline(__always)
  func enter() {
    enterAlone()
    if readSharing.load(ordering: .relaxed) == .shared { takeInSharedReads() }
  }

  /// Takes the lock of a cache in which nothing is read without it.
  @inlinable @inline(__always)
  func enterAlone() {
    lock.lock()
    noteEntered()
  }

  /// Notes that the lock was taken.
  @inlinable @inline(__always)
  func noteEntered() {
    #if DEBUG
      state.pointee.scopeCount &+= 1
    #endif
    if KeyEquality.callsOut(Key.self) { lock.noteOwner() }
  }

  /// Releases the lock.
  @inlinable @inline(__always)
  func leave() {
    if KeyEquality.callsOut(Key.self) { lock.forgetOwner() }
    lock.unlock()
  }

  /// Runs an operation under the lock that may remove entries; these are destroyed, and the removal
  /// listener is called, after the lock is released.
  ///
  /// The time of an injected clock is read before the lock is taken, and noted.
  @inlinable @inline(__always)
  func withState<Result: ~Copyable>(
    _ body: (inout CacheState<Key, Value>, inout RemovedEntries<Key, Value>) -> Result
  ) -> Result {
    let reading = injectedReading
    var removedEntries = RemovedEntries<Key, Value>()
    enter()
    if let reading { state.pointee.core.time.note(reading) }
    let result = body(&state.pointee, &removedEntries)
    if state.pointee.core.auxiliaryHasShrunk {
      state.pointee.chargeShrunkenAuxiliary(&removedEntries)
    }
    leave()
    if let listener { removedEntries.report(to: listener) }
    return result
  }

  /// Runs an operation under the lock that removes no entry, without asking a clock.
  func withStateKeepingEntries<Result>(
    _ body: (inout CacheState<Key, Value>) -> Result
  ) -> Result {
    enter()
    defer { leave() }
    return body(&state.pointee)
  }

  /// Reads under the lock.
  @inlinable @inline(__always)
  func readState<Result>(_ body: (borrowing CacheState<Key, Value>) -> Result) -> Result {
    enter()
    defer { leave() }
    return body(state.pointee)
  }

  #if DEBUG
    /// How often the lock was taken, for tests of what an operation costs.
    package var scopeCount: Int { readState { $0.scopeCount } }
  #endif
}
