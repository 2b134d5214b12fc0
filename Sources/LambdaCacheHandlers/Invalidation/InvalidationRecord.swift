internal import LambdaCacheText

/// One record of an event.
struct InvalidationRecord: Sendable {
  /// The service's name for the record, a message's identifier or a sequence number; `nil` if it
  /// has none.
  let identifier: String?
  private let content: Content

  private enum Content: Sendable {
    case message(Result<[CacheInvalidation], InvalidationFault>)
    /// A record of a DynamoDB stream, whose meaning depends on rules.
    case change(JSONValue)
  }

  /// Reads a record of an event with several.
  init(_ record: JSONValue) {
    if record["dynamodb"] != nil {
      identifier = record.member(at: ["dynamodb", "SequenceNumber"])?.string
      content = .change(record)
    } else if record["Sns"] != nil {
      identifier = record.member(at: ["Sns", "MessageId"])?.string
      content = Self.message(at: ["Sns", "Message"], in: record)
    } else {
      identifier = record.member(at: ["messageId"])?.string
      content = Self.message(at: ["body"], in: record)
    }
  }

  private static func message(at place: [String], in record: JSONValue) -> Content {
    .message(
      reading { () throws(InvalidationFault) in
        let text = try record.text(at: place)
        return try InvalidationMessage(text: text, path: place.joined(separator: "."))
          .invalidations
      })
  }

  /// Reads an event without records.
  init(singleEvent event: JSONValue) {
    identifier = event["id"]?.string
    content = .message(
      Self.reading { () throws(InvalidationFault) in
        // An event of EventBridge need not have its type: only those of that service have a detail.
        guard event["invalidate"] == nil, event["Message"] == nil, let detail = event["detail"]
        else { return try InvalidationMessage(event, path: "").invalidations }
        return try InvalidationMessage(detail, path: "detail").invalidations
      })
  }

  private static func reading(
    _ read: () throws(InvalidationFault) -> [CacheInvalidation]
  ) -> Result<[CacheInvalidation], InvalidationFault> {
    do {
      return .success(try read())
    } catch {
      return .failure(error)
    }
  }

  /// The invalidations of the record.
  ///
  /// - Parameter rules: The rules for records of DynamoDB streams.
  func invalidations(by rules: [DynamoDBKeyRule]) throws(InvalidationFault) -> [CacheInvalidation] {
    switch content {
    case .message(let result): return try result.get()
    case .change(let record):
      var invalidations: [CacheInvalidation] = []
      for rule in try DynamoDBKeyRule.rules(rules, for: record) {
        invalidations += try rule.invalidations(in: record)
      }
      return invalidations
    }
  }
}

extension JSONValue {
  /// The member at a path, or `nil` if there is none.
  func member(at path: [String]) -> JSONValue? {
    path.reduce(self as JSONValue?) { value, name in value?[name] }
  }

  /// The text at a path.
  func text(at path: [String]) throws(InvalidationFault) -> String {
    let place = path.joined(separator: ".")
    guard let value = member(at: path) else {
      throw InvalidationFault(path: place, problem: .missing(accepted: "a string"))
    }
    guard case .string(let text) = value else {
      throw InvalidationFault(path: place, value, accepted: "a string")
    }
    return text
  }
}
