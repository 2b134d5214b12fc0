/// The header fields of a request or a response, in order; names are equal in upper and lower case.
///
/// A name may come several times, as `Set-Cookie` does.
public struct HTTPHeaderFields: Sendable, Hashable, RandomAccessCollection,
  ExpressibleByDictionaryLiteral
{
  /// One field line.
  public struct Field: Sendable, Hashable {
    /// The name, as it was given.
    public var name: String
    /// The value.
    public var value: String

    /// Creates a field.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - value: The value.
    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  private var fields: [Field]

  /// Creates fields.
  ///
  /// - Parameter fields: The field lines, in order.
  public init(_ fields: [Field] = []) {
    self.fields = fields
  }

  /// Creates fields from names and values, in order.
  ///
  /// - Parameter elements: Names and values; a name may come several times.
  public init(dictionaryLiteral elements: (String, String)...) {
    fields = elements.map(Field.init)
  }

  /// Creates fields from a dictionary, in alphabetical order.
  ///
  /// - Parameter dictionary: Values by name.
  public init(_ dictionary: [String: String]) {
    fields = dictionary.sorted { $0.key < $1.key }.map { Field(name: $0.key, value: $0.value) }
  }

  /// Creates fields from a dictionary of lists, in alphabetical order.
  ///
  /// - Parameter dictionary: Lists of values by name.
  public init(_ dictionary: [String: [String]]) {
    fields = dictionary.sorted { $0.key < $1.key }
      .flatMap { name, values in values.map { Field(name: name, value: $0) } }
  }

  /// The position of the first field line, 0.
  public var startIndex: Int { 0 }

  /// The number of field lines.
  public var endIndex: Int { fields.count }

  /// One field line.
  ///
  /// - Parameter position: Its position, below ``endIndex``.
  public subscript(position: Int) -> Field { fields[position] }

  /// All values of a name, joined by `, `, or `nil` if there is none; setting replaces all of them,
  /// and `nil` removes them.
  ///
  /// - Parameter name: The name, in any case.
  public subscript(name: String) -> String? {
    get {
      var joined: String?
      for field in fields where field.name.equalsIgnoringCase(name) {
        joined = joined.map { $0 + ", " + field.value } ?? field.value
      }
      return joined
    }
    set {
      guard let newValue else { return removeAll(named: name) }
      let isNamed = { (field: Field) in field.name.equalsIgnoringCase(name) }
      guard let first = fields.firstIndex(where: isNamed) else {
        return fields.append(Field(name: name, value: newValue))
      }
      fields[first].value = newValue
      let rest = fields[(first + 1)...].filter { !isNamed($0) }
      fields.replaceSubrange((first + 1)..., with: rest)
    }
  }

  /// All values of a name, in order.
  ///
  /// - Parameter name: The name, in any case.
  /// - Returns: The values; none if no field has the name.
  public func values(named name: String) -> [String] {
    fields.filter { $0.name.equalsIgnoringCase(name) }.map(\.value)
  }

  /// Whether there is a field of a name.
  ///
  /// - Parameter name: The name, in any case.
  public func contains(named name: String) -> Bool {
    fields.contains { $0.name.equalsIgnoringCase(name) }
  }

  /// Adds a field line at the end.
  ///
  /// - Parameters:
  ///   - name: The name.
  ///   - value: The value.
  public mutating func append(name: String, value: String) {
    fields.append(Field(name: name, value: value))
  }

  /// Removes all fields of a name.
  ///
  /// - Parameter name: The name, in any case.
  public mutating func removeAll(named name: String) {
    fields.removeAll { $0.name.equalsIgnoringCase(name) }
  }

  /// Removes all fields that fulfil a condition.
  mutating func removeAll(where shouldRemove: (Field) -> Bool) {
    fields.removeAll(where: shouldRemove)
  }

  /// Makes room for one more field line.
  mutating func reserveOneMore() {
    fields.reserveCapacity(fields.count + 1)
  }

  /// The same field lines in a buffer that has no room for more.
  var withoutUnusedCapacity: HTTPHeaderFields {
    HTTPHeaderFields(
      [Field](unsafeUninitializedCapacity: fields.count) { buffer, count in
        count = buffer.initialize(fromContentsOf: fields)
      })
  }

  /// The field lines.
  var lines: [Field] { fields }
}
