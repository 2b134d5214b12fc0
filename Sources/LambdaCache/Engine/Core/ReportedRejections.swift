/// The lines about rejected values that the log has, and whether one ends the process in a test.
@usableFromInline
package struct ReportedRejections: OptionSet, Sendable {
  @usableFromInline package let rawValue: UInt8

  @usableFromInline
  package init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// The first value that was too large, outlived or without room.
  package static var any: ReportedRejections { ReportedRejections(rawValue: 1) }
  /// The first value that cannot be measured.
  package static var unknownSize: ReportedRejections { ReportedRejections(rawValue: 2) }
  /// A value that cannot be measured ends the process.
  package static var endsProcess: ReportedRejections { ReportedRejections(rawValue: 4) }

  /// Whether nothing is left to log.
  @usableFromInline package var isComplete: Bool {
    isSuperset(of: [.any, .unknownSize])
  }
}

extension CacheCore {
  /// The lines that are to be logged after a write that was rejected; each comes once.
  ///
  /// A value that cannot be measured ends the process if `reported` says so.
  ///
  /// - Parameters:
  ///   - type: The type of the cache.
  ///   - name: The name of a cache on a budget.
  ///   - reported: What was logged before; what these lines say is added.
  package func rejectionLines(
    type: String, name: String?, reported: inout ReportedRejections
  ) -> [String] {
    var lines: [String] = []
    if !reported.contains(.any), counts.rejectionReasons.first != nil {
      reported.insert(.any)
      if let line = rejectionLine(type: type, name: name) { lines.append(line) }
    }
    guard counts.rejectionReasons.unknownSize > 0,
      !reported.contains(.unknownSize),
      let line = unknownSizeLine(type: type, name: name, failure: HeapWalk.lastFailure)
    else { return lines }
    reported.insert(.unknownSize)
    if reported.contains(.endsProcess) { fatalError(line) }
    return lines + [line]
  }
}
