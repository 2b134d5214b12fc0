import LambdaCache

/// One kind of key, and the loops over it that are timed.
///
/// The conformances write every loop out for their own type: behind this protocol there is one
/// indirect call a turn, and nothing generic inside of it.
protocol Workbench: SendableMetatype {
  associatedtype Key: Hashable, Sendable, HeapSized
  /// The form of a key in Foundation's cache.
  associatedtype KeyObject: AnyObject

  /// The description of the keys in a row of the table.
  static var name: String { get }
  static func key(_ index: Int) -> Key
  static func copy(_ key: Key) -> Key
  static func object(for key: Key) -> KeyObject

  static func hits(_ subject: inout [Key: Int], _ probes: Probes<Key>) -> Int
  static func hits(_ subject: inout UniqueCache<Key, Int>, _ probes: Probes<Key>) -> Int
  static func hits(_ subject: inout Cache<Key, Int>, _ probes: Probes<Key>) -> Int
  static func hits(_ subject: inout TextbookLRU<Key, Int>, _ probes: Probes<Key>) -> Int
  static func hits(_ subject: inout FoundationCache<KeyObject>, _ probes: [KeyObject]) -> Int

  /// As `hits`, but no look-up can begin before the one before it has ended, as between other work.
  static func chainedHits(_ subject: inout [Key: Int], _ probes: Probes<Key>) -> Int
  static func chainedHits(_ subject: inout UniqueCache<Key, Int>, _ probes: Probes<Key>) -> Int
  static func chainedHits(_ subject: inout Cache<Key, Int>, _ probes: Probes<Key>) -> Int
  static func chainedHits(_ subject: inout TextbookLRU<Key, Int>, _ probes: Probes<Key>) -> Int

  static func insertions(_ subject: inout UniqueCache<Key, Int>, _ keys: [Key]) -> Int
  static func insertions(_ subject: inout Cache<Key, Int>, _ keys: [Key]) -> Int
  static func insertions(_ subject: inout TextbookLRU<Key, Int>, _ keys: [Key]) -> Int

  /// Reads, and writes where `isWrite` says so: the value of the key is set again.
  static func mixed(_ subject: Cache<Key, Int>, _ probes: Probes<Key>, isWrite: [Bool]) -> Int
  /// Reads that move nothing in the order of use.
  static func quietReads(_ subject: Cache<Key, Int>, _ probes: Probes<Key>) -> Int
}

extension Workbench {
  /// A value shifted by this is 0, which the compiler cannot know.
  static var chainShift: Int { 40 }
}
