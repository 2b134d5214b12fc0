internal import LambdaCache

/// How entries of caches are named by items of a DynamoDB table.
///
/// ```swift
/// DynamoDBKeyRule(table: "users", attributes: ["id"])                          // 42
/// DynamoDBKeyRule(table: "orders", attributes: ["user", "day"], separator: "/")  // 42/2026-11-23
/// DynamoDBKeyRule(table: "prices", attributes: ["shop"]) { .tag("shop \($0)") }
/// ```
///
/// Attributes of the table's primary key are in every record of a stream. Others are in its images:
/// where an item changes, what its old and its new attributes name is invalid, so that the stream's
/// view type must be `NEW_AND_OLD_IMAGES`. An item that lacks an attribute, or has `NULL` there,
/// names nothing.
public struct DynamoDBKeyRule: Sendable {
  /// The table; `nil` for every table.
  public var table: String?
  /// The attributes, which are strings, numbers or binary (in Base64), in the order they are
  /// joined.
  public var attributes: [String]
  /// What is put between two attributes.
  public var separator: String
  /// What the joined attributes make invalid.
  public var invalidation: @Sendable (String) -> CacheInvalidation

  /// Creates a rule.
  ///
  /// - Parameters:
  ///   - table: The name of the table; `nil` for every table.
  ///   - attributes: The names of at least one attribute.
  ///   - separator: What is put between two attributes.
  ///   - invalidation: What the joined attributes make invalid; the key that they are if left out.
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
  /// Reads what a record of a stream makes invalid.
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
