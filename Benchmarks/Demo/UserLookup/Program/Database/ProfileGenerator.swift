import Workload

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Makes up the JSON profile of each user, the same each time.
struct ProfileGenerator {
  /// The sizes a profile can have, in bytes.
  static let byteCounts = 200...20_000

  /// The median of the sizes before they are clamped, in bytes, and how far they spread: half of
  /// the profiles are smaller, and a few carry a long history of orders.
  private static let medianByteCount = 700.0
  private static let logarithmicSpread = 1.0

  let directory: UserDirectory

  /// The profile of a user, as UTF-8 JSON.
  ///
  /// - Complexity: O(*n*) in the size of the profile.
  func profile(of user: Int) -> [UInt8] {
    var generator = SplitMix64(seed: UInt64(user) &* 0xD6E8_FEB8_6659_FD93)
    let byteCount = Self.drawByteCount(using: &generator)
    let name = directory.name(of: user)
    var text = #"{"id":\#(user),"username":"\#(name)","email":"\#(name)@example.com","#
    text += #""joined":"\#(Self.date(using: &generator))","#
    text += #""plan":"\#(Self.pick(Self.plans, using: &generator))","#
    text += #""locale":"\#(Self.pick(Self.locales, using: &generator))""#
    if byteCount >= Self.addressedByteCount {
      text += #","address":{"street":"\#(generator.nextIndex(below: 200) + 1) "#
      text += #"\#(Self.pick(Self.streets, using: &generator))","#
      text += #""city":"\#(Self.pick(Self.cities, using: &generator))"}"#
      Self.appendOrders(to: &text, upTo: byteCount * 3 / 4, using: &generator)
    }
    return Self.completed(Array(text.utf8), to: byteCount, using: &generator)
  }

  /// The size from which on a profile has an address and orders.
  private static let addressedByteCount = 500

  /// A log-normal size, by the method of Box and Muller.
  private static func drawByteCount(using generator: inout SplitMix64) -> Int {
    let radius = sqrt(-2 * log(1 - generator.nextUnit()))
    let normal = radius * cos(2 * .pi * generator.nextUnit())
    let drawn = medianByteCount * exp(logarithmicSpread * normal)
    return Int(min(max(drawn, Double(byteCounts.lowerBound)), Double(byteCounts.upperBound)))
  }

  private static func appendOrders(
    to text: inout String, upTo byteCount: Int, using generator: inout SplitMix64
  ) {
    text += #","orders":["#
    var separator = ""
    while text.utf8.count < byteCount {
      let number = 100_000 + generator.nextIndex(below: 900_000)
      let cents = 100 + generator.nextIndex(below: 99_900)
      text += #"\#(separator){"number":\#(number),"date":"\#(date(using: &generator))","#
      text += #""item":"\#(pick(items, using: &generator))","cents":\#(cents)}"#
      separator = ","
    }
    text += "]"
  }

  /// Ends the object with a text of words that makes it exactly `byteCount` bytes long.
  private static func completed(
    _ beginning: [UInt8], to byteCount: Int, using generator: inout SplitMix64
  ) -> [UInt8] {
    var bytes = beginning
    bytes.reserveCapacity(byteCount)
    bytes.append(contentsOf: #","about":""#.utf8)
    let end = byteCount - 2
    precondition(bytes.count <= end, "A profile of \(byteCount) bytes is too small for its fields")
    while bytes.count < end {
      bytes.append(contentsOf: pick(words, using: &generator).utf8.prefix(end - bytes.count))
      if bytes.count < end {
        bytes.append(UInt8(ascii: " "))
      }
    }
    bytes.append(contentsOf: #""}"#.utf8)
    return bytes
  }

  private static func date(using generator: inout SplitMix64) -> String {
    let year = 2012 + generator.nextIndex(below: 14)
    let month = 1 + generator.nextIndex(below: 12)
    let day = 1 + generator.nextIndex(below: 28)
    return "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
  }

  private static func pick(_ choices: [String], using generator: inout SplitMix64) -> String {
    choices[generator.nextIndex(below: choices.count)]
  }

  private static let plans = ["free", "family", "student", "team", "business"]
  private static let locales = ["de-AT", "en-GB", "en-US", "es-MX", "fr-FR", "it-IT", "ja-JP"]
  private static let streets = ["Main Street", "Station Road", "Park Lane", "Mill Hill", "Quay"]
  private static let cities = ["Bergen", "Graz", "Kyoto", "Leeds", "Lyon", "Porto", "Quito"]
  private static let items = ["lamp", "desk", "teapot", "bicycle bell", "raincoat", "notebook"]
  private static let words = [
    "often", "orders", "early", "and", "prefers", "a", "call", "before", "delivery", "to", "the",
    "back", "door", "please", "leave", "parcels", "with", "neighbour", "when", "away", "gift",
    "wrapping", "always", "newsletter", "monthly", "support", "ticket", "resolved", "thanks",
  ]
}
