/// Reads times as logs write them, as milliseconds since 1970.
enum Timestamp {
  /// The first millisecond of the year 10000.
  static let end: Int64 = 253_402_300_800_000

  /// A time in any of the notations below; `nil` if it is none, or before 1970 or after 9999.
  static func milliseconds(_ bytes: Bytes) -> Int64? {
    let bytes = bytes.stripped
    if let number = bytes.decimalNumber { return milliseconds(ofNumber: number) }
    if bytes.count >= 19, bytes[4] == UInt8(ascii: "-") { return ofInternetTime(bytes) }
    if bytes.count >= 20, bytes[2] == UInt8(ascii: "/") { return ofCommonLogTime(bytes) }
    return nil
  }

  /// Seconds, milliseconds, microseconds or nanoseconds since 1970: the unit follows from the size,
  /// for times from 1973 to the year 5138.
  static func milliseconds(ofNumber number: Double) -> Int64? {
    guard number.isFinite, number >= 0 else { return nil }
    let milliseconds =
      switch number {
      case 1e17...: number / 1e6
      case 1e14...: number / 1e3
      case 1e11...: number
      default: number * 1e3
      }
    return milliseconds < Double(end) ? Int64(milliseconds) : nil
  }

  /// `2024-05-01T12:34:56.789Z`, `2024-05-01 12:34:56.789`, with `Z`, `+02:00` or nothing for UTC.
  private static func ofInternetTime(_ bytes: Bytes) -> Int64? {
    guard bytes[7] == UInt8(ascii: "-"), bytes[10] == UInt8(ascii: "T") || bytes[10] == 0x20,
      bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
      let year = number(bytes, 0, 4), let month = number(bytes, 5, 2),
      let day = number(bytes, 8, 2), let hour = number(bytes, 11, 2),
      let minute = number(bytes, 14, 2), let second = number(bytes, 17, 2)
    else { return nil }
    var fraction: Int64 = 0
    var offset = 19
    if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
      offset += 1
      var unit: Int64 = 100
      while offset < bytes.count, (0x30...0x39).contains(bytes[offset]) {
        fraction += Int64(bytes[offset] - 0x30) * unit
        unit /= 10
        offset += 1
      }
    }
    guard let zone = zoneMinutes(bytes[part: offset..<bytes.count]) else { return nil }
    return milliseconds(
      year: year, month: month, day: day, hour: hour, minute: minute - zone, second: second,
      fraction: fraction)
  }

  /// `10/Oct/2000:13:55:36 -0700`.
  private static func ofCommonLogTime(_ bytes: Bytes) -> Int64? {
    guard bytes[6] == UInt8(ascii: "/"), let day = number(bytes, 0, 2),
      let month = month(bytes[part: 3..<6]), let year = number(bytes, 7, 4),
      let hour = number(bytes, 12, 2), let minute = number(bytes, 15, 2),
      let second = number(bytes, 18, 2),
      let zone = zoneMinutes(bytes[part: 20..<bytes.count].stripped)
    else { return nil }
    return milliseconds(
      year: year, month: month, day: day, hour: hour, minute: minute - zone, second: second,
      fraction: 0)
  }

  private static func number(_ bytes: Bytes, _ start: Int, _ count: Int) -> Int? {
    bytes[part: start..<start + count].wholeNumber.map { Int($0) }
  }

  private static func month(_ name: Bytes) -> Int? {
    let names: [StaticString] = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    return names.firstIndex { name.equals($0) }.map { $0 + 1 }
  }

  /// The minutes by which a zone is ahead of UTC.
  private static func zoneMinutes(_ bytes: Bytes) -> Int? {
    if bytes.isEmpty || bytes.equals("Z") || bytes.equals("z") { return 0 }
    let sign: Int
    switch bytes[0] {
    case UInt8(ascii: "+"): sign = 1
    case UInt8(ascii: "-"): sign = -1
    default: return nil
    }
    let isSplit = bytes.count == 6 && bytes[3] == UInt8(ascii: ":")
    guard isSplit || bytes.count == 5, let hours = number(bytes, 1, 2),
      let minutes = number(bytes, isSplit ? 4 : 3, 2), hours < 24, minutes < 60
    else { return nil }
    return sign * (hours * 60 + minutes)
  }

  /// The milliseconds since 1970 of a date of the Gregorian calendar.
  private static func milliseconds(
    year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, fraction: Int64
  ) -> Int64? {
    guard (1...12).contains(month), (1...31).contains(day), hour < 24, second < 61,
      (-1440...1500).contains(minute)
    else { return nil }
    // Years begin in March, so that a leap day is the last (days_from_civil, Howard Hinnant).
    let shifted = month > 2 ? year : year - 1
    let monthFromMarch = (month + 9) % 12
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    let days = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    let seconds = Int64(days) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
    let milliseconds = seconds * 1000 + fraction
    return (0..<end).contains(milliseconds) ? milliseconds : nil
  }
}
