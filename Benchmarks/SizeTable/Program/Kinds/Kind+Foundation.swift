import Foundation
import LambdaCache
import LambdaCacheFoundation

extension Kind {
  static var foundation: [Kind] {
    [
      Kind("Data, 10 bytes", .foundation) { Data(repeating: UInt8($0 & 0xFF), count: 10) },
      Kind("Data, 200 bytes", .foundation) { Data(repeating: UInt8($0 & 0xFF), count: 200) },
      Kind("Data, 5,000 bytes", .foundation, cacheCount: 100_000) {
        Data(repeating: UInt8($0 & 0xFF), count: 5_000)
      },
      Kind("URL", .foundation, cacheCount: 500_000) {
        URL(string: "https://example.com/users/\($0 + 1_000)/picture?size=large")
      },
      Kind("struct with Date, UUID, Decimal, URL?", .foundation, cacheCount: 500_000) {
        Invoice(seed: $0)
      },
    ]
  }
}

private struct Invoice: HeapSized {
  var identifier: UUID
  var date: Date
  var amount: Decimal
  var document: URL?
  var note: String

  init(seed: Int) {
    let byte = UInt8(truncatingIfNeeded: seed)
    identifier = UUID(
      uuid: (byte, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))
    date = Date(timeIntervalSince1970: Double(seed))
    amount = Decimal(seed)
    document = seed % 2 == 0 ? nil : URL(string: "https://example.com/invoices/\(seed).pdf")
    note = Sample.text(seed % 60, seed)
  }
}
