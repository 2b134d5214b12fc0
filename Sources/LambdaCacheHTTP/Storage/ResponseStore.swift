internal import LambdaCache
internal import LambdaCacheText

/// Stored responses by target and variant.
///
/// A response that may be given to every request for its target is stored under the target itself.
/// Any other is stored under a key of its own, made of the target, its spelling, the values of the
/// selecting fields and the user; then the target has a ``VariantIndex``. So the removal of one
/// entry makes all responses for a target unreachable, in one step.
struct ResponseStore: Sendable {
  let cache: Cache<String, StoredResponse>
  let policy: HTTPCachePolicy

  /// The properties of a request that decide the key of its response.
  struct Address: Sendable {
    let target: String
    /// The properties that the handler sees beside the target; a response is only for requests with
    /// the same.
    let particulars: String?
    /// The spelling of the target, if it differs from that of its key.
    let spelling: String?
    /// The user, in a private cache.
    let user: String?
    let fields: HTTPHeaderFields

    /// Whether a response was made for a request with the same particulars.
    fileprivate func agrees(with record: ResponseRecord) -> Bool {
      switch (particulars, record.particulars) {
      case (nil, nil): true
      case (let own?, let other?): own.utf8.elementsEqual(other.utf8)
      default: false
      }
    }

    /// Whether a response that was made for another request for the target, under the same user and
    /// spelling, may be given to this one.
    func selects(_ record: ResponseRecord, madeFor other: HTTPHeaderFields) -> Bool {
      agrees(with: record)
        && record.varyingFields.allSatisfy { SelectingField.agree(on: $0, fields, other) }
    }
  }

  /// The outcome of a look-up.
  struct Finding {
    var record: ResponseRecord?
    /// Whether anything is stored for the target.
    var knowsTarget = false
    /// A key that only requests share that may be given the same response, as far as is known.
    var callKey: String
  }

  // MARK: Finding

  /// Finds the response that a request selects, the best if there are several.
  ///
  /// - Parameters:
  ///   - address: Of the request.
  ///   - now: The time, which decides what is fresh.
  func find(_ address: Address, at now: HTTPClock.Reading) -> Finding {
    let isDirect = isDirect(address)
    let callKey = isDirect ? address.target : variantKey(address, fields: [], generation: 0)
    guard let entry = cache.value(forKey: address.target) else {
      return Finding(callKey: callKey)
    }
    switch entry.content {
    case .response(let record):
      let isSelected = isDirect && Self.isFound(record, by: address)
      return Finding(record: isSelected ? record : nil, knowsTarget: true, callKey: callKey)
    case .index(let index):
      return find(address, in: index, at: now)
    }
  }

  private func find(
    _ address: Address, in index: VariantIndex, at now: HTTPClock.Reading
  ) -> Finding {
    let keys = self.keys(of: address, in: index)
    // Only the one that is used counts as used.
    if let key = keys.count == 1 ? keys[0] : bestKey(among: keys, for: address, at: now),
      case .response(let record)? = cache.value(forKey: key)?.content,
      Self.isFound(record, by: address)
    {
      return Finding(record: record, knowsTarget: true, callKey: key)
    }
    return Finding(
      knowsTarget: true,
      callKey: keys.first ?? variantKey(address, fields: [], generation: index.generation))
  }

  /// Whether a request gets the response that is stored under its key.
  private static func isFound(_ record: ResponseRecord, by address: Address) -> Bool {
    record.isReleased && address.agrees(with: record)
  }

  /// The key of the best of several responses; `nil` if there is none.
  private func bestKey(
    among keys: [String], for address: Address, at now: HTTPClock.Reading
  ) -> String? {
    var best: (record: ResponseRecord, key: String)?
    for key in keys {
      guard case .response(let record)? = cache.peekValue(forKey: key)?.content,
        Self.isFound(record, by: address),
        best.map({ Self.isPreferred(record, over: $0.record, at: now) }) ?? true
      else { continue }
      best = (record, key)
    }
    return best?.key
  }

