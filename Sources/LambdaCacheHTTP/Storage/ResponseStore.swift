import LambdaCache

/// Stored responses by target and variant.
///
/// A response that every request for its target may be given is stored under the target itself.
/// Any other is stored under a key of its own, made of the target, its spelling, what the request's
/// fields say, and the user; then the target has a ``VariantIndex``. So the removal of one entry
/// makes all that is stored for a target unreachable, in one step.
struct ResponseStore: Sendable {
  let cache: Cache<String, StoredResponse>
  let policy: HTTPCachePolicy

  /// What of a request decides where its response is.
  struct Address: Sendable {
    let target: String
    /// What the handler sees beside the target; a response is only for requests with the same.
    let particulars: String?
    /// How the target is spelled, if not as in its key.
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
    /// A key that only requests share which may be given the same response, as far as is known.
    var flightKey: String
  }

  // MARK: Finding

  /// Finds the response that a request selects, the best if there are several.
  ///
  /// - Parameters:
  ///   - address: Of the request.
  ///   - now: The time, which decides what is fresh.
  func find(_ address: Address, at now: HTTPCacheClock.Reading) -> Finding {
    let isDirect = isDirect(address)
    let flightKey = isDirect ? address.target : variantKey(address, fields: [], generation: 0)
    guard let entry = cache.value(forKey: address.target) else {
      return Finding(flightKey: flightKey)
    }
    switch entry.content {
    case .response(let record):
      let isSelected = isDirect && Self.isFound(record, by: address)
      return Finding(record: isSelected ? record : nil, knowsTarget: true, flightKey: flightKey)
    case .index(let index):
      return find(address, in: index, at: now)
    }
  }

  private func find(
    _ address: Address, in index: VariantIndex, at now: HTTPCacheClock.Reading
  ) -> Finding {
    let keys = self.keys(of: address, in: index)
    // Only the one that is used counts as used.
    if let key = keys.count == 1 ? keys[0] : bestKey(among: keys, for: address, at: now),
      case .response(let record)? = cache.value(forKey: key)?.content,
      Self.isFound(record, by: address)
    {
      return Finding(record: record, knowsTarget: true, flightKey: key)
    }
    return Finding(
      knowsTarget: true,
      flightKey: keys.first ?? variantKey(address, fields: [], generation: index.generation))
  }

  /// Whether a request gets a response that is stored where it looks.
  private static func isFound(_ record: ResponseRecord, by address: Address) -> Bool {
    record.isReleased && address.agrees(with: record)
  }

  /// The key of the best of several responses; `nil` if there is none.
  private func bestKey(
    among keys: [String], for address: Address, at now: HTTPCacheClock.Reading
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

  /// Which of two responses a request gets that selects both (RFC 9111, sections 4 and 4.1).
  ///
  /// One that need not be asked about comes first. Among those, a response without `Vary` selects
  /// itself for every request even where a better one is stored, and comes last; else the latest
  /// counts, by its `Date`, or by when it came.
  private static func isPreferred(
    _ first: ResponseRecord, over second: ResponseRecord, at now: HTTPCacheClock.Reading
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
  ///   - timeToLive: How long the entry lives.
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

  /// Removes all responses that a request selects, because a later one has come that is not kept.
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

  /// Makes everything that is stored for a target unreachable.
  func removeAll(target: String) {
    cache.removeValue(forKey: target)
  }

  // MARK: The index

  /// The index that a response is found by; `nil` for one that is stored under its target.
  private func index(
    for record: ResponseRecord, at address: Address, timeToLive: Duration
  ) -> VariantIndex? {
    let fields = record.varyingFields
    // An entry that ended before what it was kept for would make that unreachable.
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
        // What was stored under the target is another response now.
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

  /// Stores what is stored under a target once more, under a key that nobody looks for yet: a
  /// request in another spelling supersedes nothing of it.
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

  /// Puts an index in the place of what is stored under a target, or changes the one that is there.
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
  /// Others may be doing the same: whoever sets the time last finds the latest end afterwards.
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
    address.user == nil && address.spelling == nil && policy.key.decidingFields.isEmpty
  }

  /// The key of a variant: what the fields say, with their names, because the values that one set
  /// of fields has for a request may be those that another set has for a different one.
  private func variantKey(_ address: Address, fields: [String], generation: UInt64) -> String {
    var key = KeyText(address.target + "\n" + String(generation, radix: 36))
    key.append(address.user)
    key.append(address.spelling)
    for name in policy.key.decidingFields.map(\.lowercasedASCII) + fields {
      key.append(name)
      key.append(SelectingField.value(of: name, in: address.fields))
    }
    return key.text
  }
}
