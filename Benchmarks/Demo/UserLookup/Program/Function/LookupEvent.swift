import Foundation

/// An event the function understands: `{"username": "…"}`, or the `GET` of an API Gateway HTTP API
/// (payload format 2.0) or of a function URL with `?username=…`.
struct LookupEvent: Equatable {
  /// The name asked for.
  let username: String

  /// Whether the answer has to be an HTTP response.
  let isHTTP: Bool

  /// Reads an event.
  ///
  /// - Throws: `LookupEventError` when it is neither of the two.
  init(_ bytes: [UInt8]) throws {
    let shape: Shape
    do {
      shape = try JSONDecoder().decode(Shape.self, from: Data(bytes))
    } catch {
      throw LookupEventError(
        isHTTP: false, statusCode: 400, message: #"The event is not {"username": "…"}."#)
    }
    isHTTP = shape.requestContext?.http != nil
    if let method = shape.requestContext?.http?.method, method != "GET" {
      throw LookupEventError(
        isHTTP: true, statusCode: 405, message: "The method is \(method); accepted is GET.")
    }
    guard let username = isHTTP ? shape.queryStringParameters?["username"] : shape.username else {
      throw LookupEventError(
        isHTTP: isHTTP, statusCode: 400,
        message: isHTTP
          ? "The query has no username." : #"The event is not {"username": "…"}."#)
    }
    self.username = username
  }

  private struct Shape: Decodable {
    var username: String?
    var queryStringParameters: [String: String]?
    var requestContext: Context?

    struct Context: Decodable {
      var http: HTTP?
    }

    struct HTTP: Decodable {
      var method: String
    }
  }
}

/// Why an event is not understood.
struct LookupEventError: Error, Equatable {
  /// Whether the answer has to be an HTTP response.
  let isHTTP: Bool
  /// The status of that response.
  let statusCode: Int
  /// The fault, and what is accepted.
  let message: String
}

extension LookupEventError: CustomStringConvertible {
  var description: String { message }
}
