internal import LambdaCache
internal import LambdaCacheText

/// A rule by which items of a DynamoDB table name entries of caches.
///
/// ```swift
/// let rules = [
///   // The key of user 42 is "42", and that of an order "42/2026-11-23".
///   DynamoDBKeyRule(table: "users", attributes: ["id"]),
///   DynamoDBKeyRule(table: "orders", attributes: ["user", "day"], separator: "/"),
///   DynamoDBKeyRule(table: "prices", attributes: ["shop"]) { .tag("shop \($0)") },
/// ]
/// ```
///
/// Attributes of the table's primary key are in every record of a stream. Others are in its images:
/// where an item changes, the entries named by its old and by its new attributes are invalid, so
/// that the stream's view type must be
/// `NEW_AND_OLD_IMAGES`. An item that lacks an attribute, or has `NULL` there, names nothing.
public struct DynamoDBKeyRule: Sendable {
  private let table: String?
  private let attributes: [String]
  private let separator: String
  private let invalidation: @Sendable (String) -> CacheInvalidation

  /// Creates a rule.
  ///
  /// - Parameters:
  ///   - table: The name of the table; `nil` for every table.
  ///   - attributes: The names of at least one attribute. Attributes are strings, numbers or binary
  ///     (in Base64), and are joined in this order.
  ///   - separator: The text between two attributes.
  ///   - invalidation: The entries that the joined attributes make invalid; by default the one that
  ///     has them as its key.
  public init(
    table: String? = nil, attributes: [String], separator: String = "#",
    invalidation: @escaping @Sendable (String) -> CacheInvalidation = { .key($0) }
  ) {
    requireArgument(!attributes.isEmpty, "a rule for DynamoDB names no attribute")
    self.table = table
    self.attributes = attributes
    self.separator = separator
    self.invalidation = invalidation
  }
}

extension DynamoDBKeyRule {
  /// The rules for the table of a record.
  static func rules(
    _ rules: [DynamoDBKeyRule], for record: JSONValue
  ) throws(InvalidationFault) -> [DynamoDBKeyRule] {
    if !rules.isEmpty, rules.allSatisfy({ $0.table == nil }) { return rules }
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

  /// The entries that a record of a stream makes invalid.
  func invalidations(in record: JSONValue) throws(InvalidationFault) -> [CacheInvalidation] {
    guard case .object(let keys)? = record.member(at: ["dynamodb", "Keys"]) else {
      throw InvalidationFault(path: "dynamodb.Keys", problem: .missing(accepted: "an object"))
    }
    if attributes.allSatisfy({ keys[$0] != nil }) {
      return try name(in: keys, path: "dynamodb.Keys").map { [invalidation($0)] } ?? []
    }
    var names: [String] = []
    for image in try DynamoDBKeyRule.images(of: record) {
      let path = "dynamodb.\(image)"
      guard case .object(let item)? = record.member(at: ["dynamodb", image]) else {
        throw InvalidationFault(
          path: path,
          problem: .missing(accepted: "an object; the stream's view type: NEW_AND_OLD_IMAGES"))
      }
      if let name = try name(in: item, path: path), !names.contains(name) { names.append(name) }
    }
    return names.map(invalidation)
  }

  /// The images that a change has.
  private static func images(of record: JSONValue) throws(InvalidationFault) -> [String] {
    switch try record.text(at: ["eventName"]) {
    case "INSERT": ["NewImage"]
    case "MODIFY": ["OldImage", "NewImage"]
    case "REMOVE": ["OldImage"]
    case let name:
      throw InvalidationFault(
        path: "eventName",
        problem: .mismatch(
          found: name.debugDescription, accepted: "\"INSERT\", \"MODIFY\" or \"REMOVE\""))
    }
  }

  /// The attributes of an item joined, or `nil` if it lacks one.
  private func name(
    in item: [String: JSONValue], path: String
  ) throws(InvalidationFault) -> String? {
    var parts: [String] = []
    for attribute in attributes {
      guard let value = item[attribute], value["NULL"] == nil else { return nil }
      guard let text = (value["S"] ?? value["N"] ?? value["B"])?.string else {
        let found =
          if case .object(let types) = value { "of type \(types.keys.sorted())" } else {
            value.kind
          }
        throw InvalidationFault(
          path: path / attribute,
          problem: .mismatch(found: found, accepted: "an attribute of type S, N or B"))
      }
      parts.append(text)
    }
    return parts.joined(separator: separator)
  }
}
