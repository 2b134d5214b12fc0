public import LambdaCache
import Synchronization

/// The value of an entry of an ``HTTPResponseCache``: a response, or the fields by which the
/// responses to one target vary.
public struct StoredResponse: Sendable, HeapSized {
  enum Content: Sendable {
    case response(ResponseRecord)
    case index(VariantIndex)
  }

  let content: Content

  init(_ response: ResponseRecord) { content = .response(response) }

  init(_ index: VariantIndex) { content = .index(index) }

  /// The response; `nil` for an entry that only distinguishes variants.
  var response: HTTPResponseParts? {
    switch content {
    case .response(let record): record.response
    case .index: nil
    }
  }

  /// The object behind the entry, with the fields, the body and the names that belong to it.
  ///
  /// - Complexity: O(*n*) in the number of fields.
  public var heapByteCount: Int {
    switch content {
    case .response(let record): record.heapByteCount
    case .index(let index): index.heapByteCount
    }
  }
}

/// A stored response with the properties that its age and its use depend on.
final class ResponseRecord: Sendable {
  /// The response without the fields that are not stored; it has a `Date` and no `Age`.
  let response: HTTPResponseParts
  /// Its `ETag`.
  let entityTag: EntityTag?
  /// Its `Last-Modified`, or its `Date`, in seconds.
  let lastModified: Int64
  /// Its `Date`, in seconds.
  let date: Int64
  /// Names of the request fields that select it, in alphabetical order.
  let varyingFields: [String]
  /// The properties of the target that the handler saw beside its key.
  let particulars: String?
  let traits: ResponseTraits
  /// Milliseconds; see ``Storability``.
  let lifetime: Int64
  let staleWhileRevalidate: Int64
  let staleIfError: Int64
  /// Its age on arrival, in milliseconds.
  let initialAge: Int64
  /// The time of its arrival, by ``HTTPClock/Reading/steady``.
  let arrival: Int64
  private let wasServedStale = Atomic<Bool>(false)
  private let wasReleased = Atomic<Bool>(false)

  init(
    response: HTTPResponseParts, entityTag: EntityTag?, lastModified: Int64, date: Int64,
    varyingFields: [String], particulars: String?, storability: Storability,
    traits: ResponseTraits, initialAge: Int64, arrival: Int64
  ) {
    self.response = response
    self.entityTag = entityTag
    self.lastModified = lastModified
    self.date = date
    self.varyingFields = varyingFields
    self.particulars = particulars
    self.traits = traits
    lifetime = storability.lifetime
    staleWhileRevalidate = storability.staleWhileRevalidate
    staleIfError = storability.staleIfError
    self.initialAge = initialAge
    self.arrival = arrival
  }

  /// The age in milliseconds (RFC 9111, section 4.2.3).
  func age(at now: HTTPClock.Reading) -> Int64 { initialAge + max(0, now.steady - arrival) }

  /// Whether it may be served without asking the handler, by its own directives.
  func isFresh(at now: HTTPClock.Reading) -> Bool {
    !traits.contains(.noCache) && lifetime > age(at: now)
  }

  /// Notes that the response is served although it is stale.
  ///
  /// - Returns: Whether it had been before.
  func noteStaleUse() -> Bool { wasServedStale.exchange(true, ordering: .relaxed) }

  /// Whether it may be served: not before it is certain that its target was not invalidated until
  /// it was stored.
  var isReleased: Bool { wasReleased.load(ordering: .acquiring) }

  /// Lets it be served from now on.
  func release() { wasReleased.store(true, ordering: .releasing) }

  /// The fields that make the handler answer 304 if nothing has changed.
  var validators: [(name: String, value: String)] {
    guard traits.contains(.canValidate) else { return [] }
    var validators: [(name: String, value: String)] = []
    if let entityTag, !traits.contains(.hasOwnTag) {
      validators.append(("if-none-match", entityTag.text))
    }
    if let lastModified = response.fields["last-modified"] {
      validators.append(("if-modified-since", lastModified))
    }
    return validators
  }

