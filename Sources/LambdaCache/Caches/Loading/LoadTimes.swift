/// How long loads of single keys took the last time, as far as that is kept in mind.
///
/// It decides what may be left out, a refresh or the attempt to do better than a stale value, and
/// never whether a caller gets an answer. One figure for all keys would be wrong for each of them;
/// so it is kept for 64 hashes, 8 bytes each, and of other keys nothing is assumed.
package struct LoadTimes {
  private struct Record {
    var hash: UInt32
    var milliseconds: Float
  }

  /// Places that a hash may be in: with one, two of ten keys would push each other out every other
  /// time.
  private static var wayCount: Int { 4 }
  private static var capacity: Int { 16 * wayCount }

  /// In sets by the low bits of the hash, the one learned last first; empty before the first load.
  private var records: [Record] = []

  package init() {}

  /// Notes how long a load took.
  package mutating func learn(_ duration: Duration, ofHash hash: UInt32) {
    if records.isEmpty {
      records = Array(repeating: Record(hash: 0, milliseconds: 0), count: Self.capacity)
    }
    let places = places(of: hash)
    var place = place(of: hash) ?? places.upperBound - 1
    while place > places.lowerBound {
      records[place] = records[place - 1]
      place -= 1
    }
    records[place] = Record(hash: hash, milliseconds: Float(duration / .milliseconds(1)))
  }

  /// Notes that a load took longer than this, for it was cut off then.
  package mutating func learn(atLeast duration: Duration, ofHash hash: UInt32) {
    if let last = last(ofHash: hash), last >= duration { return }
    learn(duration, ofHash: hash)
  }

  /// How long the last load of a key took; `nil` if that is not known.
  package func last(ofHash hash: UInt32) -> Duration? {
    place(of: hash).map { .milliseconds(Double(records[$0].milliseconds)) }
  }

  /// Whether a load of some keys, together in one call, is not worth while in the time there is.
  ///
  /// The estimates of those keys are halved afterwards, so that one slow load does not
  /// prevent all later ones.
  package mutating func isTooLittle(
    _ time: Duration, ofHashes hashes: some Collection<UInt32>
  ) -> Bool {
    if time <= .zero { return true }
    guard hashes.contains(where: { last(ofHash: $0) ?? .zero > time }) else { return false }
    for hash in hashes {
      if let place = place(of: hash) { records[place].milliseconds /= 2 }
    }
    return true
  }

  private func places(of hash: UInt32) -> Range<Int> {
    let first = Int(hash) % (Self.capacity / Self.wayCount) * Self.wayCount
    return first..<first + Self.wayCount
  }

  /// Where a hash is; `nil` if nothing is known of it.
  private func place(of hash: UInt32) -> Int? {
    guard !records.isEmpty else { return nil }
    return places(of: hash).first { records[$0].hash == hash && records[$0].milliseconds > 0 }
  }
}
