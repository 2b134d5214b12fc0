internal import LambdaCacheText

/// Dates of HTTP (RFC 9110, section 5.6.7), in seconds since 1970 in UTC.
enum HTTPDate {
  /// 9999-12-31 23:59:59, the last second that has a year of four digits.
  static var latest: Int64 { 253_402_300_799 }

  private static let weekdays: [StaticString] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let weekdayEndings: [StaticString] = [
    "day", "day", "sday", "nesday", "rsday", "day", "urday",
  ]
  private static let months: [StaticString] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Reads a date in any of the three formats: `Sun, 06 Nov 1994 08:49:37 GMT`,
  /// `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`.
  ///
  /// Names are read in any case, as caches should (RFC 9111, section 4.2); any zone but GMT makes a
  /// date invalid. The name of the day must be one, but need not be the right one.
  ///
  /// - Parameters:
  ///   - text: The field value.
  ///   - now: The present time, which decides the century of a year of two digits: one that
  ///     appears to be more than 50 years ahead is in the past.
  /// - Returns: The seconds, or `nil` if the text is no such date.
  static func parse(_ text: String, now: Int64) -> Int64? {
    var reader = ByteReader(text.trimmingWhitespace)
    guard let weekday = readName(from: weekdays, &reader) else { return nil }
    if reader.skip(ASCII.comma) { return parseFixed(&reader) }
    if reader.skip(ASCII.space) { return parseASCTime(&reader) }
    guard reader.skip(ignoringCase: weekdayEndings[weekday]), reader.skip(ASCII.comma) else {
      return nil
    }
    return parseRFC850(&reader, now: now)
  }

  private static func parseFixed(_ reader: inout ByteReader) -> Int64? {
    guard reader.skip(ASCII.space), let day = reader.readNumber(digits: 2),
      reader.skip(ASCII.space), let month = readName(from: months, &reader),
      reader.skip(ASCII.space), let year = reader.readNumber(digits: 4),
      reader.skip(ASCII.space), let time = readTime(&reader),
      reader.skip(ignoringCase: " GMT"), reader.isAtEnd
    else { return nil }
    return seconds(year: year, month: month, day: day, time: time)
  }

  private static func parseRFC850(_ reader: inout ByteReader, now: Int64) -> Int64? {
    guard reader.skip(ASCII.space), let day = reader.readNumber(digits: 2),
      reader.skip(ASCII.dash), let month = readName(from: months, &reader),
      reader.skip(ASCII.dash), let shortYear = reader.readNumber(digits: 2),
      reader.skip(ASCII.space), let time = readTime(&reader),
      reader.skip(ignoringCase: " GMT"), reader.isAtEnd
    else { return nil }
    let present = civil(days: floorDivide(min(max(now, 0), latest), by: 86_400)).year
    var year = present - present % 100 + shortYear
    if year > present + 50 { year -= 100 }
    if year + 50 < present { year += 100 }
    return seconds(year: year, month: month, day: day, time: time)
  }

  private static func parseASCTime(_ reader: inout ByteReader) -> Int64? {
    guard let month = readName(from: months, &reader), reader.skip(ASCII.space) else { return nil }
    let day = reader.skip(ASCII.space) ? reader.readNumber(digits: 1) : reader.readNumber(digits: 2)
    guard let day, reader.skip(ASCII.space), let time = readTime(&reader),
      reader.skip(ASCII.space), let year = reader.readNumber(digits: 4), reader.isAtEnd
    else { return nil }
    return seconds(year: year, month: month, day: day, time: time)
  }

  private static func readName(from names: [StaticString], _ reader: inout ByteReader) -> Int? {
    for (index, name) in names.enumerated() where reader.skip(ignoringCase: name) { return index }
    return nil
  }

  /// Seconds since midnight; a leap second is one more.
  private static func readTime(_ reader: inout ByteReader) -> Int? {
    guard let hour = reader.readNumber(digits: 2), hour < 24, reader.skip(ASCII.colon),
      let minute = reader.readNumber(digits: 2), minute < 60, reader.skip(ASCII.colon),
      let second = reader.readNumber(digits: 2), second <= 60
    else { return nil }
    return hour * 3600 + minute * 60 + second
  }

  private static func seconds(year: Int, month: Int, day: Int, time: Int) -> Int64? {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard day >= 1, day <= lengths[month] else { return nil }
    return Int64(days(year: year, month: month + 1, day: day)) * 86_400 + Int64(time)
  }

  /// A date as `Sun, 06 Nov 1994 08:49:37 GMT`.
  ///
  /// - Parameter seconds: The date; one outside the years 1970 to 9999 is moved to their ends.
  static func format(_ seconds: Int64) -> String {
    let seconds = Int(min(max(seconds, 0), latest))
    let (dayNumber, time) = seconds.quotientAndRemainder(dividingBy: 86_400)
    let (year, month, day) = civil(days: dayNumber)
    return String(unsafeUninitializedCapacity: 29) { buffer in
      var end = 0
      func put(_ text: StaticString) {
        for offset in 0..<text.utf8CodeUnitCount { buffer[end + offset] = text.utf8Start[offset] }
        end += text.utf8CodeUnitCount
      }
      func put(_ number: Int, digits: Int) {
        var rest = number
        for offset in stride(from: digits - 1, through: 0, by: -1) {
          buffer[end + offset] = ASCII.zero + UInt8(rest % 10)
          rest /= 10
        }
        end += digits
      }
      // 1970-01-01 was a Thursday.
      put(weekdays[(dayNumber + 4) % 7])
      put(", ")
      put(day, digits: 2)
      put(" ")
      put(months[month - 1])
      put(" ")
      put(year, digits: 4)
      put(" ")
      put(time / 3600, digits: 2)
      put(":")
      put(time / 60 % 60, digits: 2)
      put(":")
      put(time % 60, digits: 2)
      put(" GMT")
      return end
    }
  }

  private static func floorDivide(_ number: Int64, by divisor: Int64) -> Int {
    Int(number >= 0 ? number / divisor : (number - divisor + 1) / divisor)
  }

  // The Gregorian calendar in eras of 400 years, 146,097 days each, that begin on 1 March, so that
  // a leap day is the last of its year. Day 0 is 1970-01-01, 719,468 days after 1 March of year 0.

  private static func days(year: Int, month: Int, day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  private static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (
      yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
      dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    )
  }
}
