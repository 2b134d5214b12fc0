internal import LambdaCacheText

/// The beginning of a streamed response to an HTTP request.
///
/// It is sent as Lambda defines it for `application/vnd.awslambda.http-integration-response`: a
/// JSON object, eight NUL bytes, and then the body (Amazon API Gateway developer guide, "Set up a
/// Lambda proxy integration with payload response streaming").
public struct LambdaHTTPResponseHead: Sendable, Equatable {
  /// The status, 100 to 599.
  public var statusCode: Int
  /// The header fields, one value for each name.
  public var headers: [String: String]
  /// The values of the `Set-Cookie` fields, which may be several.
  public var cookies: [String]

  /// Creates a head.
  ///
  /// - Parameters:
  ///   - statusCode: The status, 100 to 599.
  ///   - headers: The header fields, `Content-Type` among them.
  ///   - cookies: The values of the `Set-Cookie` fields.
  public init(statusCode: Int = 200, headers: [String: String] = [:], cookies: [String] = []) {
    precondition(
      (100...599).contains(statusCode), "statusCode is \(statusCode); accepted is 100 to 599")
    self.statusCode = statusCode
    self.headers = headers
    self.cookies = cookies
  }

  /// The media type of a response that begins with a head.
  static let contentType = "application/vnd.awslambda.http-integration-response"

  /// The largest head in bytes: API Gateway looks for its end in the first 16 KB.
  static let maximumByteCount = 16_384

  /// The JSON object and the delimiter.
  ///
  /// Control characters are escaped in JSON, so that the eight NULs are the first.
  func prelude() throws(LambdaRuntimeError) -> [UInt8] {
    var json = JSONWriter()
    json.append(literal: #"{"statusCode":\#(statusCode),"headers":"#)
    json.append(headers.sorted { $0.key < $1.key }, in: ("{", "}")) { json, header in
      json.append(string: header.key)
      json.append(literal: ":")
      json.append(string: header.value)
    }
    json.append(literal: #","cookies":"#)
    json.append(strings: cookies)
    json.append(literal: "}")
    let output = json.bytes + repeatElement(0, count: 8)
    guard output.count <= Self.maximumByteCount else {
      throw .notWritable(
        "status, header fields and cookies take \(output.count) bytes; accepted are "
          + "\(Self.maximumByteCount)")
    }
    return output
  }
}
