import LambdaCache
import LambdaCacheRuntime

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A function that does what its event asks for, to show what Lambda makes of it.
@main
enum Probe {
  /// An error that a handler throws on purpose.
  struct Refusal: LambdaFunctionError {
    var errorMessage: String { "as asked for" }
  }

  /// The invocations of this process, which a fresh one has forgotten.
  static let counter = Cache<String, Int>(byteLimit: 65_536)

  static func main() async throws {
    let runtime = try LambdaRuntime()
    if getenv("PROBE_STREAMS") != nil {
      try await runtime.runStreamingConcurrently(stream)
    } else {
      try await runtime.runConcurrently(answer)
    }
  }

  /// Answers with its own event, whatever that is, unless it is one of the words below.
  @Sendable
  static func answer(_ event: [UInt8], _ context: LambdaContext) async throws -> [UInt8] {
    let count = counter.updateValue(forKey: "count") { count in
      let next = (count ?? 0) + 1
      count = next
      return next
    }
    switch String(decoding: event.prefix(64), as: UTF8.self) {
    case #""count""#:
      return Array("\(count)".utf8)
    case #""throw""#:
      throw Refusal()
    case #""hang""#:
      while true { try await Task.sleep(for: .seconds(60)) }
    case #""die""#:
      abort()
    case #""exceed""#:
      return [UInt8](repeating: UInt8(ascii: " "), count: LambdaRuntime.maximumPayloadByteCount + 1)
    case #""meet""#:
      return await Meeting.shared.attend(context.requestID)
    default:
      return event
    }
  }

  /// Answers in pieces, as many as the event has bytes, and breaks off at an exclamation mark.
  @Sendable
  static func stream(
    _ event: [UInt8], _ context: LambdaContext, _ response: LambdaResponseWriter
  ) async throws {
    if event == Array(#""throw""#.utf8) { throw Refusal() }
    if event == Array(#""http""#.utf8) {
      try await response.start(
        LambdaHTTPResponseHead(statusCode: 201, headers: ["X-Probe": "yes"], cookies: ["a=1"]))
      return try await response.write("body")
    }
    for byte in event {
      if byte == UInt8(ascii: "!") { throw Refusal() }
      try await response.write([byte])
    }
  }
}

/// Holds invocations until two are there, and so can only end if they run at once.
actor Meeting {
  static let shared = Meeting()

  private var first: (requestID: String, waiter: CheckedContinuation<String, Never>)?

  /// Waits for another one.
  ///
  /// - Returns: The other's identifier, as JSON.
  func attend(_ requestID: String) async -> [UInt8] {
    let other: String
    if let first {
      self.first = nil
      first.waiter.resume(returning: requestID)
      other = first.requestID
    } else {
      other = await withCheckedContinuation { first = (requestID, $0) }
    }
    return Array("\"\(other)\"".utf8)
  }
}
