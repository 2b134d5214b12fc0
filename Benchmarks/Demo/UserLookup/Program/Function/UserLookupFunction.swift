import Foundation
import LambdaCache
import LambdaCacheRuntime

/// The Lambda function: a database and a cache that outlive the invocation, and a handler.
struct UserLookupFunction: Sendable {
  private let cache: ProfileCache

  init(environment: [String: String]) throws {
    let path =
      environment[UserDatabaseLocation.variable]
      ?? UserDatabaseLocation.defaultPath(for: UserDirectory(count: 200_000))
    cache = try ProfileCache(database: UserDatabase(path: path), environment: environment)
  }

  /// Answers an event.
  ///
  /// - Parameter event: The event's bytes.
  /// - Returns: The answer's bytes.
  /// - Throws: `LookupEventError` and `UserLookupError` for an event that is not an HTTP request;
  ///   an HTTP request is answered with a status instead. The database's own error for both.
  func handle(_ event: [UInt8]) async throws -> [UInt8] {
    defer { cache.endInvocation() }
    let request: LookupEvent
    do {
      request = try LookupEvent(event)
    } catch let error as LookupEventError where error.isHTTP {
      return try HTTPAnswer(statusCode: error.statusCode, error: error.message).json()
    }
    do {
      let answer = try await answer(to: request).json()
      return request.isHTTP ? try HTTPAnswer(statusCode: 200, body: answer).json() : answer
    } catch let error as UserLookupError where request.isHTTP {
      return try HTTPAnswer(statusCode: 404, error: error.description).json()
    }
  }

  private func answer(to request: LookupEvent) async throws -> LookupAnswer {
    let stopwatch = Stopwatch()
    let (profile, source) = try await cache.profileAndSource(ofUserNamed: request.username)
    let microseconds = Double(stopwatch.elapsedNanoseconds) / 1000
    return LookupAnswer(
      username: request.username, source: source, microseconds: microseconds,
      statistics: cache.statistics, profile: profile)
  }
}

extension UserLookupError: LambdaFunctionError {
  var errorType: String { "UnknownUser" }
  var errorMessage: String { description }
}

extension LookupEventError: LambdaFunctionError {
  var errorType: String { "MalformedEvent" }
  var errorMessage: String { message }
}

extension UserLookupFunction {
  /// Serves invocations until the environment ends.
  ///
  /// - Parameter environment: The function's variables.
  static func main(environment: [String: String]) async {
    do {
      let runtime = try LambdaRuntime(environment: environment)
      let function = try await runtime.initialize {
        try UserLookupFunction(environment: environment)
      }
      try await runtime.run { (event: [UInt8], _: LambdaContext) in
        try await function.handle(event)
      }
    } catch {
      ProgressLine.print("UserLookup: \(error)\n")
      exit(1)
    }
  }
}
