import LambdaCache
import Workload

extension Kind {
  static var text: [Kind] {
    [
      Kind("String, 8 bytes", .text) { String($0 % 90_000_000 + 10_000_000) },
      Kind("String, 20 bytes", .text) { Sample.text(20, $0) },
      Kind("String, 100 bytes", .text) { Sample.text(100, $0) },
      Kind("String, 1,000 bytes, appended", .text) {
        Sample.appended(1_000, $0)
      },
      Kind("String, 20,000 bytes", .text) { Sample.text(20_000, $0) },
      Kind("String, interpolated", .text) { "user-\($0)-of-\($0 &* 7919)-people" },
      Kind("String, not ASCII", .text) { "Größe \($0) für Björn Ångström, 東京都千代田区" },
      Kind("String?", .text) { $0 % 3 == 0 ? nil : Sample.text(40, $0) },
      Kind("Substring", .text) { Sample.text(200, $0).dropFirst(20).prefix(8) },
      Kind("Character", .text) { Sample.families[$0 % Sample.families.count].first ?? "x" },
      Kind("RawRepresentable struct", .text) { Name(rawValue: Sample.text(30, $0)) },
    ]
  }
}

private struct Name: RawRepresentable, HeapSized {
  var rawValue: String
}

/// Text that the compiler cannot know.
enum Sample {
  /// A string made with its length.
  static func text(_ count: Int, _ seed: Int) -> String {
    String(unsafeUninitializedCapacity: count) { buffer in
      var generator = SplitMix64(seed: UInt64(truncatingIfNeeded: seed))
      for index in 0..<count {
        buffer[index] = UInt8(ascii: "a") + UInt8(generator.nextIndex(below: 26))
      }
      return count
    }
  }

  /// A string that grew to its length.
  static func appended(_ count: Int, _ seed: Int) -> String {
    var text = ""
    while text.utf8.count < count { text += Sample.text(min(40, count - text.utf8.count), seed) }
    return text
  }

  static let families = ["👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "x"]
}
