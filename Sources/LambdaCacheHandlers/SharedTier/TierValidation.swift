internal import LambdaCache

/// The caches whose entries have come through a ``SecondTier``, and when their tags were last
/// compared with those of the engine.
final class TierValidation: Sendable {
  private struct Name: Hashable {
    let cache: ObjectIdentifier
    let space: ObjectIdentifier
  }

  private struct State {
    var watches: [Name: TierWatch] = [:]
    /// `nil` for an injected clock.
    var timekeeper: Timekeeper?
    /// Before that time nothing is validated.
    var due: Duration
    /// The validation that is under way, and when it was begun.
    var task: Task<Void, Never>?
    var begun = Duration.zero
  }

  /// The pause after one that has failed, so that not each read of an invocation begins another.
  private static let pause = Duration.seconds(1)

  private let interval: Duration
  private let time: TierTime
  private let state: Locked<State>

  init(after interval: Duration, _ time: TierTime) {
    self.interval = interval
    self.time = time
    let timekeeper = time.isSystem ? Timekeeper() : nil
    let state = Locked(State(timekeeper: timekeeper, due: .zero))
    self.state = state
    let now = Self.now(of: state, time)
    state.withLock { $0.due = now.addingClamped(interval) }
  }

  /// The time that has passed, frozen or not, by the clock that shows most.
  private static func now(of state: Locked<State>, _ time: TierTime) -> Duration {
    // A clock of the program's own is read before the lock is taken.
    guard time.isSystem else { return time.now }
    return state.withLock { .milliseconds(Int64($0.timekeeper?.systemNow() ?? 0)) }
  }

  /// What is known of the tags of a cache's entries under a name.
  func watch<Key, Value>(of cache: Cache<Key, Value>, in space: TierSpace) -> TierWatch {
    let name = Name(cache: ObjectIdentifier(cache), space: ObjectIdentifier(space))
    let present = state.withLock { $0.watches[name] }
    // Another cache may have been at the same place.
    if let present, present.isOf(cache) { return present }
    let new = TierWatch(of: cache, in: space)
    return state.withLock { state in
      if let other = state.watches[name], other.isOf(cache) { return other }
      state.watches[name] = new
      return new
    }
  }

  /// What is known of the tags of all caches that are still there.
  func takeWatches() -> [TierWatch] {
    let all = state.withLock { $0.watches }
    let gone = all.filter { $1.cache == nil }
    state.withLock { state in
      for (name, watch) in gone where state.watches[name] === watch { state.watches[name] = nil }
    }
    return all.values.filter { $0.cache != nil }
  }

  /// The validation that is under way, or is to be begun now; `nil` if none is due.
  func dueTask(_ begin: @escaping @Sendable () async -> Void) -> Task<Void, Never>? {
    let now = Self.now(of: state, time)
    return state.withLock { state in
      if let task = state.task { return task }
      guard now >= state.due, !state.watches.isEmpty else { return nil }
      let task = Task { await begin() }
      (state.task, state.begun) = (task, now)
      return task
    }
  }

  /// Notes that a validation has ended.
  func end(isDone: Bool) {
    let now = Self.now(of: state, time)
    state.withLock { state in
      state.task = nil
      // The environment may have been frozen since the engine was asked.
      state.due =
        isDone
        ? state.begun.addingClamped(interval) : now.addingClamped(min(interval, Self.pause))
    }
  }
}

/// The generations that the tags of a cache's entries had when they were read.
///
/// It knows more tags than the cache has: those of loads under way, and some whose entries have
/// left. A text and a number each, about 40 bytes, at most twice as many as the cache has.
final class TierWatch: Sendable {
  private struct State {
    /// `nil` for a tag of entries that were loaded while the engine gave no answer: they may be
    /// older than the tag's last invalidation.
    var generations: [ExactString: UInt64?] = [:]
    /// The number of tags at which those without entries are forgotten.
    var limit = TierWatch.leastLimit
  }

  private static let leastLimit = 256

  let space: TierSpace
  private let reference: WeakReference
  private let hasEntries: @Sendable (String) -> Bool
  private let removeAll: @Sendable (String) -> Int
  private let state = Locked(State())

  /// The cache, which is not kept.
  private final class WeakReference: @unchecked Sendable {
    weak var cache: AnyObject?

    init(_ cache: AnyObject) { self.cache = cache }
  }

  init<Key, Value>(of cache: Cache<Key, Value>, in space: TierSpace) {
    self.space = space
    reference = WeakReference(cache)
    hasEntries = { [weak cache] in cache?.hasEntries(tagged: $0) ?? false }
    removeAll = { [weak cache] in cache?.removeAll(tagged: $0) ?? 0 }
  }

  var cache: AnyObject? { reference.cache }

