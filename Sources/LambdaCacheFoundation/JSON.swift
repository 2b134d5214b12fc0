#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// Makes a handler of JSON documents from a handler of decoded events.
///
/// It fits any runtime that passes events as bytes, together with a context of any type, and nests
/// with `cached`, `guarded` and `metered` in any order:
///
/// <!-- with: LambdaContext, Request -->
/// ```swift
/// let handler = json { (request: Request, context: LambdaContext) in
///   ["greeting": "hello, \(request.username)"]
/// }
/// ```
///
/// The handler throws `DecodingError` if the event does not have the type of `handler`'s events,
/// `EncodingError` if the answer has no JSON form, and any error of `handler`.
///
/// - Parameters:
///   - decoder: Decodes the events.
///   - encoder: Encodes the answers.
///   - handler: Answers an event with a value.
/// - Returns: A handler from the bytes of a document to the bytes of another.
/// - Complexity: Decoding and encoding are linear in the lengths of the documents.
public func json<
  Event: Decodable & SendableMetatype, Context, Output: Encodable & SendableMetatype
>(
  decoder: JSONDecoder = JSONDecoder(), encoder: JSONEncoder = JSONEncoder(),
  _ handler: @escaping @Sendable (Event, Context) async throws -> Output
) -> @Sendable ([UInt8], Context) async throws -> [UInt8] {
  return { bytes, context in
    let event = try decoder.decode(Event.self, from: Data(bytes))
    return [UInt8](try encoder.encode(try await handler(event, context)))
  }
}

/// Makes a handler of JSON documents from a handler that answers nothing; the document is `null`.
///
/// - Parameters:
///   - decoder: Decodes the events.
///   - handler: Consumes an event.
/// - Returns: A handler from the bytes of a document to those of `null`. It throws `DecodingError`
///   if the event does not have the type of `handler`'s events, and any error of `handler`.
public func json<Event: Decodable & SendableMetatype, Context>(
  decoder: JSONDecoder = JSONDecoder(),
  _ handler: @escaping @Sendable (Event, Context) async throws -> Void
) -> @Sendable ([UInt8], Context) async throws -> [UInt8] {
  return { bytes, context in
    try await handler(try decoder.decode(Event.self, from: Data(bytes)), context)
    return [UInt8]("null".utf8)
  }
}
