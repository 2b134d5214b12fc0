/// What a cache has under way, by key: loads that have not ended and that nothing has superseded,
/// refreshes that are wanted, and values that are in use and may turn out to be invalid.
///
/// It is changed under the cache's lock, so no key of it is destroyed here: that of a load is held by
/// the load as well, and those of promises are kept for the next look-up that has to do with loads.
@usableFromInline
package struct FlightTable<Key: Hashable & Sendable, Value: Sendable> {
  /// A key that hashes to what was computed before the lock was taken: no hashing of the user's
  /// runs under it.
  @usableFromInline
  struct HashedKey: Hashable {
    @usableFromInline let key: Key
    @usableFromInline let hash: UInt32

    @inlinable
    init(key: Key, hash: UInt32) {
      self.key = key
      self.hash = hash
    }

    @usableFromInline
    static func == (first: HashedKey, second: HashedKey) -> Bool { first.key == second.key }

    @usableFromInline
    func hash(into hasher: inout Hasher) { hasher.combine(hash) }
  }

  /// A refresh that was promised when a stale value was served.
  @usableFromInline
  struct Promise {
    /// The invocation that will keep it; `nil` if there is none.
    let scope: InvocationScope.Liveness?
  }

  /// What a look-up does that found a stale value.
  enum Refreshing {
    /// It serves the value: somebody is going to load it anew.
    case promised
    /// It serves the value, and its invocation has to load it anew later.
    case promisedByCaller
    /// It loads the value: nobody else is going to.
    case due
  }

  /// The uses of a value by ``Cache/invalidateAndRetryOnce(forKey:timeToLive:if:orLoad:_:)``.
  @usableFromInline
  struct Use {
    /// How many callers use the value now.
    var count = 0
    /// How often it was found to be invalid since the first of them came.
    var generation = 0
  }

  @usableFromInline var flights: [HashedKey: LoadFlight<Value>] = [:]
  @usableFromInline var promises: [HashedKey: Promise] = [:]
  @usableFromInline var uses: [HashedKey: Use] = [:]
  /// Keys of promises that are no more: no more than there may be promises, for whoever makes one
  /// takes them.
  private var droppedKeys: [Key] = []
  /// Tags whose entries were removed while something was loading, and when, in loads begun.
  private var removedTags: [String: Int] = [:]
  /// When the tags were so many that each counts as removed, in loads begun.
  private var allTagsRemoved = 0
  private(set) var beginCount = 0

  /// How many removed tags are remembered: a load that never ends must not make them ever more.
  private static var removedTagLimit: Int { 1024 }

  /// How many refreshes may be promised; a program that does not keep them must not pay with its
  /// memory.
  static var promiseLimit: Int { 1024 }

  package init() {}

  subscript(key: Key, hash: UInt32) -> LoadFlight<Value>? {
    get { flights[HashedKey(key: key, hash: hash)] }
    set { flights[HashedKey(key: key, hash: hash)] = newValue }
  }

  /// Whether a write or a removal has nothing to supersede.
  @inlinable @inline(__always)
  var isIdle: Bool { flights.isEmpty && promises.isEmpty }

  /// Notes a load that is about to be started; whoever was going to refresh the key need not.
  mutating func begin(_ flight: LoadFlight<Value>, key: Key, hash: UInt32) {
    let key = HashedKey(key: key, hash: hash)
    beginCount += 1
    flight.number = beginCount
    flights[key] = flight
    dropPromise(key)
  }

  /// Sees to the refresh of a key whose stale value is about to be served.
  mutating func promise(_ key: Key, hash: UInt32, scope: InvocationScope?) -> Refreshing {
    let key = HashedKey(key: key, hash: hash)
    if let promise = promises[key] { return promise.scope?.isOpen == true ? .promised : .due }
    if promises.count >= Self.promiseLimit {
      // Those that nobody will keep are as good as none.
      for (key, promise) in promises where promise.scope?.isOpen != true {
        dropPromise(key)
      }
      guard promises.count < Self.promiseLimit else { return .due }
    }
    let keeper = scope?.takesRefreshes == true ? scope?.liveness : nil
    promises[key] = Promise(scope: keeper)
    return keeper == nil ? .promised : .promisedByCaller
  }

  /// Leaves the refresh of a key to the next who asks for it.
  mutating func passOnPromise(_ key: Key, hash: UInt32) {
    let key = HashedKey(key: key, hash: hash)
    if promises[key] != nil { promises[key] = Promise(scope: nil) }
  }

  /// Whether the refresh of a key is still wanted.
  func isPromised(_ key: Key, hash: UInt32) -> Bool {
    promises[HashedKey(key: key, hash: hash)] != nil
  }

  /// Forgets the load of a key: a write or a removal has overtaken it, so its result must not be
  /// stored, and whoever asks from now on must not be given it.
  @usableFromInline
  mutating func supersede(_ key: Key, hash: UInt32) {
    let key = HashedKey(key: key, hash: hash)
    flights.removeValue(forKey: key)?.isSuperseded = true
    dropPromise(key)
  }

  /// Forgets every load and every promise; who uses a value still does.
  ///
  /// - Returns: What was there, to be destroyed outside of the lock.
  mutating func supersedeAll() -> FlightTable {
    for flight in flights.values { flight.isSuperseded = true }
    let old = self
    self = FlightTable()
    uses = old.uses
    beginCount = old.beginCount
    return old
  }

  private mutating func dropPromise(_ key: HashedKey) {
    guard let place = promises.index(forKey: key) else { return }
    let dropped = promises.remove(at: place).key.key
    if !_isPOD(Key.self) { droppedKeys.append(dropped) }
  }

  /// Takes the keys that are not needed any more, to be destroyed outside of the lock.
  mutating func takeDroppedKeys() -> [Key] {
    defer { droppedKeys = [] }
    return droppedKeys
  }

  /// Notes that the entries with a tag are removed: loads that have begun must not bring any back.
  mutating func supersedeAll(tagged tag: String) {
    guard !flights.isEmpty else { return }
    if removedTags.count >= Self.removedTagLimit {
      removedTags = [:]
      allTagsRemoved = beginCount
    }
    removedTags[tag] = beginCount
  }

  /// Forgets a load that has ended.
  ///
  /// - Parameter tags: The tags of what it brings.
  /// - Returns: Whether it was still the load of its key, and none of its tags were removed since it
  ///   began.
  mutating func end(
    _ flight: LoadFlight<Value>, key: Key, hash: UInt32, tags: [String]? = nil
  ) -> Bool {
    let key = HashedKey(key: key, hash: hash)
    guard flights[key] === flight else { return false }
    flights[key] = nil
    let isOvertaken =
      tags?.contains { max(removedTags[$0] ?? 0, allTagsRemoved) >= flight.number } ?? false
    if flights.isEmpty { removedTags = [:] }
    return !isOvertaken
  }
}
