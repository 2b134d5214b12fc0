import Foundation
import LambdaCache

/// One size of one trace: what is saved in percent of what there is, by what the policy prefers.
struct SavingsRow {
  let trace: String
  let sizes: Trace.Sizes
  /// The load times, by their name; `nil` where bytes are counted.
  let loadTimes: LoadTimeDraw?
  /// The limit, in percent of all keys or of their bytes.
  let percent: Double
  let exact: Double
  let hits: Double
  /// That of the policy that prefers what is counted.
  let preferring: Double

  var gain: Double { preferring - hits }
}

/// Load times that are drawn, because no recorded stream has any.
enum LoadTimeDraw: String, CaseIterable {
  /// One for each key, log-normal: a median of 5 milliseconds, sigma 1.2.
  case ofKeys = "of keys"
  /// Every other key takes 3 milliseconds, the others 40.
  case twoKinds = "3 or 40 ms"
  /// One for each load, whatever the key is: there is nothing to learn.
  case ofLoads = "of loads"

  /// The time in milliseconds.
  func milliseconds(key: UInt32, request: Int) -> Double {
    switch self {
    case .ofKeys: Self.logNormal(UInt64(key))
    case .twoKinds: Self.mixed(UInt64(key)) & 1 == 0 ? 3 : 40
    case .ofLoads: Self.logNormal(UInt64(request) << 32 | UInt64(key))
    }
  }

  /// By Box and Muller, from a seed that is always the same.
  private static func logNormal(_ seed: UInt64) -> Double {
    let (first, second) = (mixed(seed), mixed(seed ^ 0x5851_F42D_4C95_7F2D))
    let (radius, angle) = (Double(first >> 11) + 1, Double(second >> 11))
    let unit = 1 / Double(1 << 53 as UInt64)
    return 5 * exp(1.2 * (-2 * log(radius * unit)).squareRoot() * cos(2 * .pi * angle * unit))
  }

  /// The finalizer of SplitMix64.
  private static func mixed(_ seed: UInt64) -> UInt64 {
    var bits = seed &+ 0x9E37_79B9_7F4A_7C15
    bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    return bits ^ bits >> 31
  }
}

/// What the policies save of load times and of bytes.
struct SavingsTable {
  /// What is counted, with the least mean gain over the preference of hits, and the worst.
  private static let groups:
    [(name: String, holds: @Sendable (SavingsRow) -> Bool, mean: Double, worst: Double)] = [
      ("load times of keys", { $0.loadTimes == .ofKeys && !isMadeUp($0) }, 1, -4),
      ("3 or 40 milliseconds", { $0.loadTimes == .twoKinds && !isMadeUp($0) }, 1, -4),
      ("load times by chance", { $0.loadTimes == .ofLoads && !isMadeUp($0) }, -1, -6),
      ("load times, pairs and phases", { isMadeUp($0) }, -4, -15),
      ("bytes", { $0.loadTimes == nil }, 1, -12),
    ]

  private static func isMadeUp(_ row: SavingsRow) -> Bool {
    ["pairs", "phases"].contains(row.trace)
  }

  let folder: URL
  let requests: Int
  private(set) var rows: [SavingsRow] = []

  init(folder: URL, requests: Int) {
    self.folder = folder
    self.requests = requests
  }

  /// Measures every trace that is there.
  mutating func measure(_ names: [String], note: (SavingsRow) -> Void) {
    for sizes in Trace.Sizes.allCases {
      for name in names {
        guard let trace = Trace(name, sizes, in: folder, atMost: requests) else { continue }
        var counted: [LoadTimeDraw?] = LoadTimeDraw.allCases
        if sizes != .oneEach { counted.append(nil) }
        for loadTimes in counted {
          let worths = trace.keys.indices.map { place in
            loadTimes?.milliseconds(key: trace.keys[place], request: place)
              ?? Double(trace.sizeOfRequest[place])
          }
          for percent in HitTable.percents {
            let row = row(trace, loadTimes, worths, percent: percent)
            rows.append(row)
            note(row)
          }
        }
      }
    }
  }

  private func row(
    _ trace: Trace, _ loadTimes: LoadTimeDraw?, _ worths: [Double], percent: Double
  ) -> SavingsRow {
    let limit = max(2, Int((Double(trace.footprint) * percent / 100).rounded()))
    func saved(_ policy: EvictionPolicy) -> Double {
      saving(
        of: trace, worths, hasLoadTimes: loadTimes != nil, limit: limit, policy)
    }
    return SavingsRow(
      trace: trace.name, sizes: trace.sizes, loadTimes: loadTimes, percent: percent,
      exact: saved(.leastRecentlyUsed), hits: saved(.adaptive),
      preferring: saved(.adaptive(preferring: loadTimes == nil ? .bytes : .time)))
  }

  private func saving(
    of trace: Trace, _ worths: [Double], hasLoadTimes: Bool, limit: Int, _ policy: EvictionPolicy
  ) -> Double {
    let isEqual = trace.sizeOfRequest.isEmpty
    let cache = Cache<UInt32, UInt32>(
      byteLimit: isEqual ? 1 << 30 : limit, entryLimit: isEqual ? limit : nil,
      heapByteCount: { _, size in Int(size) }, configure: { $0.policy = policy })
    var (saved, all) = (0.0, 0.0)
    for (place, key) in trace.keys.enumerated() {
      all += worths[place]
      if cache.value(forKey: key) != nil {
        saved += worths[place]
      } else if hasLoadTimes {
        cache.setValue(
          isEqual ? 0 : trace.sizeOfRequest[place], forKey: key,
          loadTime: .milliseconds(worths[place]))
      } else {
        cache.setValue(isEqual ? 0 : trace.sizeOfRequest[place], forKey: key)
      }
    }
    return 100 * saved / all
  }

  /// A line of the table.
  static func line(_ row: SavingsRow) -> String {
    row.trace.padding(toLength: 10, withPad: " ", startingAt: 0)
      + row.sizes.rawValue.padding(toLength: 14, withPad: " ", startingAt: 0)
      + (row.loadTimes?.rawValue ?? "bytes").padding(toLength: 12, withPad: " ", startingAt: 0)
      + String(
        format: "%4.0f %%%8.2f%8.2f%10.2f%+8.2f", row.percent, row.exact, row.hits,
        row.preferring, row.gain)
  }

  static let title =
    "\nPercent of all load times, or of all bytes, that the cache saves:\n"
    + "trace     sizes         counted     size   exact    hits preferring  gain"

  /// The means beside their goals.
  func summary() -> (text: String, isMet: Bool) {
    var lines: [String] = []
    var isMet = true
    for group in Self.groups {
      let rows = rows.filter(group.holds)
      guard let least = rows.map(\.gain).min() else { continue }
      let mean = rows.map(\.gain).reduce(0, +) / Double(rows.count)
      let overExact = rows.map { $0.preferring - $0.exact }
      let isGood = mean >= group.mean && least >= group.worst
      isMet = isMet && isGood
      lines.append(
        "\(group.name): mean \(String(format: "%+.2f", mean)) (goal \(group.mean)), worst "
          + "\(String(format: "%+.2f", least)) (goal \(group.worst)); over exact: mean "
          + String(format: "%+.2f", overExact.reduce(0, +) / Double(rows.count)) + ", worst "
          + String(format: "%+.2f", overExact.min() ?? 0) + ": \(isGood ? "met" : "missed")")
    }
    return (lines.joined(separator: "\n"), isMet)
  }
}
