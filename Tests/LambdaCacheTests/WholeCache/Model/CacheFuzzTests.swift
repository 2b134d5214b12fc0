import LambdaCache
import Testing

@Suite("Caches against a model of exact semantics")
struct CacheFuzzTests {
  @Test("The engine with chosen hashes agrees with the model: trivial keys and values")
  func trivialCore() {
    run(TrivialVocabulary.self, CoreDriver.self)
  }

  @Test("The engine with chosen hashes agrees with the model: equal hashes, tracked lifetimes")
  func collidingCore() {
    run(CollidingVocabulary.self, CoreDriver.self)
  }

  @Test(
    "The engine with chosen hashes agrees with the model: strings that are canonically equivalent")
  func textCore() {
    run(TextVocabulary.self, CoreDriver.self)
  }

  @Test("UniqueCache agrees with the model: trivial keys and values")
  func trivialUniqueCache() {
    run(TrivialVocabulary.self, UniqueCacheDriver.self)
  }

  @Test("UniqueCache agrees with the model: strings that are canonically equivalent")
  func textUniqueCache() {
    run(TextVocabulary.self, UniqueCacheDriver.self)
  }

  @Test("UniqueCache agrees with the model: keys of equal hashes, tracked lifetimes")
  func collidingUniqueCache() {
    run(CollidingVocabulary.self, UniqueCacheDriver.self)
  }

  @Test("Cache, used by one thread, agrees with the model: strings that are canonically equivalent")
  func textCache() {
    run(TextVocabulary.self, SharedCacheDriver.self)
  }

  @Test("Cache, used by one thread, agrees with the model: keys of equal hashes, tracked lifetimes")
  func collidingCache() {
    run(CollidingVocabulary.self, SharedCacheDriver.self)
  }

  private func run<Vocabulary: CacheVocabulary, Driver: CacheDriver>(
    _ vocabulary: Vocabulary.Type, _ driver: Driver.Type,
    sourceLocation: SourceLocation = #_sourceLocation
  ) where Driver.Key == Vocabulary.Key, Driver.Value == Vocabulary.Value {
    let coverage = Fuzz.run(
      CacheSubject<Vocabulary, Driver>.self, histories: 100, steps: 200,
      sourceLocation: sourceLocation)
    guard Fuzz.isThorough else { return }
    let places = [
      "inserted", "replaced", "rejected", "expired", "evicted for size", "updates that threw",
      "removed by condition",
    ]
    for place in places {
      #expect(coverage[place, default: 0] > 0, "\(place): never", sourceLocation: sourceLocation)
    }
  }
}
