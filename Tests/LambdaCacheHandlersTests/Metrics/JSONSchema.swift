import Foundation

/// Any value of JSON.
enum JSONTree: Decodable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONTree])
  case object([String: JSONTree])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONTree].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONTree].self))
    }
  }

  init(json text: String) throws {
    self = try JSONDecoder().decode(JSONTree.self, from: Data(text.utf8))
  }

  subscript(name: String) -> JSONTree? {
    get { if case .object(let members) = self { members[name] } else { nil } }
    set {
      guard case .object(var members) = self else { return }
      members[name] = newValue
      self = .object(members)
    }
  }

  subscript(index: Int) -> JSONTree? {
    get {
      if case .array(let elements) = self, index < elements.count { elements[index] } else { nil }
    }
    set {
      guard case .array(var elements) = self, let newValue else { return }
      elements[index] = newValue
      self = .array(elements)
    }
  }

  var elements: [JSONTree] { if case .array(let elements) = self { elements } else { [] } }
  var text: String? { if case .string(let text) = self { text } else { nil } }
  var number: Double? { if case .number(let number) = self { number } else { nil } }
}

/// A schema that cannot be used to validate anything.
struct JSONSchemaError: Error, CustomStringConvertible {
  var path: String
  var reason: String

  var description: String { "schema at \(path): \(reason)" }
}

/// Validates values of JSON by as much of JSON Schema (draft 7) as a schema here needs.
///
/// A keyword that is not implemented is an error of the schema and not passed over: else a schema
/// could demand something that is not checked.
struct JSONSchema {
  let root: JSONTree

  /// The violations of a value, each with its path; empty if it is valid.
  func violations(of value: JSONTree) throws -> [String] {
    var found: [String] = []
    try check(value, by: root, path: "$", found: &found)
    return found
  }

  private func check(
    _ value: JSONTree, by schema: JSONTree, path: String, found: inout [String]
  ) throws {
    guard case .object(let keywords) = schema else {
      throw JSONSchemaError(path: path, reason: "not an object")
    }
    for (keyword, argument) in keywords.sorted(by: { $0.key < $1.key }) {
      let isFulfilled: Bool
      switch (keyword, argument) {
      case ("$schema", .string), ("$comment", .string): continue
      case ("type", .string(let type)):
        isFulfilled = try Self.has(value, type: type, path: path)
      case ("enum", .array(let accepted)): isFulfilled = accepted.contains(value)
      case ("pattern", .string(let pattern)):
        let regex = try Regex(pattern)
        isFulfilled = value.text.map { $0.firstMatch(of: regex) != nil } ?? true
      case ("minLength", .number(let count)):
        isFulfilled = value.text.map { Double($0.unicodeScalars.count) >= count } ?? true
      case ("maxLength", .number(let count)):
        isFulfilled = value.text.map { Double($0.unicodeScalars.count) <= count } ?? true
      case ("minimum", .number(let least)): isFulfilled = value.number.map { $0 >= least } ?? true
      case ("maximum", .number(let most)): isFulfilled = value.number.map { $0 <= most } ?? true
      case ("minItems", .number(let count)):
        if case .array(let all) = value {
          isFulfilled = Double(all.count) >= count
        } else {
          continue
        }
      case ("maxItems", .number(let count)):
        if case .array(let all) = value {
          isFulfilled = Double(all.count) <= count
        } else {
          continue
        }
      case ("uniqueItems", .bool(true)):
        isFulfilled = value.elements.indices.allSatisfy {
          value.elements.firstIndex(of: value.elements[$0]) == $0
        }
      case ("required", .array(let names)):
        guard case .object(let members) = value else { continue }
        isFulfilled = names.allSatisfy { $0.text.map { members[$0] != nil } ?? false }
      case ("items", .object):
        for (index, element) in value.elements.enumerated() {
          try check(element, by: argument, path: "\(path)[\(index)]", found: &found)
        }
        continue
      case ("properties", .object(let schemas)):
        for (name, schema) in schemas.sorted(by: { $0.key < $1.key }) {
          guard let member = value[name] else { continue }
          try check(member, by: schema, path: "\(path).\(name)", found: &found)
        }
        continue
      case ("additionalProperties", .bool(false)):
        guard case .object(let members) = value else { continue }
        isFulfilled = members.keys.allSatisfy { schema["properties"]?[$0] != nil }
      default:
        throw JSONSchemaError(
          path: path, reason: "keyword \(keyword) with \(argument) is not known")
      }
      if !isFulfilled { found.append("\(path): \(keyword)") }
    }
  }

  private static func has(_ value: JSONTree, type: String, path: String) throws -> Bool {
    switch (type, value) {
    case ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool),
      ("number", .number), ("null", .null):
      true
    case ("integer", .number(let number)): number == number.rounded()
    case ("object", _), ("array", _), ("string", _), ("boolean", _), ("number", _), ("null", _),
      ("integer", _):
      false
    default: throw JSONSchemaError(path: path, reason: "type \(type) is not known")
    }
  }
}
