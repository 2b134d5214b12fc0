import LambdaCache

/// Stored responses by target and variant.
///
/// A response that every request for its target may be given is stored under the target itself.
/// Any other is stored under a key of its own, made of the target, what the request's fields say,
/// and the user; then the target has a ``VariantIndex``. So the removal of one entry makes all that
/// is stored for a target unreachable, in one step.
struct ResponseStore: Sendable {
  let cache: Cache<String, StoredResponse>
  let policy: HTTPCachePolicy

  /// What of a request decides where its response is.
  struct Address: Sendable {
    let target: String
    /// The user, in a private cache.
    let user: String?
    let fields: HTTPHeaderFields
  }

  /// The outcome of a look-up.
  struct Finding {
    var record: ResponseRecord?
    /// Whether anything is stored for the target.
    var knowsTarget = false
    /// A key that only requests share which may be given the same response, as far as is known.
    var flightKey: String
  }

  /// Finds the response that a request selects, the latest if there are several.
  func find(_ address: Address) -> Finding {
    let isDirect = isDirect(address)
    let flightKey = isDirect ? address.target : variantKey(address, fields: [], generation: 0)
    guard let entry = cache.value(forKey: address.target) else {
      return Finding(flightKey: flightKey)
    }
    switch entry.content {
    case .response(let record):
      return Finding(record: isDirect ? record : nil, knowsTarget: true, flightKey: flightKey)
    case .index(let index):
      return find(address, in: index)
    }
  }

  private func find(_ address: Address, in index: VariantIndex) -> Finding {
    var flightKey: String?
    // A response without Vary selects itself for every request, even where a better one is stored;
    // those with Vary come first (RFC 9111, section 4.1).
    for fields in index.fieldSets.filter({ !$0.isEmpty }) + index.fieldSets.filter(\.isEmpty) {
      let key = variantKey(address, fields: fields, generation: index.generation)
      flightKey = flightKey ?? key
      if let entry = cache.value(forKey: key), case .response(let record) = entry.content {
        return Finding(record: record, knowsTarget: true, flightKey: key)
      }
    }
    return Finding(
      knowsTarget: true,
      flightKey: flightKey ?? variantKey(address, fields: [], generation: index.generation))
  }

  /// Stores a response.
  ///
  /// - Parameters:
  ///   - record: The response.
  ///   - address: Of the request that it was made for.
  ///   - timeToLive: How long the entry lives.
  /// - Returns: The key of the entry, and whether the cache took it.
  func insert(
    _ record: ResponseRecord, at address: Address, timeToLive: Duration
  ) -> (key: String, isStored: Bool) {
    let key = key(for: record, at: address)
    let outcome = cache.setValue(StoredResponse(record), forKey: key, timeToLive: timeToLive)
    return (key, outcome != .rejected)
  }

  private func key(for record: ResponseRecord, at address: Address) -> String {
    let fields = record.varyingFields
    let present = cache.peekValue(forKey: address.target)?.content
    if case .index(let index) = present {
      if index.fieldSets.first == fields {
        return variantKey(address, fields: fields, generation: index.generation)
      }
    } else if fields.isEmpty, isDirect(address) {
      return address.target
    }
    let generation = cache.updateValue(forKey: address.target) { entry in
      var index = VariantIndex(fieldSets: [], generation: .random(in: .min ... .max))
      if case .index(let present) = entry?.content { index = present }
      entry = StoredResponse(index.leading(with: fields))
      return index.generation
    }
    return variantKey(address, fields: fields, generation: generation)
  }

  /// Makes everything that is stored for a target unreachable.
  func removeAll(target: String) {
    cache.removeValue(forKey: target)
  }

  /// Whether a response without `Vary` is for every request for the target.
  private func isDirect(_ address: Address) -> Bool {
    address.user == nil && policy.key.decidingFields.isEmpty
  }

  /// The key of a variant.
  ///
  /// Every part has its length in front, so that no value can look like two.
  private func variantKey(_ address: Address, fields: [String], generation: UInt64) -> String {
    var key = address.target
    key += "\n"
    key += String(generation, radix: 36)
    append(address.user, to: &key)
    for name in policy.key.decidingFields + fields {
      append(Self.normalized(address.fields[name]), to: &key)
    }
    return key
  }

  private func append(_ part: String?, to key: inout String) {
    key += "\n"
    guard let part = part.map(PercentEncoding.distinct) else { return }
    key += String(part.utf8.count)
    key += ":"
    key += part
  }

  /// A field value without whitespace that means nothing: at its ends and around commas
  /// (RFC 9111, section 4.1).
  static func normalized(_ value: String?) -> String? {
    guard let value else { return nil }
    guard value.utf8.contains(where: ASCII.isWhitespace) else { return value }
    return value.split(byte: ASCII.comma)
      .map { $0.trimmingWhitespace }.joined(separator: ",")
  }
}

extension Substring {
  /// The text without spaces and tabs at its ends.
  fileprivate var trimmingWhitespace: Substring { String(self).trimmingWhitespace }
}
