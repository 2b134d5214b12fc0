import Foundation
import LambdaCache
import LambdaCacheFoundation

/// A weather forecast by the hour: long rows of numbers and few strings.
struct Forecast: Codable, HeapSized {
  var station: String
  var issued: Date
  var hourly: Hourly
  var warnings: [Warning]?

  struct Hourly: Codable {
    var time: [Date]
    var temperature: [Double]
    var rain: [Double?]
    var symbol: [Int]
  }

  struct Warning: Codable {
    var level: String
    var text: String
  }

  static func document(_ seed: Int) -> String {
    let hours = 24 + seed % 25
    func row(_ cell: (Int) -> String) -> String {
      "[" + (0..<hours).map(cell).joined(separator: ",") + "]"
    }
    let warnings =
      seed % 3 == 0 ? "[{\"level\": \"amber\", \"text\": \"\(Sample.text(90, seed))\"}]" : "null"
    return """
      {"station": "Wien Hohe Warte \(seed)", "issued": "2025-01-01T06:00:00Z",
       "hourly": {"time": \(row { "\"2025-01-0\(1 + $0 / 24)T\(10 + $0 % 10):00:00Z\"" }),
         "temperature": \(row { "\(Double($0 - 5) / 2)" }),
         "rain": \(row { $0 % 4 == 0 ? "null" : "0.\($0)" }),
         "symbol": \(row { "\($0 % 30)" })},
       "warnings": \(warnings)}
      """
  }
}
