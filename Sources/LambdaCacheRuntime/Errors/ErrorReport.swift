import LambdaCache
internal import LambdaCacheText

/// An error in the form in which the Runtime API takes it.
struct ErrorReport: Equatable {
  let type: String
  let message: String

  /// The longest text that is passed on, in bytes, so that no report can exceed Lambda's limit.
  static let maximumTextByteCount = 65_536

  /// Describes any error, by its own words if it has them.
  init(_ error: any Error) {
    if let error = error as? any LambdaFunctionError {
      self.init(type: error.errorType, message: error.errorMessage)
    } else {
      self.init(type: String(describing: Swift.type(of: error)), message: "\(error)")
    }
  }

  init(type: String, message: String) {
    self.type = Self.prefix(of: type, byteCount: 256)
    self.message = Self.prefix(of: message, byteCount: Self.maximumTextByteCount)
  }

  /// The value of `Lambda-Runtime-Function-Error-Type`.
  ///
  /// Lambda accepts `Runtime.Reason` and `Function.Reason` and treats everything else as
  /// `Runtime.Unknown` (source of AWS's Runtime Interface Emulator); an error thrown by a handler
  /// is the function's.
  var category: String {
    type.hasPrefix("Runtime.") || type.hasPrefix("Function.") ? type : "Function.\(type)"
  }

  /// `{"errorMessage": …, "errorType": …, "stackTrace": []}`: the members that Lambda defines;
  /// Swift has no trace to report.
  var json: [UInt8] {
    var json = JSONWriter()
    json.append(literal: #"{"errorMessage":"#)
    json.append(string: message)
    json.append(literal: #","errorType":"#)
    json.append(string: type)
    json.append(literal: #","stackTrace":[]}"#)
    return json.bytes
  }

  /// Writes the error of an invocation to the log.
  func log(of requestID: String) {
    Log.write("\(type): \(message)", level: .error, requestID: requestID)
  }

  /// The report with its message cut until the JSON has at most this many bytes.
  func shortened(toByteCount limit: Int) -> ErrorReport {
    if json.count <= limit { return self }
    var message = message
    while true {
      let report = ErrorReport(type: type, message: message)
      let excess = report.json.count - limit
      if excess <= 0 || message.isEmpty { return report }
      // Escapes take up to six bytes; what is left is measured again.
      let cut = max(excess / 6, 1)
      message = Self.prefix(of: message, byteCount: max(0, message.utf8.count - cut))
    }
  }

  /// The longest beginning of a text that has at most this many bytes and ends between two
  /// characters of Unicode.
  private static func prefix(of text: String, byteCount: Int) -> String {
    guard text.utf8.count > byteCount else { return text }
    var end = text.utf8.index(text.startIndex, offsetBy: byteCount)
    while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
    return String(text[..<end])
  }
}