  /// The time to live of the entry: as long as it may be of use; zero or less if it is of none.
  func timeToLive(policy: HTTPCachePolicy) -> Duration {
    let rest = traits.contains(.noCache) ? 0 : lifetime - initialAge
    var useful =
      traits.contains(.noCache) ? 0 : rest + max(staleWhileRevalidate, staleIfError)
    if traits.contains(.canValidate) {
      let window = min(policy.revalidationWindow.wholeMilliseconds, Self.longestWindow)
      useful = max(useful, max(rest, 0) + window)
    }
    return .milliseconds(useful)
  }

  /// The longest time that a directive can give.
  private static var longestWindow: Int64 { Int64(DirectiveSeconds.largest) * 1000 }

  var heapByteCount: Int {
    let object = Allocator.allocationByteCount(forRequest: Self.instanceByteCount)
    return object &+ response.heapByteCount &+ (entityTag?.opaque.heapByteCount ?? 0)
      &+ varyingFields.heapByteCount &+ (particulars?.heapByteCount ?? 0)
  }

  /// The object's header of two words and its properties, in the order of their declaration.
  private static let instanceByteCount =
    16
    + MemoryLayout<
      (
        HTTPResponseParts, EntityTag?, Int64, Int64, [String], String?, ResponseTraits, Int64,
        Int64, Int64, Int64, Int64, Bool
      )
    >.size
}

/// The request fields by which the stored responses to a target vary.
final class VariantIndex: Sendable {
  /// Sets of field names in alphabetical order, the one of the latest response first.
  let fieldSets: [[String]]
  /// Part of the keys of all variants.
  ///
  /// A target whose index was removed gets a new one, so that earlier variants are never found
  /// again.
  let generation: UInt64

  private let latestEnd: Atomic<Int64>

  /// The most sets: a target whose responses vary by more starts over.
  static let capacity = 8

  /// - Parameters:
  ///   - fieldSets: Sets of field names.
  ///   - generation: Part of the keys of all variants.
  ///   - end: The end of the last response, in steady milliseconds.
  init(fieldSets: [[String]], generation: UInt64, end: Int64) {
    self.fieldSets = fieldSets
    self.generation = generation
    latestEnd = Atomic(end)
  }

  /// The end of the last of the stored responses, in steady milliseconds.
  var end: Int64 { latestEnd.load(ordering: .relaxed) }

  /// Lets the index live at least as long as this.
  ///
  /// - Returns: The end that it has now.
  func extend(to end: Int64) -> Int64 { latestEnd.max(end, ordering: .relaxed).newValue }

  /// An index whose first set is this one.
  ///
  /// One that has too many sets takes another generation: if a set was left out and came back, so
  /// would responses that have been superseded meanwhile.
  func leading(with fields: [String]) -> VariantIndex {
    let sets = [fields] + fieldSets.filter { $0 != fields }
    guard sets.count <= Self.capacity else {
      return VariantIndex(fieldSets: [fields], generation: .random(in: .min ... .max), end: end)
    }
    return VariantIndex(fieldSets: sets, generation: generation, end: end)
  }

  var heapByteCount: Int {
    Allocator.allocationByteCount(
      forRequest: 16 + MemoryLayout<([[String]], UInt64, Int64)>.size) &+ fieldSets.heapByteCount
  }
}

extension HTTPHeaderFields.Field: HeapSized {
  /// The bytes of name and value.
  public var heapByteCount: Int { name.heapByteCount &+ value.heapByteCount }
}

extension HTTPHeaderFields: HeapSized {
  /// The bytes of the buffer, and of names and values.
  ///
  /// - Complexity: O(*n*).
  public var heapByteCount: Int { lines.heapByteCount }
}

extension HTTPResponseParts: HeapSized {
  /// The bytes of fields and body.
  ///
  /// - Complexity: O(*n*) in the number of fields.
  public var heapByteCount: Int { fields.heapByteCount &+ (body?.heapByteCount ?? 0) }
}
