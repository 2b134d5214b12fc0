internal import LambdaCacheText

/// Conversion of the parameters of an event into a query, and of a query into parameters.
struct QueryParameters {
  /// All values by name, in alphabetical order of names.
  private let parameters: [(name: String, values: [String])]
  /// Whether names and values are percent-encoded, as a load balancer leaves them.
  private let areEncoded: Bool

  /// - Parameters:
  ///   - lists: All values by name.
  ///   - values: The last value by name. One that is not in the lists counts too, because the
  ///     handler can read it.
  ///   - areEncoded: Whether names and values are percent-encoded.
  init(_ lists: [String: [String]]?, _ values: [String: String]?, areEncoded: Bool) {
    var merged = lists ?? [:]
    for (name, value) in values ?? [:] {
      let isKnown = merged[name]?.last.map { $0.utf8.elementsEqual(value.utf8) } ?? false
      if !isKnown { merged[name, default: []].append(value) }
    }
    parameters = merged.map { ($0.key, $0.value) }
      .sorted { Self.order(of: $0.name, areEncoded) < Self.order(of: $1.name, areEncoded) }
    self.areEncoded = areEncoded
  }

  /// The order of a name: by its canonical form, so that needless escapes do not change the order,
  /// and by its bytes among names with the same form.
  private static func order(of name: String, _ isEncoded: Bool) -> (String, String) {
    (isEncoded ? PercentEncoding.canonical(name, .query) : name, name)
  }

  /// The query; `nil` if there are no parameters.
  var query: String? {
    if parameters.isEmpty { return nil }
    var query = ""
    for (name, values) in parameters {
      for value in values {
        if !query.isEmpty { query += "&" }
        query += areEncoded ? name : PercentEncoding.encodedParameter(name)
        query += "="
        query += areEncoded ? value : PercentEncoding.encodedParameter(value)
      }
    }
    return query
  }

  /// Whether other parameters make the same query: encoded parameters of a load balancer contain no
  /// separators, but those of an event may.
  var isAmbiguous: Bool {
    areEncoded
      && parameters.contains { name, values in
        name.utf8.contains { $0 == ASCII.ampersand || $0 == ASCII.equals }
          || values.contains { $0.utf8.contains(ASCII.ampersand) }
      }
  }

  /// Appends all names and values, so that no others make the same text.
  func append(to text: inout KeyText) {
    for (name, values) in parameters {
      text.append(name)
      text.append(list: values)
    }
  }

  /// The values by name that a query has.
  ///
  /// - Parameters:
  ///   - query: The query.
  ///   - areEncoded: Whether names and values stay percent-encoded.
  ///   - plusIsSpace: Whether a plus sign stands for a space where they do not.
  static func lists(
    of query: String, areEncoded: Bool, plusIsSpace: Bool = false
  ) -> [String: [String]] {
    var lists: [String: [String]] = [:]
    for part in query.split(byte: ASCII.ampersand) where !part.isEmpty {
      let name = part.prefix(upToByte: ASCII.equals)
      let value = Substring(part.utf8.dropFirst(name.utf8.count + 1))
      if areEncoded {
        lists[String(name), default: []].append(String(value))
      } else {
        lists[PercentEncoding.decoded(name, plusIsSpace: plusIsSpace), default: []]
          .append(PercentEncoding.decoded(value, plusIsSpace: plusIsSpace))
      }
    }
    return lists
  }
}
