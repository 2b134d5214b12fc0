import Foundation
import LambdaCache
import Testing

@testable import LambdaCacheHandlers

@Suite("A cache with invalidations")
struct InvalidatingCacheTests {
  private static let keys = ["user#1", "user#2", "user", "users", "price#1", ""]

  private static func makeCache() -> Cache<String, Int> {
    let cache = Cache<String, Int>(byteLimit: 1 << 16)
    for (index, key) in keys.enumerated() { cache[key] = index }
    return cache
  }

  @Test(
    "An invalidation removes the keys that it names, and nothing else",
    arguments: [
      ([], keys), ([.key("user")], keys.filter { $0 != "user" }), ([.key("nobody")], keys),
      ([.prefix("user#")], ["user", "users", "price#1", ""]),
      ([.prefix("user")], ["price#1", ""]), ([.prefix("")], []), ([.prefix("x")], keys),
      ([.prefix("user#"), .prefix("price")], ["user", "users", ""]),
      ([.key(""), .prefix("p"), .key("users")], ["user#1", "user#2", "user"]),
      ([.all], []), ([.key("user"), .all, .prefix("x")], []),
    ] as [([CacheInvalidation], [String])])
  func removals(_ invalidations: [CacheInvalidation], _ left: [String]) {
    let cache = Self.makeCache()
    cache.invalidate(invalidations)
    #expect(cache.hottest().map(\.key).sorted() == left.sorted())
  }

  @Test("One invalidation is applied as several are")
  func one() {
    let cache = Self.makeCache()
    cache.invalidate(.key("user"))
    #expect(cache.count == Self.keys.count - 1)
  }

  @Test(
    "An invalidation finds a prefix by characters and by bytes",
    arguments: [
      ("caf\u{E9}#1", "cafe\u{301}"), ("cafe\u{301}#1", "caf\u{E9}"), ("user#\u{301}1", "user#"),
      ("user#\u{FE0F}", "user#"), ("a\r\n", "a\r"),
    ])
  func prefixes(_ key: String, _ prefix: String) {
    let cache = Cache<String, Int>(byteLimit: 1 << 16)
    cache[key] = 1
    cache["other"] = 2
    cache.invalidate(.prefix(prefix))
    #expect(cache.hottest().map(\.key) == ["other"])
  }

  @Test("An invalidation removes the entries that have a tag")
  func tags() {
    let cache = Cache<String, Int>(byteLimit: 1 << 16) {
      $0.tags = { key, value in value > 1 ? ["large", key] : [key] }
    }
    for (index, key) in ["a", "b", "c"].enumerated() { cache[key] = index }
    cache.invalidate([.tag("large"), .tag("nobody")])
    #expect(cache.hottest().map(\.key).sorted() == ["a", "b"])
    cache.invalidate(.tag("a"))
    #expect(cache.hottest().map(\.key) == ["b"])
  }

  @Test(
    "An invalidated cache does not store what a load brings that began before",
    arguments: [.key("user#9"), .prefix("user#"), .tag("users"), .all] as [CacheInvalidation])
  func loadsUnderWay(_ invalidation: CacheInvalidation) async throws {
    let cache = Cache<String, Int>(byteLimit: 1 << 16) { $0.tags = { _, _ in ["users"] } }
    let value = try await cache.value(forKey: "user#9") { _ in
      cache.invalidate(invalidation)
      return 1
    }
    #expect(value == 1)
    #expect(cache.peekValue(forKey: "user#9") == nil)
    // Another key's load is not concerned, unless everything is.
    _ = try await cache.value(forKey: "other") { _ in
      cache.invalidate(.prefix("user#"))
      return 2
    }
    #expect(cache.peekValue(forKey: "other") == 2)
  }

  @Test("An event is applied to several caches, whatever their values")
  func several() throws {
    let names = Cache<String, String>(byteLimit: 1 << 16)
    let sizes = Cache<String, Int>(byteLimit: 1 << 16)
    for key in ["a", "b"] {
      names[key] = key
      sizes[key] = 1
    }
    let event = try InvalidationEvent(json: #"{"invalidate": {"keys": ["a"]}}"#)
    #expect(try event.apply(to: names, sizes).invalidations == [.key("a")])
    #expect(names.hottest().map(\.key) == ["b"])
    #expect(sizes.hottest().map(\.key) == ["b"])
  }

  @Test("A cache that is invalidated by events fits a runtime's handler in one line")
  func handler() async throws {
    let cache = Self.makeCache()
    let runtime = LambdaManagedRuntime { (event: InvalidationEvent, context: LambdaContext) in
      try event.apply(to: cache)
    }
    let text = #"{"Records":[{"messageId":"1","body":"{\"invalidate\":{\"prefixes\":[\"u\"]}}"}]}"#
    let event = try JSONDecoder().decode(InvalidationEvent.self, from: Data(text.utf8))
    #expect(try await runtime.invoke(event).errors.isEmpty)
    #expect(cache.count == 2)
  }
}
