public import LambdaCache
import Synchronization

/// What an ``HTTPResponseCache`` keeps under a key: a response, or which fields the responses to
/// one target vary by.
public struct StoredResponse: Sendable, HeapSized {
  enum Content: Sendable {
    case response(ResponseRecord)
    case index(VariantIndex)
  }

  let content: Content

  init(_ response: ResponseRecord) { content = .response(response) }

  init(_ index: VariantIndex) { content = .index(index) }

  /// The response; `nil` for an entry that only tells its variants apart.
  public var response: HTTPResponseParts? {
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

/// A response as it is kept, with what its age and its use depend on.
final class ResponseRecord: Sendable {
  /// Everything but the fields that are not kept; its fields have a `Date` and no `Age`.
  let response: HTTPResponseParts
  /// Its `ETag`.
  let entityTag: EntityTag?
  /// Its `Last-Modified`, or its `Date`, in seconds.
  let lastModified: Int64
  /// Names of the request fields that select it, in alphabetical order.
  let varyingFields: [String]
  let traits: ResponseTraits
  /// Milliseconds; see ``Storability``.
  let lifetime: Int64
  let staleWhileRevalidate: Int64
  let staleIfError: Int64
  /// Its age when it came, in milliseconds.
  let initialAge: Int64
  /// When it came, by ``HTTPCacheClock/Reading/steady``.
  let arrival: Int64
  private let wasServedStale = Atomic<Bool>(false)

  init(
    response: HTTPResponseParts, entityTag: EntityTag?, lastModified: Int64,
    varyingFields: [String], storability: Storability, traits: ResponseTraits, initialAge: Int64,
    arrival: Int64
  ) {
    self.response = response
    self.entityTag = entityTag
    self.lastModified = lastModified
    self.varyingFields = varyingFields
    self.traits = traits
    lifetime = storability.lifetime
    staleWhileRevalidate = storability.staleWhileRevalidate
    staleIfError = storability.staleIfError
    self.initialAge = initialAge
    self.arrival = arrival
  }

  /// The age in milliseconds (RFC 9111, section 4.2.3).
  func age(at now: HTTPCacheClock.Reading) -> Int64 { initialAge + max(0, now.steady - arrival) }

  /// Notes that the response is served although it is stale.
  ///
  /// - Returns: Whether it had been before.
  func noteStaleUse() -> Bool { wasServedStale.exchange(true, ordering: .relaxed) }

  /// What makes the handler answer 304 if nothing has changed, by name.
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

  /// How long the entry lives: as long as it may be of use; zero or less if it is of none.
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

  /// What directives can name at the most.
  private static var longestWindow: Int64 { Int64(DirectiveSeconds.largest) * 1000 }

  var heapByteCount: Int {
    let object = Allocator.allocationByteCount(forRequest: Self.instanceByteCount)
    return object &+ response.heapByteCount &+ (entityTag?.opaque.heapByteCount ?? 0)
      &+ varyingFields.heapByteCount
  }

  /// The object's header of two words and its properties, in the order of their declaration.
  private static let instanceByteCount =
    16
    + MemoryLayout<
      (
        HTTPResponseParts, EntityTag?, Int64, [String], ResponseTraits, Int64, Int64, Int64, Int64,
        Int64, Bool
      )
    >.size
}

/// Which request fields the stored responses to a target vary by.
final class VariantIndex: Sendable {
  /// Sets of field names in alphabetical order, the one of the latest response first.
  let fieldSets: [[String]]
  /// Part of the keys of all variants.
  ///
  /// A target whose index was removed gets a new one, so that variants from before are never found
  /// again.
  let generation: UInt64

  /// How many sets are kept: a target whose responses vary by more loses the oldest.
  static let capacity = 4

  init(fieldSets: [[String]], generation: UInt64) {
    self.fieldSets = fieldSets
    self.generation = generation
  }

  /// An index whose first set is this one.
  func leading(with fields: [String]) -> VariantIndex {
    let others = fieldSets.filter { $0 != fields }
    return VariantIndex(
      fieldSets: Array(([fields] + others).prefix(Self.capacity)), generation: generation)
  }

  var heapByteCount: Int {
    Allocator.allocationByteCount(
      forRequest: 16 + MemoryLayout<([[String]], UInt64)>.size) &+ fieldSets.heapByteCount
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
