/// The result of a conditional load for a value that the cache has.
///
/// A value that keeps what its source calls this version of it, an entity tag, a revision or a
/// time, gives ``Cache/value(forKey:timeToLive:within:orReload:)`` what it has to ask with:
///
/// <!-- with: client -->
/// ```swift
/// struct Page: HeapSized, Sendable {
///   var body: String
///   var entityTag: String?
/// }
/// let pages = Cache<String, Page>(byteLimit: 32 << 20, timeToLive: .seconds(60))
/// let about = try await pages.value(forKey: "/about") { path, old in
///   let response = try await client.page(path, ifNoneMatch: old?.entityTag)
///   guard let body = response.body else { return .notModified }
///   return .modified(Page(body: body, entityTag: response.entityTag))
/// }
/// ```
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