  func isOf(_ cache: AnyObject) -> Bool { reference.cache === cache }

  /// How many tags are known.
  var count: Int { state.withLock { $0.generations.count } }

  /// Notes the generation of a tag of a value that is being read, and removes the entries that were
  /// read with another one.
  ///
  /// - Parameters:
  ///   - tag: The tag.
  ///   - generation: What the engine has answered; `nil` if it has not.
  /// - Returns: A generation that the value is not older than, `nil` if none is known; and how many
  ///   entries were removed.
  func note(_ tag: String, _ generation: UInt64?) -> (generation: UInt64?, removed: Int) {
    let name = ExactString(tag)
    forgetSome()
    let (noted, isChanged) = state.withLock { state -> (UInt64?, Bool) in
      let known = state.generations[name]
      if let known, generation == nil { return (known, false) }
      state.generations.updateValue(generation, forKey: name)
      return (generation, known.map { $0 != generation } ?? false)
    }
    return (noted, isChanged ? removeAll(tag) : 0)
  }

  /// Notes what an entry that has been stored was read with: that may have been forgotten
  /// meanwhile, and another generation be known by now.
  ///
  /// - Returns: How many entries were removed.
  func noteStored(_ tag: String, _ generation: UInt64?) -> Int {
    let name = ExactString(tag)
    let isOther = state.withLock { state in
      if let known = state.generations[name] { return known != generation }
      state.generations.updateValue(generation, forKey: name)
      return false
    }
    return isOther ? removeAll(tag) : 0
  }

  /// Forgets a tag whose entries are being removed: what is read from now on has another
  /// generation.
  func forget(_ tag: String) {
    let name = ExactString(tag)
    state.withLock { $0.generations[name] = nil }
  }

  /// The tags that entries have, and the generations they were read with.
  func present() -> [(tag: String, generation: UInt64?)] {
    let all = state.withLock { $0.generations }
    let (present, gone) = all.reduce(into: ([ExactString: UInt64?](), [ExactString: UInt64?]())) {
      if hasEntries($1.key.text) { $0.0[$1.key] = $1.value } else { $0.1[$1.key] = $1.value }
    }
    state.withLock { state in
      for (name, generation) in gone where state.generations[name] == .some(generation) {
        state.generations[name] = nil
      }
      state.limit = max(Self.leastLimit, 2 * state.generations.count)
    }
    return present.map { ($0.key.text, $0.value) }
  }

  private func forgetSome() {
    let isFull = state.withLock { $0.generations.count >= $0.limit }
    if isFull { _ = present() }
  }

  /// Compares a generation with the one that entries were read with, and removes them if it is
  /// another.
  ///
  /// - Parameters:
  ///   - tag: The tag.
  ///   - known: What was known of the tag when the engine was asked: a read that came meanwhile has
  ///     done this already.
  ///   - generation: What the engine has answered.
  /// - Returns: How many entries were removed.
  func validate(_ tag: String, _ known: UInt64?, against generation: UInt64) -> Int {
    guard known != generation else { return 0 }
    let name = ExactString(tag)
    let isChanged = state.withLock { state in
      guard state.generations[name] == .some(known) else { return false }
      state.generations.updateValue(generation, forKey: name)
      return true
    }
    return isChanged ? removeAll(tag) : 0
  }
}

extension TierState {
  /// Validates the tags of entries in caches, if that is due: in one round trip for all of them.
  ///
  /// A tag whose generation has changed was invalidated since its entries were read, by another
  /// environment; they are removed. Without an answer all entries stay, until their time to live is
  /// over or the next invocation has an answer.
  func validateIfDue() async {
    guard let validation else { return }
    await validation.dueTask { await self.validate(validation) }?.value
  }

  private func validate(_ validation: TierValidation) async {
    let watched = validation.takeWatches().flatMap { watch in
      watch.present().map { (watch: watch, tag: $0.tag, known: $0.generation) }
    }
    let names = watched.map { $0.watch.space.name(ofTag: $0.tag) }
    var places: [TierKey: Int] = [:]
    for name in names where places[name] == nil { places[name] = places.count }
    guard !places.isEmpty else { return validation.end(isDone: true) }
    let request = TierRequest(
      keys: [], tags: places.sorted { $0.value < $1.value }.map(\.key))
    guard
      let view = try? await fetch(
        request, within: timeBudget + .microseconds(5) * places.count)
    else {
      count { $0.failedValidations += 1 }
      return validation.end(isDone: false)
    }
    var removed = 0
    for ((watch, tag, known), name) in zip(watched, names) {
      guard let place = places[name] else { continue }
      removed += watch.validate(tag, known, against: view.response.generations[place])
    }
    count { $0.invalidatedValues += removed }
    validation.end(isDone: true)
  }
}
