import LambdaCache
import TestSupport
import Testing

@testable import LambdaCacheHandlers

@Suite("Names of keys in a shared tier")
struct TierNameTests: SharedTierSuite {
  private enum Currency: String, TierNamed { case euro, dollar }
  private struct Number: RawRepresentable, Hashable, TierNamed { var rawValue: Int }
  private struct Path: LosslessStringConvertible, Hashable, TierNamed {
    var description: String
    init(_ description: String) { self.description = description }
  }
  private struct Both: LosslessStringConvertible, RawRepresentable, Hashable, TierNamed {
    var rawValue: Int
    var description: String { "number \(rawValue)" }
    init(rawValue: Int) { self.rawValue = rawValue }
    init?(_ description: String) { nil }
  }
  private struct PriceKey: Hashable, HeapSized, Sendable, TierNamed {
    var article: Int
    var shop: String
    var tierName: String { "\(article):\(shop)" }
  }

  let fixture = SharedTierFixture()

  @Test("Strings and integers have their descriptions as names")
  func descriptions() {
    #expect("a:b%".tierName == "a:b%")
    #expect("xay".dropFirst().tierName == "ay")
    #expect(Character("é").tierName == "é")
    #expect((-7).tierName == "-7")
    #expect(UInt8.max.tierName == "255")
    #expect(Int64.min.tierName == "-9223372036854775808")
    #expect(UInt128.max.tierName == "340282366920938463463374607431768211455")
    #expect(true.tierName == "true")
  }

  @Test("Types with a raw value or a description have that, and where both are the description")
  func defaults() {
    #expect(Currency.euro.tierName == "euro")
    #expect(Number(rawValue: 7).tierName == "7")
    #expect(Path("a/b").tierName == "a/b")
    #expect(Both(rawValue: 7).tierName == "number 7")
  }

  @Test("A key of several parts is read through a tier by its name")
  func composed() async throws {
    let tier = TierEnvironment(engine).tier.named("prices")
    let key = PriceKey(article: 4, shop: "a:b")
    let caches = (0..<2).map { _ in
      Cache<PriceKey, String>(byteLimit: 1 << 16) { $0.clock = clock }
    }
    _ = try await caches[0].value(forKey: key, through: tier, codec: .text) { _ in "9.99" }
    #expect(engine.contents.keys.sorted() == ["prices:v:4:a:b"])
    let found = try await caches[1].value(forKey: key, through: tier, codec: .text) { _ in
      throw Unwanted()
    }
    #expect(found == "9.99")
    #expect(try await caches[1].removeValue(forKey: key, through: tier) == "9.99")
    #expect(engine.contents.isEmpty)
  }

  @Test("Two tenants never have a name in common, whatever names and keys are", arguments: 0..<50)
  func tenants(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let parts = ["a", "b", ":", "%", "%3A", "%25", "é", "e\u{301}", ""]
    var owners: [[UInt8]: [[UInt8]]] = [:]
    for _ in 0..<200 {
      let texts = (0..<2).map { _ in
        (0..<random.number(0...3)).map { _ in random.pick(parts) }.joined()
      }
      let key = TenantKey(tenant: texts[0], key: texts[1])
      let owner = texts.map { [UInt8]($0.utf8) }
      let name = [UInt8](key.tierName.utf8)
      #expect(owners[name] == nil || owners[name] == owner, "\(texts)")
      owners[name] = owner
    }
    #expect(TenantKey(tenant: "a:b", key: "c").tierName == "a%3Ab:c")
    #expect(TenantKey(tenant: "a", key: "b:c").tierName == "a:b:c")
  }
}
