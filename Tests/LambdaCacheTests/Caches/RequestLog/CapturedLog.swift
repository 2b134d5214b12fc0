import LambdaCache

/// An output that keeps what a request log writes, and takes as much as it is set to.
final class CapturedLog: Sendable {
  private struct State {
    var bytes: [UInt8] = []
    /// Bytes that are taken; `nil` for all.
    var room: Int?
    var pieces: [Int] = []
    var waits: [Int32] = []
  }

  private let state = Locked(State())
  private let time = Locked<Int64>(1_700_000_000_000)

  /// The lines that were written whole.
  var lines: [String] {
    let text = state.withLock { String(decoding: $0.bytes, as: UTF8.self) }
    return text.split(separator: "\n").map(String.init)
  }

  var text: String { state.withLock { String(decoding: $0.bytes, as: UTF8.self) } }
  var pieces: [Int] { state.withLock { $0.pieces } }
  var waits: [Int32] { state.withLock { $0.waits } }

  func allow(_ byteCount: Int?) { state.withLock { $0.room = byteCount } }

  func advance(by milliseconds: Int64) { time.withLock { $0 += milliseconds } }

  func log(
    percent: Double = 100, secret: String? = "a secret of sixteen", cacheName: String = "users",
    memory: MemoryTerms? = nil
  ) -> RequestLog {
    RequestLog(
      cacheName: cacheName, percent: percent, secret: secret, memory: memory,
      environment: "0123456789ab", followsInvocations: false,
      now: { self.time.withLock { $0 } }, output: output)
  }

  /// Takes what a log writes.
  var output: RequestLog.Output {
    { bytes, milliseconds in
      self.state.withLock { state in
        let count = min(bytes.count, state.room ?? .max)
        if let room = state.room { state.room = room - count }
        state.bytes += Array(bytes.prefix(count))
        state.pieces.append(bytes.count)
        state.waits.append(milliseconds)
        return count
      }
    }
  }

  /// The members of the lines of look-ups, by their names.
  var lookUps: [[String: String]] {
    lines.filter { !$0.contains("dropped") }.map(Self.members)
  }

  private static func members(_ line: String) -> [String: String] {
    var members: [String: String] = [:]
    for part in line.dropFirst().dropLast().split(separator: ",") {
      let pair = part.split(separator: ":", maxSplits: 1)
      members[pair[0].filter { $0 != "\"" }] = pair[1].filter { $0 != "\"" }
    }
    return members
  }
}
