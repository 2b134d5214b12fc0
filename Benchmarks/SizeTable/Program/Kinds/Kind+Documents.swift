import Foundation
import LambdaCache

extension Kind {
  static var documents: [Kind] {
    [
      document("user profile", cacheCount: 100_000, UserProfile.document, of: UserProfile.self),
      document("product list", cacheCount: 30_000, ProductList.document, of: ProductList.self),
      document(
        "map features", cacheCount: 30_000, FeatureCollection.document,
        of: FeatureCollection.self),
      document("weather forecast", cacheCount: 30_000, Forecast.document, of: Forecast.self),
      document(
        "issue with comments", cacheCount: 60_000, IssueThread.document, of: IssueThread.self),
    ]
  }

  /// A kind whose values are decoded from documents.
  private static func document<Value: HeapSized & Decodable & SendableMetatype>(
    _ name: String, cacheCount: Int, _ document: @escaping @Sendable (Int) -> String,
    of type: Value.Type
  ) -> Kind {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    return Kind(name, .documents, cacheCount: cacheCount) { seed in
      do {
        return try decoder.decode(Value.self, from: Data(document(seed).utf8))
      } catch {
        fatalError("\(name) \(seed) cannot be decoded: \(error)")
      }
    }
  }
}
