import TestSupport
import Testing

@testable import LambdaCacheHTTP

@Suite("A date of HTTP")
struct HTTPDateTests {
  private static let now = Site.start

  @Test(
    "A date of HTTP is read in all three formats",
    arguments: [
      ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
      ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
      ("Sun Nov  6 08:49:37 1994", 784_111_777),
      ("Wed Nov 16 08:49:37 1994", 784_975_777),
      ("  Sun, 06 Nov 1994 08:49:37 GMT\t", 784_111_777),
      ("sun, 06 NOV 1994 08:49:37 gmt", 784_111_777),
      ("Mon, 06 Nov 1994 08:49:37 GMT", 784_111_777),
      ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
      ("Wed, 31 Dec 1969 23:59:59 GMT", -1),
      ("Thu, 29 Feb 2024 23:59:60 GMT", 1_709_251_200),
      ("Sat, 29 Feb 2020 00:00:00 GMT", 1_582_934_400),
      ("Tue, 29 Feb 2000 00:00:00 GMT", 951_782_400),
      ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
      ("Saturday, 06-Nov-76 08:49:37 GMT", 3_371_878_177),
      ("Sunday, 06-Nov-77 08:49:37 GMT", 247_654_177),
    ])
  func valid(text: String, seconds: Int64) {
    #expect(HTTPDate.parse(text, now: Self.now) == seconds)
  }

  @Test(
    "A date of HTTP is not read from anything else",
    arguments: [
      "", " ", "0", "-1", "Sun", "Sun,", "06 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 +0000",
      "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 GMT x",
      "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT",
      "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT",
      "Sun, 29 Feb 1900 08:49:37 GMT", "Sun, 30 Feb 2024 08:49:37 GMT",
      "Sun, 06 Foo 1994 08:49:37 GMT", "Foo, 06 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
      "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 1994 8:49:37 GMT",
      "Sunday, 06-Nov-1994 08:49:37 GMT", "Sundey, 06-Nov-94 08:49:37 GMT",
      "Sun, 06-Nov-94 08:49:37 GMT", "Sun Nov 6 08:49:37 1994", "Sun Nov  6 08:49:37 1994 GMT",
      "Sun Nov 06 08:49:37 94", "1994-11-06T08:49:37Z", "Sün, 06 Nov 1994 08:49:37 GMT",
    ])
  func invalid(text: String) {
    #expect(HTTPDate.parse(text, now: Self.now) == nil)
  }

  @Test("A date of HTTP of two digits is at most fifty years ahead, whenever it is read")
  func centuries() {
    for year in [2020, 2026, 2049, 2050, 2099, 2100, 2101] {
      let now = HTTPDate.parse("Sun, 01 Jul \(year) 00:00:00 GMT", now: 0)!
      for short in 0..<100 {
        let digits = (short < 10 ? "0" : "") + String(short)
        let seconds = HTTPDate.parse("Sunday, 01-Jul-\(digits) 00:00:00 GMT", now: now)!
        let read = Int(HTTPDate.format(seconds).dropFirst(12).prefix(4))!
        #expect(read % 100 == short)
        #expect(read <= year + 50)
        #expect(read >= year - 50)
      }
    }
  }

  @Test("A date of HTTP is written in the first format, and read back")
  func roundTrip() {
    #expect(HTTPDate.format(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
    #expect(HTTPDate.format(.min) == "Thu, 01 Jan 1970 00:00:00 GMT")
    #expect(HTTPDate.format(.max) == "Fri, 31 Dec 9999 23:59:59 GMT")
    var generator = SplitMix64(seed: 1)
    for _ in 0..<2_000 {
      let seconds = Int64.random(in: 0...HTTPDate.latest, using: &generator)
      #expect(HTTPDate.parse(HTTPDate.format(seconds), now: 0) == seconds)
    }
    // Each day of the years around those that a rule of leap years tells apart.
    let years = [1970, 2000, 2024, 2100, 2400].map { Int64($0 - 1970) * 365_2425 / 10_000 }
    for day in years.flatMap({ max(0, $0 - 400)...$0 + 1_100 }) {
      let seconds = day * 86_400
      guard HTTPDate.parse(HTTPDate.format(seconds), now: 0) == seconds else {
        Issue.record("day \(day)")
        return
      }
    }
  }

  @Test("A damaged date of HTTP is read as some date or as none, and never traps")
  func damaged() {
    var generator = SplitMix64(seed: 2)
    let samples = [
      "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
      "Sun Nov  6 08:49:37 1994",
    ]
    var readCount = 0
    for _ in 0..<15_000 {
      let text = samples.randomElement(using: &generator)!.damaged(using: &generator)
      for now in [Int64.min, -1, 0, Self.now, .max] {
        guard let seconds = HTTPDate.parse(text, now: now) else { continue }
        readCount += 1
        #expect(seconds >= -62_200_000_000 && seconds <= HTTPDate.latest + 51 * 366 * 86_400)
      }
    }
    #expect(readCount > 100)
  }
}
