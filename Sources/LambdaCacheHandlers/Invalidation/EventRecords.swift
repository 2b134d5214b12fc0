/// The records of an event, each as whatever JSON it is, so that a bad one does not make the others
/// unreadable.
struct EventRecords: Decodable, Sendable {
  private enum CodingKeys: String, CodingKey {
    case records = "Records"
  }

  let records: [JSONValue]

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    records = try container.decode([JSONValue].self, forKey: .records)
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
      throw InvalidationFault(
        path: place, problem: .mismatch(found: value.kind, accepted: "a string"))
    }
    return text
  }
}
