/// When the entries of a cache expire.
///
/// <!-- with: Profile -->
/// ```swift
/// let cache = Cache<String, Profile>(byteLimit: 32 << 20, timeToLive: .seconds(300)) {
///   $0.expiration.idleTimeToLive = .seconds(60)
///   $0.expiration.jitter = .fraction(0.1)
///   $0.expiration.afterThaw = .drop(after: .seconds(900))
/// }
/// ```
///
/// An entry is *fresh* until the first of its times to live has passed. Then it has expired: every
/// ordinary look-up misses, and its memory is reclaimed. Where the ``LoadPolicy`` of a cache has a
/// window for that, it is *stale* before: ordinary look-ups miss as well, but
/// ``Cache/freshOrStaleValue(forKey:)`` shows it, and read-through may serve it.
///
/// Whole milliseconds count, rounded up. A time to live beyond 8,900 years is for ever.
public struct Expiration: Sendable, Hashable {
  /// A part of a lifetime that is left to chance.
  public enum Jitter: Sendable, Hashable {
    /// Every lifetime is what it was set to.
    case none

    /// Each lifetime is shortened by up to this part of it, from 0 to 1.
    case fraction(Double)

    /// Each lifetime is shortened by up to this much, but never to nothing.
    case duration(Duration)
  }

  /// The state of entries that were written before a gap in which the environment may have
  /// been frozen; see ``CacheStatistics/thaws``.
  public enum ThawPolicy: Sendable, Hashable {
    /// Their times to live go on, as if nothing had been.
    case keep

    /// After a gap at least this long they are stale until they are loaded again, however long they
    /// would still have been fresh: since the end of the first gap after they were written, or
    /// since they were written if more than sixteen have followed.
    case revalidate(after: Duration)

    /// After a gap at least this long they have expired.
    case drop(after: Duration)
  }

  /// How long an entry is fresh after it was written; `nil` for ever.
  ///
  /// A time that is not positive keeps the cache empty.
  public var timeToLive: Duration?

  /// How long an entry is fresh after it was last used or written; `nil` for ever.
  ///
  /// A time that is not positive keeps the cache empty. It costs 6 bytes an entry, and a little
  /// time for each hit.
  public var idleTimeToLive: Duration?

  /// By how much times to live are shortened at random, so that what was written together does not
  /// expire together; chance is seeded for each cache.
  ///
  /// It applies to lifetimes after writing, not to ``idleTimeToLive``, and not to those that are
  /// set later.
  public var jitter: Jitter

  /// The state of entries after the environment thaws.
  ///
  /// A policy other than ``ThawPolicy/keep`` costs 6 bytes an entry.
  public var afterThaw: ThawPolicy

  /// Whether the cache keeps the time when each entry was written, for ``Cache/age(forKey:)``;
  /// 6 bytes an entry, shared with ``afterThaw``.
  public var recordsAge: Bool

  /// How long an expired entry stays, for whichever use; what the ``LoadPolicy`` of the cache says.
  package var staleWindow: Duration = .zero

  /// Creates settings; by default entries live for ever.
  ///
  /// - Parameters:
  ///   - timeToLive: How long an entry is fresh after it was written; `nil` for ever.
  ///   - idleTimeToLive: How long an entry is fresh after it was last used; `nil` for ever.
  ///   - jitter: By how much lifetimes are shortened at random.
  ///   - afterThaw: The state of entries after the environment thaws.
  ///   - recordsAge: Whether the time of each write is kept.
  public init(
    timeToLive: Duration? = nil, idleTimeToLive: Duration? = nil, jitter: Jitter = .none,
    afterThaw: ThawPolicy = .keep, recordsAge: Bool = false
  ) {
    self.timeToLive = timeToLive
    self.idleTimeToLive = idleTimeToLive
    self.jitter = jitter
    self.afterThaw = afterThaw
    self.recordsAge = recordsAge
  }
}

extension Expiration {
  /// Traps if a value is out of range: that is the caller's mistake, not an outcome.
  package func validate() {
    jitter.validate()
    switch afterThaw {
    case .keep: break
    case .revalidate(let gap), .drop(let gap):
      requireArgument(gap > .zero, "the gap that counts as a thaw is not positive: \(gap)")
    }
  }

  /// The least gap that counts as a thaw.
  var thawGap: Duration {
    switch afterThaw {
    case .keep: .seconds(1)
    case .revalidate(let gap), .drop(let gap): gap
    }
  }

  /// Whether an entry may still be there when it is not fresh any more.
  var keepsStaleEntries: Bool {
    if case .revalidate = afterThaw { return true }
    return staleWindow > .zero
  }
}

extension Expiration.Jitter {
  /// Traps if it is out of range.
  func validate() {
    switch self {
    case .none: break
    case .fraction(let fraction):
      requireArgument(
        (0...1).contains(fraction), "the jitter of a cache is not from 0 to 1: \(fraction)")
    case .duration(let duration):
      requireArgument(duration >= .zero, "the jitter of a cache is negative: \(duration)")
    }
  }
}
