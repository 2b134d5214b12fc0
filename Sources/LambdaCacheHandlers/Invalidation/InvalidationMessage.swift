internal import LambdaCacheText

/// A message that says which entries of caches are to be removed; see ``InvalidationEvent``.
struct InvalidationMessage {
  let invalidations: [CacheInvalidation]

  /// Reads a message from JSON: the message itself, or an Amazon SNS notification or an Amazon
  /// EventBridge event that contains it, also one inside the other.
  ///
  /// - Parameters:
  ///   - text: The JSON.
  ///   - path: The place of the text in its record.
  init(text: String, path: String) throws(InvalidationFault) {
    try self.init(text: text, path: path, envelopes: 0)
  }

  private init(text: String, path: String, envelopes: Int) throws(InvalidationFault) {
    let value = try JSONValue(text, as: .message, path: path)
    invalidations = try InvalidationMessage.unwrapped(value, path: path, envelopes: envelopes)
  }

  init(_ value: JSONValue, path: String) throws(InvalidationFault) {
    invalidations = try InvalidationMessage.unwrapped(value, path: path, envelopes: 0)
  }

  /// The most notifications that may be around a message.
  ///
  /// The text of each is read again: without this limit the time that an event takes would grow
  /// faster than its size.
  static let maximumEnvelopeCount = 8

  /// The invalidations of a message inside any envelopes; an event that was sent to a topic that
  /// feeds a queue has two.
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
      throw InvalidationFault(path: path, problem: .tooDeep(limit: JSONLimits.depth, offset: nil))
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

extension JSONValue {
  /// Reads a text.
  init(_ text: String, as shape: EventShape, path: String) throws(InvalidationFault) {
    do {
      self = try JSONReader.read(text, as: shape)
    } catch {
      throw InvalidationFault(
        path: path,
        problem: error.isTooDeep
          ? .tooDeep(limit: JSONLimits.depth, offset: error.offset)
          : .notJSON(offset: error.offset))
    }
  }
}

extension String {
  /// A path with one more step.
  static func / (path: String, step: String) -> String {
    path.isEmpty ? step : "\(path).\(step)"
  }
}
