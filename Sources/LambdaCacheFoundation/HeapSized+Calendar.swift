public import LambdaCache

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

// The sizes of the objects are private to Foundation; measured with Swift 6.3 on 64-bit Linux.

extension TimeZone: HeapSized {
  /// The bytes of a time zone of a fixed offset that is no multiple of half an hour, otherwise
  /// zero: of all others Foundation keeps one object for each for good.
  ///
  /// - Complexity: O(1).
  public var heapByteCount: Int {
    guard identifier.utf8.starts(with: "GMT".utf8), secondsFromGMT() % 1800 != 0 else { return 0 }
    // An object header, the offset and the name.
    return allocationByteCount(forRequest: 40)
  }
}

extension Calendar: HeapSized {
  /// The bytes of a calendar that was changed, with those of its time zone; zero for one as
  /// Foundation makes it, of which there is one object for each identifier.
  ///
  /// - Complexity: O(1).
  public var heapByteCount: Int {
    if isSharedByAll { return 0 }
    switch identifier {
    case .gregorian, .iso8601:
      return allocationByteCount(forRequest: 168) + timeZone.heapByteCount
    default:
      // Half a kilobyte and more of it is ICU's own calendar, which differs by 30 bytes.
      return 1_088 + timeZone.heapByteCount
    }
  }

  /// Whether the calendar is an object that Foundation keeps for good.
  private var isSharedByAll: Bool {
    let object = object
    return object == Calendar(identifier: identifier).object || object == Calendar.current.object
      || object == Calendar.autoupdatingCurrent.object
  }

  /// The address of the object, which is all that a calendar stores beside its type.
  private var object: UInt { withUnsafeBytes(of: self) { $0.load(as: UInt.self) } }
}

extension DateComponents: HeapSized {
  /// The bytes of calendar and time zone; the numbers are stored inline.
  ///
  /// - Complexity: O(1).
  public var heapByteCount: Int {
    (calendar?.heapByteCount ?? 0) + (timeZone?.heapByteCount ?? 0)
  }
}
