/// The bytes that processes of a function had in use when their budgets were made, by the memory
/// setting.
///
/// Environments of one setting differ: around a page that is touched the kernel maps others, up to
/// the next multiples of 64 KiB, and a program begins at a random address in each process. So the
/// median of many says more about the next one than any of them.
package struct MemoryInUse: Sendable, Equatable {
  /// One for each environment of a memory setting in bytes.
  private var samples: [Int: [Int]] = [:]
  /// The environments at all settings.
  package private(set) var count = 0

  /// More environments than a fleet has; a log that makes them up must not fill the memory.
  private static let limit = 65_536

  package init() {}

  /// The same bytes at every setting.
  package init(byteCount: Int) {
    note(byteCount, ofMemory: 0)
  }

  /// Notes the bytes that an environment had in use.
  package mutating func note(_ byteCount: Int, ofMemory memory: Int) {
    guard count < MemoryInUse.limit else { return }
    samples[memory, default: []].append(byteCount)
    count += 1
  }

  /// The bytes to expect at a setting; `nil` if there were no environments.
  ///
  /// Between two settings they lie on a line. Below the least and above the greatest they are those
  /// at these: a line through the nearest two would magnify by how much environments differ anyway.
  package func byteCount(atMegabytes megabytes: Int) -> Int? {
    let memory = megabytes << 20
    let below = samples.keys.filter { $0 <= memory }.max()
    let above = samples.keys.filter { $0 >= memory }.min()
    guard let low = below ?? above, let high = above ?? below else { return nil }
    let (first, last) = (median(ofMemory: low), median(ofMemory: high))
    guard low < high else { return Int(first) }
    let part = Double(memory - low) / Double(high - low)
    return Int((first + (last - first) * part).rounded())
  }

  private func median(ofMemory memory: Int) -> Double {
    let sorted = (samples[memory] ?? []).sorted()
    guard !sorted.isEmpty else { return 0 }
    return (Double(sorted[(sorted.count - 1) / 2]) + Double(sorted[sorted.count / 2])) / 2
  }
}
