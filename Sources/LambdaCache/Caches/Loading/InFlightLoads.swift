/// What a cache has under way, by key: loads that have not ended and that nothing has superseded,
/// refreshes that are wanted, and values that are in use and may turn out to be invalid.
///
/// It is changed under the cache's lock, so no key of it is destroyed here: that of a load is held
/// by the load as well, and promises are kept for the next look-up that has to do with loads.
@usableFromInline
package struct InFlightLoads<Key: Hashable & Sendable, Value: Sendable> {
  /// What a look-up does that found a stale value.
  enum Refreshing {
    /// It serves the value: somebody is going to load it anew.
    case promised
    /// It serves the value, and its invocation has to load it anew later.
    case promisedByCaller(RefreshPromise<Key>)
    /// It loads the value: nobody else is going to.
    case due
  }

  @usableFromInline var flights = NodeTable<Key, InFlightLoad<Key, Value>>()
  @usableFromInline var promises = NodeTable<Key, RefreshPromise<Key>>()
  var uses = NodeTable<Key, ValueUse<Key>>()
  /// Promises that are no more: no more than there may be promises, for whoever makes one takes
  /// them.
  private var droppedPromises: [RefreshPromise<Key>] = []
  /// Tags whose entries were removed while something was loading, and when, in loads begun.
  private var removedTags: [TagName: Int] = [:]
  /// When the tags were so many that each counts as removed, in loads begun.
  private var allTagsRemoved = 0
  /// The loads that had begun when entries were last removed by a condition.
  private var outdatedCount = 0
  private(set) var beginCount = 0

  /// How many removed tags are remembered: a load that never ends must not make them ever more.
  private static var removedTagLimit: Int { 1024 }

  /// How many refreshes may be promised; a program that does not keep them must not pay with its
  /// memory.
  static var promiseLimit: Int { 1024 }

  package init() {}

  subscript(key: Key, hash: UInt32) -> InFlightLoad<Key, Value>? { flights.find(key, hash: hash) }

  /// Whether a write or a removal has nothing to supersede.
  @inlinable @inline(__always)
  var isIdle: Bool { flights.isEmpty && promises.isEmpty }

  /// Notes a load that is about to be started; whoever was going to refresh the key need not.
  ///
  /// The load of a key that is not equal to itself is not noted: nobody can join it, and its value
  /// could not be found.
  mutating func begin(_ flight: InFlightLoad<Key, Value>) {
    beginCount += 1
    flight.number = beginCount
    flights.insert(flight)
    dropPromise(flight.key, hash: flight.hash)
  }

  /// Sees to the refresh of a key whose stale value is about to be served.
  mutating func promise(_ key: Key, hash: UInt32, scope: InvocationScope?) -> Refreshing {
    if let promise = promises.find(key, hash: hash) {
      return promise.keeper?.isOpen == true ? .promised : .due
    }
    if promises.count >= Self.promiseLimit {
      // Those that nobody will keep are as good as none.
      for promise in promises.nodes where promise.keeper?.isOpen != true { drop(promise) }
      guard promises.count < Self.promiseLimit else { return .due }
    }
    let keeper = scope?.takesRefreshes == true ? scope?.liveness : nil
    let promise = RefreshPromise(key: key, hash: hash, keeper: keeper)
    guard promises.insert(promise) else { return .due }
    return keeper == nil ? .promised : .promisedByCaller(promise)
  }

  /// Forgets the load of a key: a write or a removal has overtaken it, so its result must not be
  /// stored, and whoever asks from now on must not be given it.
  @usableFromInline
  mutating func supersede(_ key: Key, hash: UInt32) {
    if let flight = flights.find(key, hash: hash) {
      flights.remove(flight)
      flight.isSuperseded = true
    }
    dropPromise(key, hash: hash)
  }

  /// Forgets every load and every promise; who uses a value still does.
  ///
  /// - Returns: What was there, to be destroyed outside of the lock.
  mutating func supersedeAll() -> [KeyedNode<Key>] {
    let flights = self.flights.removeAll()
    for flight in flights { flight.isSuperseded = true }
    removedTags = [:]
    return flights + promises.removeAll() + takeDroppedPromises()
  }

  private mutating func dropPromise(_ key: Key, hash: UInt32) {
    if let promise = promises.find(key, hash: hash) { drop(promise) }
  }

  /// Takes a promise back: its refresh is done, or not wanted any more.
  mutating func drop(_ promise: RefreshPromise<Key>) {
    guard promise.isInTable else { return }
    promises.remove(promise)
    if !_isPOD(Key.self) { droppedPromises.append(promise) }
  }

  /// Takes the promises that are not needed any more, to be destroyed outside of the lock.
  mutating func takeDroppedPromises() -> [RefreshPromise<Key>] {
    defer { droppedPromises = [] }
    return droppedPromises
  }

  /// Notes that the entries with a tag are removed: loads that have begun must not bring any back.
  mutating func supersedeAll(tagged tag: TagName) {
    guard !flights.isEmpty else { return }
    if removedTags.count >= Self.removedTagLimit {
      removedTags = [:]
      allTagsRemoved = beginCount
    }
    removedTags[tag] = beginCount
  }

  /// Notes that entries were removed by a condition: what loads that have begun bring may fulfil
  /// it.
  mutating func supersedeResults() { outdatedCount = beginCount }

  /// Forgets a load that has ended.
  ///
  /// - Parameter tags: The tags of what it brings.
  /// - Returns: Whether it was still the load of its key, and nothing that it may bring was removed
  ///   since it began.
  mutating func end(_ flight: InFlightLoad<Key, Value>, tags: TagList? = nil) -> Bool {
    guard flight.isInTable else { return false }
    flights.remove(flight)
    let isOvertaken =
      tags.map { tags in
        tags.names.contains {
          let tag = TagName(text: $0, isExact: tags.isExact)
          return max(removedTags[tag] ?? 0, allTagsRemoved) >= flight.number
        }
      } ?? false
    if flights.isEmpty { removedTags = [:] }
    return !isOvertaken && flight.number > outdatedCount
  }
}

/// A refresh that was promised when a stale value was served; guarded by the cache's lock.
@usableFromInline
package final class RefreshPromise<Key: Hashable & Sendable>: KeyedNode<Key>, @unchecked Sendable {
  /// The invocation that will keep it; `nil` if there is none.
  var keeper: InvocationScope.Liveness?

  init(key: Key, hash: UInt32, keeper: InvocationScope.Liveness?) {
    self.keeper = keeper
    super.init(key: key, hash: hash)
  }
}

/// The uses of a value by ``Cache/invalidateAndRetryOnce(forKey:timeToLive:if:orLoad:_:)``.
///
/// They are guarded by the cache's lock.
final class ValueUse<Key: Hashable & Sendable>: KeyedNode<Key>, @unchecked Sendable {
  /// How many callers use the value now.
  var count = 0
  /// How often it was found to be invalid since the first of them came.
  var generation = 0
}
