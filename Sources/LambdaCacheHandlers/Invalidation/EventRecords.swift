/// The records of an event, as far as they are read.
///
/// A bad record does not make the others unreadable.
struct EventRecords: Sendable {
  private enum CodingKeys: String, CodingKey {
    case records = "Records"
  }

  /// The most records that Lambda puts into one event (AWS Lambda developer guide, *Event source
  /// mapping parameters*: a batch of 10,000).
  static let maximumCount = 10_000

  let records: [JSONValue]

  /// Reads the records.
  ///
  /// - Parameters:
  ///   - decoder: Where to read.
  ///   - part: What a record is.
  /// - Throws: `DecodingError` if there is no list of records, or one of more than `maximumCount`.
  init(from decoder: any Decoder, as part: JSONPart) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    var list = try container.nestedUnkeyedContainer(forKey: .records)
    var records: [JSONValue] = []
    while !list.isAtEnd {
      guard max(list.count ?? 0, records.count + 1) <= Self.maximumCount else {
        throw DecodingError.dataCorruptedError(
          in: list,
          debugDescription:
            "Records has more than \(Self.maximumCount) elements, which is the most "
            + "that Lambda sends")
      }
      records.append(try JSONValue(from: list.superDecoder(), as: part))
    }
    self.records = records
  }

  /// Reads each record.
  ///
  /// - Parameters:
  ///   - path: Where a record has its identifier.
  ///   - read: Reads what one record asks for.
  func batch(
    identifiedBy path: [String],
    reading read: (JSONValue) throws(InvalidationFault) -> [CacheInvalidation]
  ) -> InvalidationBatch {
    InvalidationBatch(
      records: records.enumerated().map { index, record in
        InvalidationBatch.Record(index, identifier: record.member(at: path)?.string) {
          () throws(InvalidationFault) in try read(record)
        }
      })
  }
}

extension InvalidationBatch.Record {
  init(
    _ index: Int, identifier: String?,
    reading read: () throws(InvalidationFault) -> [CacheInvalidation]
  ) {
    self.identifier = identifier
    do {
      outcome = .success(try read())
    } catch {
      outcome = .failure(error.inRecord(index, identifier: identifier))
    }
  }
}

extension JSONValue {
  func member(at path: [String]) -> JSONValue? {
    path.reduce(self as JSONValue?) { value, name in value?[name] }
  }

  /// The text at a path.
  func text(at path: [String]) throws(InvalidationFault) -> String {
    let place = path.joined(separator: ".")
    guard let value = member(at: path) else {
      throw InvalidationFault(path: place, problem: .missing(accepted: "a string"))
    }
    guard case .string(let text) = value else {
      throw InvalidationFault(path: place, value, accepted: "a string")
    }
    return text
  }
}
