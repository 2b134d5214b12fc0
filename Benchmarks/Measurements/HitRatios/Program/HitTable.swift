import Foundation
import LambdaCache

/// One size of one trace: the hit ratios, in percent.
struct HitRow {
  let trace: String
  let sizes: Trace.Sizes
  /// The limit, in percent of all keys or of their bytes.
  let percent: Double
  let exact: Double
  let adaptive: Double
  let changes: Int
  /// That of the prototype; `nil` where there is no reference.
  let prototype: Double?
  /// That of a cache which knows the future.
  let best: Double?

  var gain: Double { adaptive - exact }
}

/// The hit ratios of both policies on recorded traces.
struct HitTable {
  static let percents = [1.0, 5, 10, 25, 50]

  /// The kinds of sizes that are summed up together, with the least mean gain and the worst.
  private static let groups:
    [(name: String, holds: @Sendable (HitRow) -> Bool, mean: Double, worst: Double)] =
      [
        ("equal sizes", { $0.sizes == .oneEach && !isMadeUp($0) }, 2, -0.5),
        ("pairs and phases", { isMadeUp($0) }, -6, -6),
        ("different sizes", { $0.sizes == .own || $0.sizes == .drawn }, 5, -0.5),
        ("popular ones large", { $0.sizes == .popularLarge }, 0.8, -0.5),
      ]

  private static func isMadeUp(_ row: HitRow) -> Bool { ["pairs", "phases"].contains(row.trace) }

  let folder: URL
  let requests: Int
  private(set) var rows: [HitRow] = []

  init(folder: URL, requests: Int) {
    self.folder = folder
    self.requests = requests
  }

  /// Measures every trace that is there.
  mutating func measure(_ names: [String], note: (HitRow) -> Void) {
    let prototype = prototypeRatios()
    for sizes in Trace.Sizes.allCases {
      for name in names {
        guard let trace = Trace(name, sizes, in: folder, atMost: requests) else { continue }
        for percent in Self.percents {
          let limit = max(2, Int((Double(trace.footprint) * percent / 100).rounded()))
          let (exact, _) = ratio(of: trace, limit: limit, .leastRecentlyUsed)
          let (adaptive, changes) = ratio(of: trace, limit: limit, .adaptive)
          let row = HitRow(
            trace: name, sizes: sizes, percent: percent, exact: exact, adaptive: adaptive,
            changes: changes,
            prototype: prototype["\(name),\(sizes.rawValue),\(Int(percent))"],
            best: trace.hitsOfTheBestChoice(entries: limit).map {
              100 * Double($0) / Double(trace.keys.count)
            })
          rows.append(row)
          note(row)
        }
      }
    }
  }

  private func ratio(
    of trace: Trace, limit: Int, _ policy: EvictionPolicy
  ) -> (percent: Double, changes: Int) {
    let isEqual = trace.sizeOfRequest.isEmpty
    let cache = Cache<UInt32, UInt32>(
      byteLimit: isEqual ? 1 << 30 : limit, entryLimit: isEqual ? limit : nil,
      heapByteCount: { _, size in Int(size) }, configure: { $0.policy = policy })
    for (place, key) in trace.keys.enumerated() where cache.value(forKey: key) == nil {
      cache.setValue(isEqual ? 0 : trace.sizeOfRequest[place], forKey: key)
    }
    let statistics = cache.statistics
    return (100 * statistics.hitRatio, statistics.policyChanges)
  }

  /// The prototype's hit ratios by trace, sizes and percent, if the reference lies beside the
  /// traces.
  private func prototypeRatios() -> [String: Double] {
    let file = folder.deletingLastPathComponent().appending(path: "policy/reference.csv")
    guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [:] }
    var ratios: [String: Double] = [:]
    for line in text.split(whereSeparator: \.isNewline).dropFirst() {
      let fields = line.split(separator: ",")
      guard fields.count == 8 else { continue }
      ratios["\(fields[0]),\(fields[1]),\(fields[2])"] = Double(fields[7])
    }
    return ratios
  }

  /// A line of the table.
  static func line(_ row: HitRow) -> String {
    let numbers = [row.exact, row.adaptive, row.prototype, row.best].map {
      $0.map { String(format: "%8.2f", $0) } ?? "       –"
    }
    return row.trace.padding(toLength: 10, withPad: " ", startingAt: 0)
      + row.sizes.rawValue.padding(toLength: 14, withPad: " ", startingAt: 0)
      + String(format: "%4.0f %%", row.percent) + numbers.joined()
      + String(format: "%+8.2f", row.gain) + "\(row.changes)".leftPadded(to: 9)
  }

  static let title =
    "trace     sizes          size   exact adaptive  prototype  best    gain  changes"

  /// The means beside their goals.
  func summary() -> (text: String, isMet: Bool) {
    var lines: [String] = []
    var isMet = true
    for group in Self.groups {
      let gains = rows.filter(group.holds).map(\.gain)
      guard let least = gains.min() else { continue }
      let mean = gains.reduce(0, +) / Double(gains.count)
      let isGood = mean >= group.mean && least >= group.worst
      isMet = isMet && isGood
      lines.append(
        "\(group.name): mean \(String(format: "%+.2f", mean)) (goal \(group.mean)), worst "
          + "\(String(format: "%+.2f", least)) (goal \(group.worst)): \(isGood ? "met" : "missed")")
    }
    let distances = rows.compactMap { row in row.prototype.map { row.adaptive - $0 } }
    if !distances.isEmpty {
      let mean = distances.reduce(0, +) / Double(distances.count)
      isMet = isMet && mean >= -0.5
      lines.append(
        "against the prototype: mean \(String(format: "%+.2f", mean)) (goal -0.5): "
          + (mean >= -0.5 ? "met" : "missed"))
    }
    return (lines.joined(separator: "\n"), isMet)
  }
}

extension String {
  fileprivate func leftPadded(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}
