/// The mark that each mark becomes by a hit, for each epoch: 2 KiB for the whole process.
///
/// Sixteen instructions of a hit become one load of a line that is always near.
enum UsedMarks {
  private static let count = 256

  /// The marks of all epochs, one after the other.
  // Never written again.
  nonisolated(unsafe) private static let marks: UnsafePointer<EntryMark> = {
    let marks = UnsafeMutablePointer<EntryMark>.allocate(capacity: 8 * count)
    for epoch in 0..<8 {
      for bits in 0..<count {
        let mark = EntryMark(bits: UInt8(bits)).used(inEpoch: UInt8(epoch))
        (marks + epoch * count + bits).initialize(to: mark)
      }
    }
    return UnsafePointer(marks)
  }()

  /// The marks of an epoch, by the bits of the mark before the hit.
  static func inEpoch(_ epoch: UInt8) -> UnsafePointer<EntryMark> {
    marks + Int(epoch & 7) * count
  }
}
