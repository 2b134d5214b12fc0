/// What a conditional load found out about a value that the cache has.
///
/// See ``Cache/value(forKey:timeToLive:within:orReload:)``.
public enum Reload<Value> {
  /// The value is this one now.
  case modified(Value)

  /// The value that the loading closure was given is still right: it is as fresh as if it had been
  /// loaded now, and nothing else about it changes.
  case notModified
}

extension Reload: Sendable where Value: Sendable {}
extension Reload: Equatable where Value: Equatable {}
extension Reload: Hashable where Value: Hashable {}

/// A value and what its source calls this version of it: an entity tag, a revision, a time.
///
/// As the value of a cache it gives a conditional load what it has to ask with:
///
/// ```swift
/// let cache = Cache<String, Versioned<Profile, String>>(
///   byteLimit: 32 << 20, expiration: expiration)
/// let profile = try await cache.value(forKey: name) { name, old in
///   let response = try await client.profile(name, ifNoneMatch: old?.version)
///   guard let body = response.body else { return .notModified }
///   return .modified(Versioned(body, version: response.entityTag))
/// }
/// ```
public struct Versioned<Content, Version> {
  /// The value.
  public var content: Content
  /// What its source calls this version of it.
  public var version: Version

  /// Pairs a value with its version.
  ///
  /// - Parameters:
  ///   - content: The value.
  ///   - version: What its source calls this version of it.
  @inlinable
  public init(_ content: Content, version: Version) {
    self.content = content
    self.version = version
  }
}

extension Versioned: Sendable where Content: Sendable, Version: Sendable {}
extension Versioned: Equatable where Content: Equatable, Version: Equatable {}
extension Versioned: Hashable where Content: Hashable, Version: Hashable {}

extension Versioned: HeapSized where Content: HeapSized, Version: HeapSized {
  /// The bytes that value and version own.
  @inlinable public var heapByteCount: Int { content.heapByteCount + version.heapByteCount }

  /// Whether neither can own any.
  @inlinable public static var isHeapFree: Bool { Content.isHeapFree && Version.isHeapFree }
}
