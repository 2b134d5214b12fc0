/// A batch of changes from a stream of Amazon DynamoDB.
///
/// ```swift
/// let rule = DynamoDBKeyRule(table: "users", attributes: ["id"]) { .key("user#\($0)") }
/// let runtime = LambdaRuntime { (event: DynamoDBInvalidationEvent, context: LambdaContext) in
///   event.invalidations(by: rule).apply(to: profiles)
/// }
/// ```
///
/// A record that can never be read keeps its shard waiting until the record is too old: give the
/// event source mapping a largest number of retries.
public struct DynamoDBInvalidationEvent: Decodable, Sendable {
  private let records: EventRecords

  /// Reads an event (AWS Lambda developer guide, *Using Lambda with Amazon DynamoDB*).
  ///
  /// - Parameter decoder: Where to read.
  /// - Throws: `DecodingError` if there is no list of records, or one of more than 10,000. A record
  ///   that cannot be read is no error here, but in its outcome.
  public init(from decoder: any Decoder) throws {
    records = try EventRecords(from: decoder, as: .streamRecord)
  }

  /// Reads what the changes make invalid.
  ///
  /// - Parameter rules: How entries are named. All rules for a record's table apply; a record of a
  ///   table without one is an error, for it is one of the function's settings.
  /// - Returns: What each record asks for.
  public func invalidations(by rules: DynamoDBKeyRule...) -> InvalidationBatch {
    records.batch(identifiedBy: ["dynamodb", "SequenceNumber"]) {
      record throws(InvalidationFault) in
      let rules = try DynamoDBInvalidationEvent.rules(rules, for: record)
      var invalidations: [CacheInvalidation] = []
      for rule in rules { invalidations += try rule.invalidations(in: record) }
      return invalidations
    }
  }

  private static func rules(
    _ rules: [DynamoDBKeyRule], for record: JSONValue
  ) throws(InvalidationFault) -> [DynamoDBKeyRule] {
    let forAll = rules.filter { $0.table == nil }
    if forAll.count == rules.count, !rules.isEmpty { return rules }
    let resource = try record.text(at: ["eventSourceARN"])
    // arn:partition:dynamodb:region:account:table/NAME/stream/TIME
    let parts = resource.split(separator: "/")
    let table = parts.count > 1 && parts[0].hasSuffix(":table") ? String(parts[1]) : nil
    let matching = rules.filter { $0.table == nil || $0.table == table }
    guard !matching.isEmpty else {
      throw InvalidationFault(
        path: "eventSourceARN",
        problem: .mismatch(
          found: resource.debugDescription,
          accepted: "the stream of a table with a rule: \(rules.compactMap(\.table))"))
    }
    return matching
  }
}
