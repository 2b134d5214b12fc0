import Foundation
import LambdaCache
import LambdaCacheFoundation

extension Kind {
  static var foundation: [Kind] {
    [
      Kind("Data, 10 bytes", .foundation) { Data(repeating: UInt8($0 & 0xFF), count: 10) },
      Kind("Data, 200 bytes", .foundation) { Data(repeating: UInt8($0 & 0xFF), count: 200) },
      Kind("Data, 5,000 bytes", .foundation) {
        Data(repeating: UInt8($0 & 0xFF), count: 5_000)
      },
      Kind("URL", .foundation) {
        URL(string: "https://example.com/users/\($0 + 1_000)/picture?size=large")
      },
      Kind("struct with Date, UUID, Decimal, URL?", .foundation) {
        Invoice(seed: $0)
      },
      Kind("Measurement<UnitLength>", .foundation) {
        Measurement(value: Double($0), unit: UnitLength.kilometers)
      },
      Kind("struct with Measurements", .foundation) { Parcel(seed: $0) },
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

private struct Parcel: HeapSized {
  var name: String
  var weight: Measurement<UnitMass>
  var length: Measurement<UnitLength>
  var consumption: Measurement<UnitFuelEfficiency>?

  init(seed: Int) {
    name = Sample.text(seed % 60, seed)
    weight = Measurement(value: Double(seed), unit: .grams)
    length = Measurement(value: 3, unit: .yards)
    consumption = seed % 3 == 0 ? Measurement(value: 30, unit: .milesPerGallon) : nil
  }
}
