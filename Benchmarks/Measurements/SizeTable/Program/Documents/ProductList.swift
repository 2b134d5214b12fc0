import Foundation
import LambdaCache
import LambdaCacheFoundation

/// A page of a shop's products.
struct ProductList: Codable, HeapSized {
  var page: Int
  var pageCount: Int
  var products: [Product]
  var facets: [String: [Facet]]

  struct Product: Codable {
    var sku: String
    var title: String
    var description: String
    var price: Price
    var tags: [String]
    var attributes: [String: String]
    var ratings: Ratings?
    var images: [URL]
  }

  struct Price: Codable {
    var amount: Decimal
    var currency: String
    var discount: Double?
  }

  struct Ratings: Codable {
    var average: Double
    var count: Int
    var histogram: [Int]
  }

  struct Facet: Codable {
    var value: String
    var count: Int
  }

  static func document(_ seed: Int) -> String {
    let products = (0..<(3 + seed % 6)).map { index in
      """
      {"sku": "SKU-\(seed)-\(index)", "title": "\(Sample.text(20 + index, seed))",
       "description": "\(Sample.text(120 + seed % 200, seed + index))",
       "price": {"amount": \(9 + index).99, "currency": "EUR"
         \(index % 2 == 0 ? ", \"discount\": 0.15" : "")},
       "tags": ["new", "\(Sample.text(17, seed + index))"],
       "attributes": {"colour": "anthracite-grey-metallic", "size": "XL", "weight": "1.2 kg"},
       "ratings": \(index % 3 == 0 ? "null"
         : "{\"average\": 4.5, \"count\": 120, \"histogram\": [1, 2, 3, 40, 74]}"),
       "images": ["https://example.com/i/\(seed)/\(index).jpg"]}
      """
    }
    return """
      {"page": \(seed % 40), "pageCount": 40, "products": [\(products.joined(separator: ","))],
       "facets": {"brand": [{"value": "\(Sample.text(18, seed))", "count": 12},
         {"value": "other", "count": 3}], "colour": [{"value": "anthracite-grey", "count": 4}]}}
      """
  }
}