  /// The key of each response that a request may select, those with `Vary` first.
  private func keys(of address: Address, in index: VariantIndex) -> [String] {
    (index.fieldSets.filter { !$0.isEmpty } + index.fieldSets.filter(\.isEmpty))
      .map { variantKey(address, fields: $0, generation: index.generation) }
  }

  /// Whether the first of two responses is the one for a request that selects both (RFC 9111,
  /// sections 4 and 4.1).
  ///
  /// A response that need not be validated comes first. Among those, a response without `Vary` is
  /// selected by every request even where a better one is stored, and comes last; otherwise the
  /// latest comes first, by its `Date`, or by its arrival.
  private static func isPreferred(
    _ first: ResponseRecord, over second: ResponseRecord, at now: HTTPClock.Reading
  ) -> Bool {
    let isFresh = first.isFresh(at: now)
    if isFresh != second.isFresh(at: now) { return isFresh }
    if isFresh, first.varyingFields.isEmpty != second.varyingFields.isEmpty {
      return second.varyingFields.isEmpty
    }
    return (first.date, first.arrival) > (second.date, second.arrival)
  }

  // MARK: Keeping

  /// Stores a response, in place of all that its request selected before; it is found as soon as it
  /// is released.
  ///
  /// - Parameters:
  ///   - record: The response.
  ///   - address: Of the request that it was made for.
  ///   - timeToLive: The time to live of the entry.
  /// - Returns: The key of the entry, and whether the cache took it.
  func insert(
    _ record: ResponseRecord, at address: Address, timeToLive: Duration
  ) -> (key: String, isStored: Bool) {
    let index = self.index(for: record, at: address, timeToLive: timeToLive)
    let key =
      index.map {
        variantKey(address, fields: record.varyingFields, generation: $0.generation)
      } ?? address.target
    let outcome = cache.setValue(StoredResponse(record), forKey: key, timeToLive: timeToLive)
    if let index {
      for other in keys(of: address, in: index) where other != key {
        removeResponse(forKey: other, agreeingWith: address)
      }
    }
    return (key, outcome != .rejected)
  }

  /// Removes all responses that a request selects, because a later one is not stored.
  func removeSelected(by address: Address) {
    guard let entry = cache.peekValue(forKey: address.target) else { return }
    guard case .index(let index) = entry.content else {
      if isDirect(address) { removeResponse(forKey: address.target, agreeingWith: address) }
      return
    }
    for key in keys(of: address, in: index) {
      removeResponse(forKey: key, agreeingWith: address)
    }
  }

  /// Removes a response if it is still stored.
  func remove(_ record: ResponseRecord, forKey key: String) {
    cache.removeValue(forKey: key) { entry in
      guard case .response(let present) = entry.content else { return false }
      return present === record
    }
  }

  private func removeResponse(forKey key: String, agreeingWith address: Address) {
    cache.removeValue(forKey: key) { entry in
      guard case .response(let record) = entry.content else { return false }
      return address.agrees(with: record)
    }
  }

  /// Makes all responses for a target unreachable.
  func removeAll(target: String) {
    cache.removeValue(forKey: target)
  }

  // MARK: The index

  /// The index that a response is found by; `nil` for one that is stored under its target.
  private func index(
    for record: ResponseRecord, at address: Address, timeToLive: Duration
  ) -> VariantIndex? {
    let fields = record.varyingFields
    // An index that ended before its responses would make them unreachable.
    let end = record.arrival + timeToLive.wholeMilliseconds + 1000
    if let present = self.index(of: address.target) {
      if present.fieldSets.first == fields {
        if present.end < end { keepIndex(of: address.target, until: end, now: record.arrival) }
        return present
      }
    } else if fields.isEmpty, isDirect(address) {
      return nil
    }
    while true {
      let moved =
        address.spelling == nil ? nil : copyDirect(of: address.target, now: record.arrival)
      do throws(Overtaken) {
        let index = try publishIndex(
          of: address.target, leading: fields, end: end, moved: moved,
          keepsDirect: address.spelling != nil)
        let isMoved = index.generation == moved?.generation
        if let moved, !isMoved { cache.removeValue(forKey: moved.key) }
        let latest = max(end, isMoved ? moved?.end ?? end : end)
        keepIndex(of: address.target, until: latest, now: record.arrival)
        return index
      } catch {
        // Another response is stored under the target now.
      }
    }
  }

