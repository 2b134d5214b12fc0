internal import LambdaCacheText

/// An event that says which entries of caches have become invalid.
///
/// It is read from a batch of messages of Amazon SQS, a notification of Amazon SNS, an event of
/// Amazon EventBridge, a batch of changes from a DynamoDB stream, or a message that invokes the
/// function directly:
///
/// <!-- with: AWSLambdaRuntime, prices, profiles -->
/// ```swift
/// let rule = DynamoDBKeyRule(table: "users", attributes: ["id"]) { .key("user#\($0)") }
/// let runtime = LambdaRuntime { (event: InvalidationEvent, context: LambdaContext) in
///   try event.apply(to: profiles, prices, by: [rule])
/// }
/// ```
///
/// The body of a message of Amazon SQS, the message of a notification of Amazon SNS and the detail
/// of an event of Amazon EventBridge contain this JSON, also inside each other; every member of
/// `invalidate` may be absent, and no others are allowed, so that a misspelt name does not leave
/// stale values in silence:
///
/// ```json
/// {"invalidate": {"keys": ["user#1"], "prefixes": ["user#"], "tags": ["prices"], "all": false}}
/// ```
///
/// **On Lambda an event reaches one environment.** All others keep their values until their time to
/// live ends, so invalidation is no substitute for one. It is right
/// - where there is one environment: reserved concurrency of 1, or a single Managed Instance (and
///   there one process for all its concurrent invocations);
/// - where the caller knows: a request that writes can say what it has changed, and the environment
///   that served it does not give it the old value;
/// - where it only shortens the time that most values are stale, and the time to live bounds it.
///
/// Where every environment must see a change at once, put a version into the key instead, read from
/// something small that is not cached for long: old entries are then never asked for, and are
/// evicted.
public struct InvalidationEvent: Decodable, Sendable {
  /// The most records that Lambda puts into one event (AWS Lambda developer guide, *Event source
  /// mapping parameters*: a batch of 10,000).
  static let maximumRecordCount = 10_000

  let records: [InvalidationRecord]
  /// Whether the service reads the function's answer and repeats single records: Amazon SQS and
  /// DynamoDB streams do.
  let reportsFailures: Bool

  /// Reads an event from JSON, without a decoder.
  ///
  /// - Parameter text: The event.
  /// - Throws: ``InvalidationError`` if the text is not JSON or is none of these events. A record
  ///   that cannot be read is an error when the event is applied, not here.
  /// - Complexity: O(*n*) in the length of the text.
  public init(json text: String) throws(InvalidationError) {
    do throws(InvalidationFault) {
      let event = try JSONValue(text, as: .event, path: "")
      guard event["Records"] == nil else {
        guard case .array(let records)? = event["Records"] else {
          throw InvalidationFault(path: "Records", event["Records"] ?? .null, accepted: "an array")
        }
        guard records.count <= Self.maximumRecordCount else {
          throw InvalidationFault(
            path: "Records",
            problem: .mismatch(
              found: "an array of \(records.count) elements",
              accepted: "at most \(Self.maximumRecordCount), which is the most that Lambda sends"))
        }
        self.init(records: records)
        return
      }
      guard Self.isSingleEvent(event) else {
        throw InvalidationFault(path: "", problem: .missing(accepted: Self.accepted))
      }
      self.init(singleEvent: event)
    } catch {
      throw error.inRecord(0, identifier: nil)
    }
  }

  private init(records: [JSONValue]) {
    self.records = records.map { InvalidationRecord($0) }
    reportsFailures = !records.contains { $0["Sns"] != nil }
  }

  private init(singleEvent event: JSONValue) {
    records = [InvalidationRecord(singleEvent: event)]
    reportsFailures = false
  }

  private static let accepted = "Records, detail or invalidate"

  private static func isSingleEvent(_ event: JSONValue) -> Bool {
    event["detail"] != nil || event["invalidate"] != nil || event["Message"] != nil
  }

  /// Removes the entries that the event names from caches; records that cannot be read do not
  /// prevent the removal for the others.
  ///
  /// - Parameters:
  ///   - caches: The caches.
  ///   - rules: The rules by which items of DynamoDB tables name entries. All rules for a record's
  ///     table apply; a record of a table without one is an error.
  /// - Returns: The answer of the function; ``InvalidationResult/errors`` says why records are to
  ///   be tried again.
  /// - Throws: The first error, after everything else was removed, if the function was invoked by
  ///   Amazon SNS, Amazon EventBridge or directly: there an error makes Lambda try again.
  @discardableResult
  public func apply(
    to caches: any InvalidatingCache..., by rules: [DynamoDBKeyRule] = []
  ) throws(InvalidationError) -> InvalidationResult {
    let result = result(by: rules)
    for cache in caches { cache.invalidate(result.invalidations) }
    if !reportsFailures, let error = result.errors.first { throw error }
    return result
  }

  /// The outcome of reading all records.
  func result(by rules: [DynamoDBKeyRule]) -> InvalidationResult {
    var result = InvalidationResult()
    for (index, record) in records.enumerated() {
      do {
        result.invalidations += try record.invalidations(by: rules)
      } catch {
        result.note(error.inRecord(index, identifier: record.identifier))
      }
    }
    return result
  }
}

extension InvalidationEvent: DecodableByReading {
  private enum CodingKeys: String, CodingKey {
    case records = "Records"
  }

  /// Reads an event (AWS Lambda developer guide, *Using Lambda with Amazon SQS*, *… SNS*, *…
  /// DynamoDB*; EventBridge user guide, *Event structure reference*).
  ///
  /// - Throws: `DecodingError` if it is none of these events, or has more than 10,000 records.
  init(reading decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard container.contains(.records) else {
      let event = try JSONValue(from: decoder, as: EventShape.singleEvent)
      guard Self.isSingleEvent(event) else {
        throw DecodingError.dataCorrupted(
          DecodingError.Context(
            codingPath: decoder.codingPath,
            debugDescription: "an event that invalidates has one of \(Self.accepted)"))
      }
      self.init(singleEvent: event)
      return
    }
    var list = try container.nestedUnkeyedContainer(forKey: .records)
    var records: [JSONValue] = []
    while !list.isAtEnd {
      guard max(list.count ?? 0, records.count + 1) <= Self.maximumRecordCount else {
        throw DecodingError.dataCorruptedError(
          in: list,
          debugDescription:
            "Records has more than \(Self.maximumRecordCount) elements, which is the most "
            + "that Lambda sends")
      }
      records.append(try JSONValue(from: list.superDecoder(), as: EventShape.record))
    }
    self.init(records: records)
  }
}
