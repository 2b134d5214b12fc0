/// A message that says what is to be removed from caches.
///
/// As JSON, in the body of a message or the detail of an event; every member of `invalidate` may be
/// absent:
///
/// ```json
/// {"invalidate": {"keys": ["user#1"], "prefixes": ["user#"], "tags": ["prices"], "all": false}}
/// ```
///
/// Beside `invalidate` there may be anything. In it there may be nothing else, so that a slip of
/// the pen does not leave stale values in silence.
public struct InvalidationMessage: Sendable, Hashable {
  /// What is to be removed.
  public var invalidations: [CacheInvalidation]

  /// Creates a message.
  ///
  /// - Parameter invalidations: What is to be removed.
  public init(_ invalidations: [CacheInvalidation]) {
    self.invalidations = invalidations
  }

  /// Reads a message from JSON: the message itself, or an Amazon SNS notification or an Amazon
  /// EventBridge event that contains it, also one in the other.
  ///
  /// - Parameter text: The text.
  /// - Throws: ``InvalidationError`` for record 0 if it is not JSON, or no such message.
  public init(json text: String) throws(InvalidationError) {
    do {
      try self.init(text: text, path: "")
    } catch {
      throw error.inRecord(0, identifier: nil)
    }
  }

  init(text: String, path: String) throws(InvalidationFault) {
    try self.init(text: text, path: path, envelopes: 0)
  }

  /// Reads a message from a text in a number of others.
  private init(text: String, path: String, envelopes: Int) throws(InvalidationFault) {
    let value: JSONValue
    do {
      value = try JSONReader.read(text, as: .message)
    } catch {
      throw InvalidationFault(
        path: path,
        problem: error.isTooDeep
          ? .tooDeep(limit: JSONPart.deepest, offset: error.offset)
          : .notJSON(offset: error.offset))
    }
    invalidations = try InvalidationMessage.unwrapped(value, path: path, envelopes: envelopes)
  }

  init(_ value: JSONValue, path: String) throws(InvalidationFault) {
    invalidations = try InvalidationMessage.unwrapped(value, path: path, envelopes: 0)
  }

  /// The most notifications that a message may be in.
  ///
  /// Each is read anew, and only a part shorter than the one around it: without this limit the time
  /// that an event takes would grow faster than its size.
  static let maximumEnvelopeCount = 8

  /// Takes off envelopes until there is a message.
  ///
  /// An event that was sent to a topic that feeds a queue has two.
  private static func unwrapped(
    _ value: JSONValue, path: String, envelopes: Int
  ) throws(InvalidationFault) -> [CacheInvalidation] {
    if let members = value["invalidate"] {
      return try invalidations(in: members, path: path / "invalidate")
    }
    if case .string(let text)? = value["Message"], value["TopicArn"] != nil {
      guard envelopes < maximumEnvelopeCount else {
        throw InvalidationFault(
          path: path / "Message", problem: .tooManyEnvelopes(limit: maximumEnvelopeCount))
      }
      return try InvalidationMessage(text: text, path: path / "Message", envelopes: envelopes + 1)
        .invalidations
    }
    if let detail = value["detail"], value["detail-type"] != nil {
      return try unwrapped(detail, path: path / "detail", envelopes: envelopes)
    }
    if value == .tooDeep {
      throw InvalidationFault(path: path, problem: .tooDeep(limit: JSONPart.deepest, offset: nil))
    }
    throw InvalidationFault(
      path: path / "invalidate",
      problem: .missing(
        accepted: "an object with keys, prefixes, tags or all; it may be in the Message of an SNS "
          + "notification or in the detail of an EventBridge event"))
  }

  private static func invalidations(
    in value: JSONValue, path: String
  ) throws(InvalidationFault) -> [CacheInvalidation] {
    let accepted = "an object with keys, prefixes, tags or all"
    guard case .object(let members) = value else {
      throw InvalidationFault(path: path, value, accepted: accepted)
    }
    var invalidations: [CacheInvalidation] = []
    // In a fixed order, so that the same message always gives the same.
    for (name, value) in members.sorted(by: { $0.key < $1.key }) {
      let path = path / name
      switch name {
      case "keys": invalidations += try texts(in: value, path: path).map(CacheInvalidation.key)
      case "prefixes":
        invalidations += try texts(in: value, path: path).map(CacheInvalidation.prefix)
      case "tags": invalidations += try texts(in: value, path: path).map(CacheInvalidation.tag)
      case "all":
        guard case .bool(let isWanted) = value else {
          throw InvalidationFault(path: path, value, accepted: "true or false")
        }
        if isWanted { invalidations.append(.all) }
      default:
        throw InvalidationFault(
          path: path, problem: .mismatch(found: "not a known member", accepted: accepted))
      }
    }
    return invalidations
  }

  private static func texts(
    in value: JSONValue, path: String
  ) throws(InvalidationFault) -> [String] {
    guard case .array(let elements) = value else {
      throw InvalidationFault(path: path, value, accepted: "an array of strings")
    }
    var texts: [String] = []
    for (index, element) in elements.enumerated() {
      guard case .string(let text) = element else {
        throw InvalidationFault(path: "\(path)[\(index)]", element, accepted: "a string")
      }
      texts.append(text)
    }
    return texts
  }
}

extension String {
  /// A path, and one step more.
  static func / (path: String, step: String) -> String {
    path.isEmpty ? step : "\(path).\(step)"
  }
}
