/// Readers for the values of environment variables.
///
/// Upper and lower case are the same, and blanks around a value or between a number and its unit
/// are ignored. Every reader returns `nil` for what it does not accept and never traps.
enum ValueReader {
  /// The largest size: 1 TiB, a hundred times the largest function.
  static let sizeLimit = 1 << 40

  /// The longest duration: ten years of 365 days.
  static let durationLimit = Duration.seconds(3650 * 86_400)

  /// `true`, `on`, `yes` or `1`, and their opposites.
  static func flag(_ text: String) -> Bool? {
    switch normalized(text) {
    case "true", "on", "yes", "1": true
    case "false", "off", "no", "0": false
    default: nil
    }
  }

  /// `lru`, `watch`, `adaptive`, `adaptive-bytes` or `adaptive-time`.
  static func policy(_ text: String) -> EvictionPolicy? {
    switch normalized(text) {
    case "lru": .leastRecentlyUsed
    case "watch": .leastRecentlyUsed(watching: true)
    case "adaptive": .adaptive
    case "adaptive-bytes": .adaptive(preferring: .bytes)
    case "adaptive-time": .adaptive(preferring: .time)
    default: nil
    }
  }

  /// A whole number in a range.
  static func wholeNumber(_ text: String, in range: ClosedRange<Int>) -> Int? {
    var rest = ArraySlice(normalized(text).utf8)
    guard let number = DecimalNumber(consuming: &rest), number.isWhole, rest.isEmpty,
      let value = number.multiplied(by: 1), range.contains(value)
    else { return nil }
    return value
  }

  /// A number in a range, with or without a fraction.
  static func decimal(_ text: String, in range: ClosedRange<Double>) -> Double? {
    var rest = ArraySlice(normalized(text).utf8)
    guard let number = DecimalNumber(consuming: &rest), rest.isEmpty,
      range.contains(number.doubleValue)
    else { return nil }
    return number.doubleValue
  }

  /// A number of bytes with or without a unit, up to 1 TiB.
  ///
  /// `KB`, `MB`, `GB` and `K`, `M`, `G` mean the same as `KiB`, `MiB`, `GiB`, powers of 1,024: it
  /// is what Lambda itself means by MB. A part of a byte is cut off.
  static func byteCount(_ text: String) -> Int? {
    var rest = ArraySlice(normalized(text).utf8)
    guard let number = DecimalNumber(consuming: &rest) else { return nil }
    let unit: UInt64
    switch String(decoding: rest.drop { $0 == UInt8(ascii: " ") }, as: UTF8.self) {
    case "", "b", "byte", "bytes":
      guard number.isWhole else { return nil }
      unit = 1
    case "k", "kb", "kib": unit = 1 << 10
    case "m", "mb", "mib": unit = 1 << 20
    case "g", "gb", "gib": unit = 1 << 30
    case "t", "tb", "tib": unit = 1 << 40
    default: return nil
    }
    guard let byteCount = number.multiplied(by: unit), byteCount <= sizeLimit else { return nil }
    return byteCount
  }

  /// A percentage from `0%` to `100%`.
  static func percent(_ text: String) -> Double? {
    var rest = ArraySlice(normalized(text).utf8)
    guard let number = DecimalNumber(consuming: &rest),
      rest.drop(while: { $0 == UInt8(ascii: " ") }).elementsEqual("%".utf8),
      number.doubleValue <= 100
    else { return nil }
    return number.doubleValue
  }

  /// `auto`, a size or a percentage.
  static func memorySize(_ text: String) -> MemorySize? {
    if normalized(text) == "auto" { return .automatic }
    if let byteCount = byteCount(text) { return .bytes(byteCount) }
    return percent(text).map { .percent($0) }
  }

  /// A duration: seconds, or numbers with the units `d`, `h`, `m`, `s` and `ms` from the longest
  /// to the shortest, each at most once.
  static func duration(_ text: String) -> Duration? {
    var rest = ArraySlice(normalized(text).utf8)
    let nanosecondsPerUnit: [(unit: String, nanoseconds: UInt64)] = [
      ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000),
      ("s", 1_000_000_000), ("ms", 1_000_000),
    ]
    var units = nanosecondsPerUnit[...]
    var total = Duration.zero
    repeat {
      guard let number = DecimalNumber(consuming: &rest) else { return nil }
      rest = rest.drop { $0 == UInt8(ascii: " ") }
      let letters = rest.prefix { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
      rest = rest[letters.endIndex...].drop { $0 == UInt8(ascii: " ") }
      // A number alone is seconds, but not behind another number.
      let unit =
        letters.isEmpty && units.count == nanosecondsPerUnit.count && rest.isEmpty
        ? "s" : String(decoding: letters, as: UTF8.self)
      guard let index = units.firstIndex(where: { $0.unit == unit }),
        let nanoseconds = number.multiplied(by: units[index].nanoseconds)
      else { return nil }
      total += .nanoseconds(nanoseconds)
      guard total <= durationLimit else { return nil }
      units = units[(index + 1)...]
    } while !rest.isEmpty
    return total
  }

  /// `none`, a percentage, or a duration.
  ///
  /// A duration must have a unit: `10` might be meant as a percentage.
  static func jitter(_ text: String) -> Expiration.Jitter? {
    let normalized = normalized(text)
    if normalized == "none" { return Expiration.Jitter.none }
    if let percent = percent(text) { return .fraction(percent / 100) }
    guard normalized.utf8.last.map({ $0 > UInt8(ascii: "9") }) == true else { return nil }
    return duration(text).map { .duration($0) }
  }

  /// The part of the keys that is logged, in percent: `off`, `none`, `all` or a percentage.
  static func loggedPercent(_ text: String) -> Double? {
    switch normalized(text) {
    case "off", "none": 0
    case "all": 100
    default: percent(text)
    }
  }

  /// The text without blanks at its ends, in lower case.
  static func normalized(_ text: String) -> String {
    let blanks: Set<UInt8> = [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), 13]
    var bytes = ArraySlice(text.utf8)
    bytes = bytes.drop { blanks.contains($0) }
    while let last = bytes.last, blanks.contains(last) { bytes.removeLast() }
    return String(
      decoding: bytes.map { (65...90).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
  }
}
