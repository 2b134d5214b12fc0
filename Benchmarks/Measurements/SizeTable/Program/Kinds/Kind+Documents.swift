import Foundation
import LambdaCache

extension Kind {
  static var documents: [Kind] {
    [
      document("user profile", UserProfile.document, of: UserProfile.self),
      document("product list", ProductList.document, of: ProductList.self),
      document("map features", FeatureCollection.document, of: FeatureCollection.self),
      document("weather forecast", Forecast.document, of: Forecast.self),
      document("issue with comments", IssueThread.document, of: IssueThread.self),
    ]
  }

  /// A kind whose values are decoded from documents.
  private static func document<Value: HeapSized & Decodable & SendableMetatype>(
    _ name: String, _ document: @escaping @Sendable (Int) -> String, of type: Value.Type
  ) -> Kind {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    return Kind(name, .documents) { seed in
      do {
        return try decoder.decode(Value.self, from: Data(document(seed).utf8))
      } catch {
        fatalError("\(name) \(seed) cannot be decoded: \(error)")
      }
    }
  }
}
