#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// A handler of JSON documents, made from a handler of decoded events.
///
/// It fits any runtime that passes events as bytes, together with a context of any type:
///
/// ```swift
/// let handler = JSONHandler { (request: Request, context: Context) in
///   Response(profile: try await profile(named: request.name))
/// }
/// let response = try await handler(bytes, context)
/// ```
public struct JSONHandler<Context>: Sendable {
  private let handle: @Sendable ([UInt8], Context) async throws -> [UInt8]

  /// Wraps a handler that answers with a value.
  ///
  /// - Parameters:
  ///   - decoder: Decodes the events.
  ///   - encoder: Encodes the answers.
  ///   - body: The handler.
  public init<Event: Decodable & SendableMetatype, Output: Encodable & SendableMetatype>(
    decoder: JSONDecoder = JSONDecoder(),
    encoder: JSONEncoder = JSONEncoder(),
    _ body: @escaping @Sendable (Event, Context) async throws -> Output
  ) {
    handle = { bytes, context in
      let event = try decoder.decode(Event.self, from: Data(bytes))
      return [UInt8](try encoder.encode(try await body(event, context)))
    }
  }

  /// Wraps a handler that answers nothing; the document is then `null`.
  ///
  /// - Parameters:
  ///   - decoder: Decodes the events.
  ///   - body: The handler.
  public static func consumer<Event: Decodable & SendableMetatype>(
    decoder: JSONDecoder = JSONDecoder(),
    _ body: @escaping @Sendable (Event, Context) async throws -> Void
  ) -> JSONHandler {
    JSONHandler(handle: { bytes, context in
      try await body(try decoder.decode(Event.self, from: Data(bytes)), context)
      return [UInt8]("null".utf8)
    })
  }

  private init(handle: @escaping @Sendable ([UInt8], Context) async throws -> [UInt8]) {
    self.handle = handle
  }

  /// Decodes an event, runs the handler, and encodes its answer.
  ///
  /// - Parameters:
  ///   - event: The event as a JSON document.
  ///   - context: The context of the invocation.
  /// - Returns: The answer as a JSON document.
  /// - Throws: `DecodingError` if the event does not have the handler's type, `EncodingError` if
  ///   the answer has no JSON form, and any error of the handler.
  public func callAsFunction(_ event: [UInt8], _ context: Context) async throws -> [UInt8] {
    try await handle(event, context)
  }
}