  /// A response that was stored under its target, and where an index finds it.
  private struct Moved {
    let record: ResponseRecord
    let generation: UInt64
    let key: String
    let end: Int64
  }

  private struct Overtaken: Error {}

  /// Stores a copy of the response under a target, under a key that no request uses yet: a request
  /// in another spelling does not supersede it.
  private func copyDirect(of target: String, now: Int64) -> Moved? {
    guard case .response(let direct)? = cache.peekValue(forKey: target)?.content else { return nil }
    let rest = max(
      direct.timeToLive(policy: policy) - .milliseconds(now - direct.arrival), .milliseconds(1))
    let generation = UInt64.random(in: .min ... .max)
    let usual = Address(target: target, particulars: nil, spelling: nil, user: nil, fields: [:])
    let key = variantKey(usual, fields: direct.varyingFields, generation: generation)
    cache.setValue(StoredResponse(direct), forKey: key, timeToLive: rest)
    return Moved(
      record: direct, generation: generation, key: key, end: now + rest.wholeMilliseconds + 1000)
  }

  /// Puts an index in the place of the entry under a target, or changes the index that is there.
  ///
  /// - Parameter keepsDirect: Whether a response that is stored under the target stays, as the one
  ///   that was moved.
  /// - Throws: ``Overtaken`` if it is another than that.
  private func publishIndex(
    of target: String, leading fields: [String], end: Int64, moved: Moved?, keepsDirect: Bool
  ) throws(Overtaken) -> VariantIndex {
    try cache.updateValue(forKey: target) { entry throws(Overtaken) in
      var index = VariantIndex(fieldSets: [], generation: .random(in: .min ... .max), end: end)
      switch entry?.content {
      case .index(let present)?: index = present
      case .response(let present)? where keepsDirect:
        guard let moved, moved.record === present else { throw Overtaken() }
        index = VariantIndex(
          fieldSets: [present.varyingFields], generation: moved.generation, end: end)
      case .response, nil: break
      }
      index = index.leading(with: fields)
      entry = StoredResponse(index)
      return index
    }
  }

  private func index(of target: String) -> VariantIndex? {
    guard case .index(let index)? = cache.peekValue(forKey: target)?.content else { return nil }
    return index
  }

  /// Has the index of a target live as long as the longest of its responses.
  ///
  /// Several threads may do the same: the last one to set the time finds the latest end afterwards.
  private func keepIndex(of target: String, until end: Int64, now: Int64) {
    while let index = self.index(of: target) {
      let wanted = index.extend(to: end)
      cache.setTimeToLive(.milliseconds(wanted - now), forKey: target)
      if self.index(of: target) === index, index.end == wanted { return }
    }
  }

  // MARK: Keys

  /// Whether a response without `Vary` is for every request for the target.
  private func isDirect(_ address: Address) -> Bool {
    address.user == nil && address.spelling == nil && policy.decidingFields.isEmpty
  }

  /// The key of a variant: the values of the fields with their names, because one set of fields may
  /// have the same values for one request as another set for a different one.
  private func variantKey(_ address: Address, fields: [String], generation: UInt64) -> String {
    var key = KeyText(address.target + "\n" + String(generation, radix: 36))
    key.append(address.user)
    key.append(address.spelling)
    for name in policy.decidingFields.map(\.lowercasedASCII) + fields {
      key.append(name)
      key.append(SelectingField.value(of: name, in: address.fields))
    }
    return key.text
  }
}
