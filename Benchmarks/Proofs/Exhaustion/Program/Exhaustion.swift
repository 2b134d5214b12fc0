import LambdaCache
import LambdaCacheRuntime

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A Lambda function that keeps whatever it ever made, in a dictionary or in a cache.
@main
enum Exhaustion {
  /// The environment variables, without Foundation, whose memory would be measured as well.
  private static var variables: [String: String] {
    var variables: [String: String] = [:]
    var place = environ
    while let entry = place.pointee {
      let parts = String(cString: entry).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
      place += 1
    }
    return variables
  }

  static func main() async {
    do {
      let environment = variables
      let runtime = try LambdaRuntime(environment: environment)
      let trial = try Trial(environment: environment)
      try await runtime.run { event, _ in try trial.answer(event) }
    } catch {
      let text = "Exhaustion: \(error)\n"
      _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
      exit(1)
    }
  }
}

/// An event is the number of an invocation, in decimal digits.
struct MalformedEvent: LambdaFunctionError {
  var errorType: String { "MalformedEvent" }
  var errorMessage: String { "the event is not the number of an invocation" }
}
