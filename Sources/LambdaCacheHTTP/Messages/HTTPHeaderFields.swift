internal import LambdaCacheText

/// The header fields of a request or a response, in order; names are equal in upper and lower case.
///
/// A name may come several times, as `Set-Cookie` does.
public struct HTTPHeaderFields: Sendable, Hashable, Sequence, ExpressibleByDictionaryLiteral {
  struct Field: Sendable, Hashable {
    var name: String
    var value: String
  }

  /// The field lines.
  private(set) var lines: [Field]

  init(_ lines: [Field]) {
    self.lines = lines
  }

  /// Creates fields from names and values, in order.
  ///
  /// - Parameter elements: Names and values; a name may come several times.
  public init(dictionaryLiteral elements: (String, String)...) {
    lines = elements.map(Field.init)
  }

  /// Creates fields from a dictionary, in alphabetical order.
  ///
  /// - Parameter dictionary: Values by name.
  public init(_ dictionary: [String: String]) {
    lines = dictionary.sorted { $0.key < $1.key }.map { Field(name: $0.key, value: $0.value) }
  }

  /// Creates fields from a dictionary of lists, in alphabetical order.
  ///
  /// - Parameter dictionary: Lists of values by name.
  public init(_ dictionary: [String: [String]]) {
    lines = dictionary.sorted { $0.key < $1.key }
      .flatMap { name, values in values.map { Field(name: name, value: $0) } }
  }

  /// Creates an iterator over the field lines, in order.
  public func makeIterator() -> some IteratorProtocol<(name: String, value: String)> {
    lines.lazy.map { (name: $0.name, value: $0.value) }.makeIterator()
  }

  /// All values of a name, joined by `, `, or `nil` if there is none; setting replaces all of them,
  /// and `nil` removes them.
  ///
  /// - Parameter name: The name, in any case.
  public subscript(name: String) -> String? {
    get {
      var joined: String?
      for field in lines where field.name.equalsIgnoringCase(name) {
        joined = joined.map { $0 + ", " + field.value } ?? field.value
      }
      return joined
    }
    set {
      guard let newValue else { return removeAll(named: name) }
      let isNamed = { (field: Field) in field.name.equalsIgnoringCase(name) }
      guard let first = lines.firstIndex(where: isNamed) else {
        return lines.append(Field(name: name, value: newValue))
      }
      lines[first].value = newValue
      let rest = lines[(first + 1)...].filter { !isNamed($0) }
      lines.replaceSubrange((first + 1)..., with: rest)
    }
  }

  /// All values of a name, in order.
  ///
  /// - Parameter name: The name, in any case.
  /// - Returns: The values; none if no field has the name.
  public func values(named name: String) -> [String] {
    lines.filter { $0.name.equalsIgnoringCase(name) }.map(\.value)
  }

  /// Whether there is a field of a name.
  func contains(named name: String) -> Bool {
    lines.contains { $0.name.equalsIgnoringCase(name) }
  }

  /// Adds a field line at the end.
  ///
  /// - Parameters:
  ///   - name: The name.
  ///   - value: The value.
  public mutating func append(name: String, value: String) {
    lines.append(Field(name: name, value: value))
  }

  /// Removes all fields of a name.
  mutating func removeAll(named name: String) {
    lines.removeAll { $0.name.equalsIgnoringCase(name) }
  }

  /// Removes all fields that fulfil a condition.
  mutating func removeAll(where shouldRemove: (Field) -> Bool) {
    lines.removeAll(where: shouldRemove)
  }

  /// The same field lines in a buffer without unused capacity.
  var withoutUnusedCapacity: HTTPHeaderFields {
    HTTPHeaderFields(
      [Field](unsafeUninitializedCapacity: lines.count) { buffer, count in
        count = buffer.initialize(fromContentsOf: lines)
      })
  }
}
