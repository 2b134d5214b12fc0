/// All that the adaptive policy keeps of one entry beside its links: a byte.
///
/// | queue | bit 7 | bits 6 to 0 |
/// |---|---|---|
/// | main | 1 | uses, 2 bits; worth, 5 bits, in quarters of the worth of a use |
/// | small | 0 | used, 1 bit; worth, 3 bits, likewise; birth, 3 bits, in epochs |
///
/// An entry of the list for any size has no worth: its place in the list says all. Worth and birth
/// are kept modulo their range: see ``QueueClock`` and ``AdaptivePolicy/epoch``.
@usableFromInline
package struct EntryMark: Equatable {
  @usableFromInline package let bits: UInt8

  @inlinable @inline(__always)
  init(bits: UInt8) { self.bits = bits }

  /// The mark of an entry in the main queue's list for any size, without uses.
  @inlinable static var unused: EntryMark { EntryMark(bits: 0x80) }

  /// The mark of an entry in the main queue.
  @inline(__always)
  static func main(uses: Int, worth: UInt8) -> EntryMark {
    EntryMark(bits: 0x80 | UInt8(truncatingIfNeeded: uses) << 5 | worth)
  }

  /// The mark of an entry in the small queue.
  @inline(__always)
  static func small(isUsed: Bool, worth: UInt8, birth: UInt8) -> EntryMark {
    EntryMark(bits: (isUsed ? 0x40 : 0) | worth << 3 | birth)
  }

  @inlinable @inline(__always)
  var isMain: Bool { bits & 0x80 != 0 }

  var queue: EvictionQueue { isMain ? .main : .small }

  /// Uses that are counted: up to 3 in the main queue, up to 1 in the small one.
  var uses: Int { isMain ? Int(bits >> 5 & 3) : Int(bits >> 6) }

  /// Whether any use is counted.
  @inline(__always)
  var isUsed: Bool { bits & (isMain ? 0x60 : 0x40) != 0 }

  /// The worth, modulo its range.
  var worth: UInt8 { isMain ? bits & 31 : bits >> 3 & 7 }

  /// The epoch in which an entry of the small queue came, modulo 8.
  var birth: UInt8 { bits & 7 }

  /// The mark after a hit; see ``UsedMarks``.
  ///
  /// A hit soon after the entry came does not count: one request often asks twice.
  func used(inEpoch epoch: UInt8) -> EntryMark {
    guard isMain else {
      let isYoung = (epoch &- bits) & 7 < EntryMark.youngEpochs
      return isYoung ? self : EntryMark(bits: bits | 0x40)
    }
    return uses == 3 ? self : EntryMark(bits: bits + 0x20)
  }

  /// Epochs for which an entry is young, the one in which it came included.
  static let youngEpochs: UInt8 = 2
}

/// The clock of a queue (GreedyDual: Young, 1994; Cao and Irani, 1997): the worth of the entry that
/// left last.
///
/// An entry that is put into a list is worth the clock's time and its uses divided by its size. So
/// a large one is overtaken soon, and a small one that is not used is overtaken in the end. Lists
/// are in the order of worth but for uses, so that only their last entries are compared.
struct QueueClock {
  private(set) var time: UInt64 = 0

  /// The steps in which the worth of an entry is kept, quarters of that of a use, as powers of two.
  ///
  /// The worth of a use is 2²⁸ divided by the size, which is a power of two here.
  @inline(__always)
  static func shift(_ octave: Int) -> Int { 26 - octave }

  /// The worth of an entry that is put into the list of an octave now.
  @inline(__always)
  func worth(uses: Int, octave: Int) -> UInt64 {
    time &+ UInt64(truncatingIfNeeded: uses) << UInt64(truncatingIfNeeded: Self.shift(octave) + 2)
  }

  /// What the mark of an entry keeps of its worth: the nearest step, modulo the range.
  @inline(__always)
  func mark(_ queue: EvictionQueue, uses: Int, octave: Int) -> UInt8 {
    let shift = UInt64(truncatingIfNeeded: Self.shift(octave))
    let step = (worth(uses: uses, octave: octave) &+ 1 &<< (shift &- 1)) &>> shift
    return UInt8(truncatingIfNeeded: step & (queue == .main ? 31 : 7))
  }

  /// The worth of an entry by its mark.
  ///
  /// Of the worths that have this mark it is the one nearest to the clock. In the main queue it is
  /// up to three uses above, or up to two below: an entry that was used comes behind one of three
  /// uses in its list, and the clock advances to the worth of that one first.
  @inline(__always)
  func worth(_ mark: EntryMark, octave: Int) -> UInt64 {
    mark.isMain
      ? worth(mark, octave: octave, range: 32, ahead: 20) : worth(ofSmall: mark, octave: octave)
  }

  /// ``worth(_:octave:)`` in the small queue.
  @inline(__always)
  func worth(ofSmall mark: EntryMark, octave: Int) -> UInt64 {
    worth(mark, octave: octave, range: 8, ahead: 6)
  }

  @inline(__always)
  private func worth(_ mark: EntryMark, octave: Int, range: UInt64, ahead: UInt64) -> UInt64 {
    let shift = UInt64(truncatingIfNeeded: Self.shift(octave))
    let now = time &>> shift
    let distance = (UInt64(mark.worth) &- now) & (range &- 1)
    let step = now &+ distance
    return (distance < ahead ? step : step &- min(range, step)) &<< shift
  }

  /// Notes that an entry of the small queue leaves, and returns the mark of one that comes into the
  /// list that it was in.
  @inline(__always)
  mutating func turnSmall(_ mark: EntryMark, octave: Int, birth: UInt8) -> EntryMark {
    advance(to: worth(ofSmall: mark, octave: octave))
    return .small(isUsed: false, worth: self.mark(.small, uses: 1, octave: octave), birth: birth)
  }

  /// Notes the worth of the entry that is next to leave.
  @inline(__always)
  mutating func advance(to worth: UInt64) {
    if worth > time { time = worth }
  }
}
